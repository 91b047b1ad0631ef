// Reading the body, finding the route, and the routes that change something. The reports are in
// control_reports.cpp, what is about Connect in control_connect.cpp,
// faults and limits in control_faults.cpp, payers and their cards in control_cards.cpp.
#include "stripe_sim/control.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "stripe_sim/billing.h"
#include "stripe_sim/clock_scope.h"
#include "stripe_sim/control_body.h"
#include "stripe_sim/disputes.h"
#include "stripe_sim/payers.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {
namespace {

http::Reply RefuseControl(int status, const std::string& why) {
    json::object error;
    error["message"] = why;
    json::object body;
    body["error"] = std::move(error);
    return http::Json(status, json::serialize(body));
}

json::object ReadBody(const http::Request& request) {
    json::object body;
    if (request.method == "GET") {
        for (const auto& [name, value] : request.query) body[name] = value;
    } else if (!request.body.empty()) {
        body = json::parse(request.body).as_object();
    }
    return body;
}

FinalAction ReadFinalAction(const std::string& name) {
    if (name == "none") return FinalAction::kNone;
    if (name == "cancel") return FinalAction::kCancel;
    if (name == "unpaid") return FinalAction::kUnpaid;
    if (name == "uncollectible") return FinalAction::kUncollectible;
    throw Refusal("\"finalAction\" is none, cancel, unpaid or uncollectible");
}

json::object DescribeAccount(const Account& account) {
    json::array schedule(account.retry_schedule.begin(), account.retry_schedule.end());
    json::object object;
    object["id"] = account.id;
    object["name"] = account.name;
    object["email"] = account.email;
    object["currency"] = account.currency;
    object["apiVersion"] = account.api_version;
    object["retrySchedule"] = std::move(schedule);
    return object;
}

}  // namespace

const Control::Route Control::kRoutes[] = {
    {"POST", "/_sim/populate", &Control::Populate},
    {"POST", "/_sim/accounts", &Control::AddAccount},
    {"POST", "/_sim/account", &Control::SetAccount},
    {"POST", "/_sim/keys", &Control::PutKey},
    {"POST", "/_sim/oauth", &Control::Authorize},
    {"POST", "/_sim/customers", &Control::AddCustomer},
    {"POST", "/_sim/card", &Control::SetCard},
    {"POST", "/_sim/subscriptions", &Control::AddSubscription},
    {"POST", "/_sim/renew", &Control::Renew},
    {"POST", "/_sim/mail", &Control::Mail},
    {"POST", "/_sim/faults", &Control::SetFaults},
    {"POST", "/_sim/limits", &Control::SetLimits},
    {"POST", "/_sim/deauthorize", &Control::Deauthorize},
    {"POST", "/_sim/dispute", &Control::Dispute},
    {"POST", "/_sim/endpoint", &Control::SetEndpoint},
    {"POST", "/_sim/roll-secret", &Control::RollSecret},
    {"POST", "/_sim/clock", &Control::SetClock},
    {"POST", "/_sim/wake", &Control::Wake},
    {"GET", "/_sim/state", &Control::State},
    {"GET", "/_sim/faults", &Control::ShowFaults},
    {"GET", "/_sim/ledger", &Control::ShowLedger},
    {"GET", "/_sim/requests", &Control::ShowRequests},
    {"GET", "/_sim/check", &Control::Check},
    {"GET", "/_sim/acknowledged", &Control::Acknowledged},
    {"GET", "/_sim/payers", &Control::ShowPayers},
    {"GET", "/_sim/cli-sessions", &Control::ShowCliSessions},
};

Control::Control(World& world, FaultPlan& faults, Webhooks& webhooks, std::function<void()> nudge)
    : world_(world), faults_(faults), webhooks_(webhooks), nudge_(std::move(nudge)) {}

http::Reply Control::Handle(const http::Request& request) {
    try {
        for (const auto& route : kRoutes) {
            if (route.method != request.method || route.path != request.path) continue;
            auto answer = (this->*route.action)(ReadBody(request));
            if (request.method == "POST") nudge_();
            return http::Json(200, json::serialize(answer));
        }
    } catch (const std::exception& error) {  // a refusal of ours, or JSON that is none
        return RefuseControl(400, error.what());
    }
    return RefuseControl(404, fmt::format("there is no {} {}", request.method, request.path));
}

Account& Control::AccountIn(const json::object& body) {
    auto id = Member<std::string>(body, "account", "");
    if (id.empty() || id == "platform") return world_.Platform();
    if (auto* account = world_.FindAccount(id)) return *account;
    throw Refusal(fmt::format("no account {}", id));
}

json::object Control::Populate(const json::object& body) {
    PopulationPlan plan;
    plan.merchants = Member(body, "merchants", plan.merchants);
    plan.customers = Member(body, "customers", plan.customers);
    plan.days = Member(body, "days", plan.days);
    plan.spread_days = Member(body, "spreadDays", plan.spread_days);
    plan.seed = Member(body, "seed", plan.seed);
    plan.failure_rate = Member(body, "failureRate", plan.failure_rate);
    if (plan.merchants < 1 || plan.customers < 0 || plan.days < 1) {
        throw Refusal("\"merchants\" and \"days\" are at least 1, \"customers\" at least 0");
    }
    json::array accounts;
    for (const auto* account : stripe_sim::Populate(world_, plan))
        accounts.emplace_back(DescribeAccount(*account));
    json::object answer;
    answer["accounts"] = std::move(accounts);
    return answer;
}

json::object Control::AddAccount(const json::object& body) {
    auto version = Member<std::string>(body, "apiVersion", std::string(kNewVersion));
    auto& account = world_.AddAccount(Member<std::string>(body, "name", "Test merchant"), version);
    account.email = Member<std::string>(body, "email", "merchant@example.com");
    account.currency = Member<std::string>(body, "currency", account.currency);
    account.country = Member<std::string>(body, "country", account.country);
    account.retry_schedule = Member(body, "retrySchedule", account.retry_schedule);
    account.connected = Member(body, "connected", true);
    account.final_action = ReadFinalAction(Member<std::string>(body, "finalAction", "none"));
    return DescribeAccount(account);
}

json::object Control::AddSubscription(const json::object& body) {
    auto& account = AccountIn(body);
    auto* customer = account.customers.Find(RequiredText(body, "customer"));
    if (!customer) throw Refusal("no such customer in that account");
    InTimeOf inside(world_, account, customer->test_clock);
    SubscriptionTerms terms;
    terms.amount = Member(body, "amount", terms.amount);
    terms.currency = Member(body, "currency", account.currency);
    terms.renewals = Member(body, "renewals", terms.renewals);
    terms.first_renewal = world_.Now() + std::chrono::days(30);
    if (auto text = Member<std::string>(body, "renewAt", ""); !text.empty()) {
        auto time = ParseTime(text);
        if (!time) throw Refusal("\"renewAt\" is an RFC 3339 time");
        terms.first_renewal = *time;
    }
    auto& subscription = StartSubscription(world_, account, *customer, terms);
    for (const auto& [key, value] : Member(body, "metadata", Metadata())) subscription.metadata[key] = value;
    world_.Emit(account, "customer.subscription.created", Keep(subscription));
    json::object answer;
    answer["id"] = subscription.id;
    return answer;
}

json::object Control::Renew(const json::object& body) {
    auto id = RequiredText(body, "subscription");
    for (const auto& [name, account] : world_.accounts) {
        auto* subscription = account->subscriptions.Find(id);
        if (!subscription) continue;
        InTimeOf inside(world_, *account, ClockOf(*account, id));
        const auto& invoice = stripe_sim::Renew(world_, *account, *subscription);
        json::object answer;
        answer["invoice"] = invoice.id;
        answer["status"] = invoice.status;
        answer["paymentIntent"] = invoice.payment_intent;
        return answer;
    }
    throw Refusal("no such subscription in any connected account");
}

json::object Control::Mail(const json::object& body) {
    auto at =
        ReceiveMail(world_, AccountIn(body), RequiredText(body, "customer"), RequiredText(body, "invoice"));
    json::object answer;
    answer["actsAt"] = nullptr;
    if (at) answer["actsAt"] = FormatTime(*at);
    return answer;
}

json::object Control::Dispute(const json::object& body) {
    auto id = RequiredText(body, "charge");
    for (const auto& [name, account] : world_.accounts) {
        auto* charge = account->charges.Find(id);
        if (!charge) continue;
        if (!charge->succeeded()) throw Refusal("that charge did not succeed");
        json::object answer;
        answer["id"] = OpenDispute(world_, *account, *charge).id;
        return answer;
    }
    throw Refusal("no such charge in any connected account");
}

json::object Control::SetClock(const json::object& body) {
    auto* manual = dynamic_cast<const ManualClock*>(&world_.clock);
    if (!manual) throw Refusal("this clock runs by itself; only a fixed one can be set");
    auto time = ParseTime(RequiredText(body, "now"));
    if (!time || *time < world_.Now())
        throw Refusal("\"now\" is an RFC 3339 time, not before the present one");
    const_cast<ManualClock*>(manual)->Set(*time);
    return State(body);
}

json::object Control::Wake(const json::object& body) { return State(body); }

}  // namespace citadel::stripe_sim
