#include "stripe/client.h"

#include <boost/json.hpp>

#include "base/log.h"
#include "runtime/wake.h"
#include "stripe/answer.h"

namespace citadel::stripe {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

// The events of a few seconds in which charges of the account ended, newest first.
struct ChargeEvents {
    std::optional<std::string> key;  // of the charge that is looked for, if it is among them
    std::string last;                // to go on after; empty: there are no more
};

ChargeEvents ReadChargeEvents(const json::object& list, const std::string& charge) {
    ChargeEvents events;
    for (const auto& row : list.at("data").as_array()) {
        const auto& event = row.as_object();
        events.last = ReadText(event, "id");
        if (ReadText(event.at("data").at("object").as_object(), "id") != charge) continue;
        auto request = event.if_contains("request");
        bool asked_for = request && request->is_object();
        events.key = asked_for ? ReadText(request->as_object(), "idempotency_key") : "";
        break;
    }
    if (!ReadFlag(list, "has_more")) events.last.clear();
    return events;
}

}  // namespace

asio::awaitable<http::Answer> Client::Send(std::string method, std::string path, std::string form,
                                           std::string idempotency_key) {
    Random jitter(std::hash<std::string>()(path + idempotency_key));
    Secret own_key;
    http::Answer unsent;
    unsent.kind = http::Answer::Kind::kNotSent;
    try {
        if (own_keys_ && !account_.empty()) own_key = co_await own_keys_->KeyOf(account_);
    } catch (const std::exception& error) {
        unsent.error = std::string("the merchant's key could not be read: ") + error.what();
    }
    if (!unsent.error.empty()) co_return unsent;
    for (int sent = 0;; ++sent) {
        http::Call call;
        call.method = method;
        call.url = settings_.base + path;
        call.body = form;
        call.deadline = method == "GET" ? settings_.read_deadline : settings_.deadline;
        const Secret& key = own_key.empty() ? settings_.key : own_key;
        call.headers.emplace_back("Authorization", "Bearer " + key.Reveal());
        call.headers.emplace_back("Stripe-Version", kApiVersion);
        if (!account_.empty() && own_key.empty()) call.headers.emplace_back("Stripe-Account", account_);
        bool is_v2 = path.starts_with("/v2/");
        auto content_type = is_v2 ? "application/json" : "application/x-www-form-urlencoded";
        if (method == "POST") call.headers.emplace_back("Content-Type", content_type);
        if (!idempotency_key.empty()) call.headers.emplace_back("Idempotency-Key", idempotency_key);
        http::Answer answer = co_await http_.Fetch(std::move(call));
        if (sent >= settings_.resends_max || !ShouldResend(answer)) co_return answer;
        auto wait = std::min(settings_.first_backoff * (1 << sent), std::chrono::milliseconds(5000));
        co_await runtime::Sleep(wait / 2 + std::chrono::milliseconds(jitter.Below(1 + wait.count() / 2)));
    }
}

asio::awaitable<Outcome<LiveInvoice>> Client::RetrieveInvoice(std::string id) {
    auto path = "/v1/invoices/" + http::PercentEncode(id) + "?" + kLiveInvoiceExpansions;
    http::Answer answer = co_await Send("GET", path, "", "");
    Outcome<LiveInvoice> outcome = ReadAnswer<LiveInvoice>(answer, ReadLiveInvoice);
    co_return outcome;
}

asio::awaitable<Outcome<LiveSubscription>> Client::RetrieveSubscription(std::string id) {
    auto path = "/v1/subscriptions/" + http::PercentEncode(id) + "?" + kLiveSubscriptionExpansions;
    http::Answer answer = co_await Send("GET", path, "", "");
    Outcome<LiveSubscription> outcome = ReadAnswer<LiveSubscription>(answer, ReadLiveSubscription);
    co_return outcome;
}

asio::awaitable<Outcome<Invoice>> Client::PayInvoice(std::string id, std::string idempotency_key,
                                                     std::string payment_method) {
    std::string form = "off_session=true";
    if (!payment_method.empty()) form += "&payment_method=" + http::PercentEncode(payment_method);
    auto path = "/v1/invoices/" + http::PercentEncode(id) + "/pay";
    http::Answer answer = co_await Send("POST", path, form, std::move(idempotency_key));
    Outcome<Invoice> outcome = ReadAnswer<Invoice>(answer, ReadInvoice);
    co_return outcome;
}

asio::awaitable<Outcome<std::optional<PaymentMethod>>> Client::NewestPaymentMethod(std::string customer) {
    using Found = std::optional<PaymentMethod>;
    auto path = "/v1/customers/" + http::PercentEncode(customer) + "/payment_methods?limit=1";
    http::Answer answer = co_await Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        const auto& data = list.at("data").as_array();
        return data.empty() ? Found() : Found(ReadPaymentMethod(data.front().as_object()));
    };
    Outcome<Found> outcome = ReadAnswer<Found>(answer, read);
    co_return outcome;
}

asio::awaitable<Outcome<std::vector<Charge>>> Client::ListCharges(std::string payment_intent) {
    auto path = "/v1/charges?limit=100&payment_intent=" + http::PercentEncode(payment_intent);
    http::Answer answer = co_await Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        std::vector<Charge> charges;
        for (const auto& row : list.at("data").as_array()) charges.push_back(ReadCharge(row.as_object()));
        return charges;
    };
    Outcome<std::vector<Charge>> outcome = ReadAnswer<std::vector<Charge>>(answer, read);
    co_return outcome;
}

asio::awaitable<Outcome<std::optional<std::string>>> Client::KeyOfCharge(std::string charge, Time created) {
    constexpr int kPagesMax = 10;
    auto second = std::chrono::floor<std::chrono::seconds>(created).time_since_epoch().count();
    auto path = fmt::format(
        "/v1/events?limit=100&types[]=charge.failed&types[]=charge.succeeded"
        "&created[gte]={}&created[lte]={}",
        second - 2, second + 60);
    Outcome<std::optional<std::string>> key = std::optional<std::string>();
    std::string after;
    for (int page = 0; page < kPagesMax; ++page) {
        http::Answer answer = co_await Send("GET", path + after, "", "");
        auto read = ReadAnswer<ChargeEvents>(
            answer, [&](const json::object& list) { return ReadChargeEvents(list, charge); });
        if (auto failure = std::get_if<Failure>(&read)) {
            key = *failure;
            co_return key;
        }
        const auto& events = std::get<ChargeEvents>(read);
        if (events.key) key = events.key;
        if (events.key || events.last.empty()) co_return key;
        after = "&starting_after=" + http::PercentEncode(events.last);
    }
    co_return key;
}

asio::awaitable<Outcome<std::vector<Time>>> Client::ListPaidAtFirstTry(std::string customer) {
    auto path = "/v1/invoices?status=paid&limit=24&customer=" + http::PercentEncode(customer);
    http::Answer answer = co_await Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        std::vector<Time> times;
        for (const auto& row : list.at("data").as_array()) {
            const auto& invoice = row.as_object();
            if (ReadText(invoice, "billing_reason") != "subscription_cycle") continue;
            if (ReadInteger(invoice, "attempt_count").value_or(0) != 1) continue;
            if (ReadInteger(invoice, "amount_paid").value_or(0) <= 0) continue;
            if (auto paid_at = ReadTime(invoice, "status_transitions.paid_at")) times.push_back(*paid_at);
        }
        return times;
    };
    Outcome<std::vector<Time>> outcome = ReadAnswer<std::vector<Time>>(answer, read);
    co_return outcome;
}

asio::awaitable<Outcome<Invoice>> Client::SetAutoAdvance(std::string id, bool on,
                                                         std::string idempotency_key) {
    auto path = "/v1/invoices/" + http::PercentEncode(id);
    std::string form = on ? "auto_advance=true" : "auto_advance=false";
    http::Answer answer = co_await Send("POST", path, form, std::move(idempotency_key));
    Outcome<Invoice> outcome = ReadAnswer<Invoice>(answer, ReadInvoice);
    co_return outcome;
}

asio::awaitable<Outcome<Invoice>> Client::MarkUncollectible(std::string id, std::string idempotency_key) {
    auto path = "/v1/invoices/" + http::PercentEncode(id) + "/mark_uncollectible";
    http::Answer answer = co_await Send("POST", path, "", std::move(idempotency_key));
    Outcome<Invoice> outcome = ReadAnswer<Invoice>(answer, ReadInvoice);
    co_return outcome;
}

asio::awaitable<std::optional<Failure>> Client::CancelSubscription(std::string id) {
    auto path = "/v1/subscriptions/" + http::PercentEncode(id);
    http::Answer answer = co_await Send("DELETE", path, "", "");
    std::optional<Failure> failure = ReadFailure(answer);
    co_return failure;
}

asio::awaitable<Outcome<Client::InvoicePage>> Client::ListOpenInvoices(Time created_since,
                                                                       std::string after) {
    auto since = std::chrono::floor<std::chrono::seconds>(created_since).time_since_epoch().count();
    auto path = "/v1/invoices?status=open&limit=100&created[gte]=" + std::to_string(since);
    if (!after.empty()) path += "&starting_after=" + http::PercentEncode(after);
    http::Answer answer = co_await Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        InvoicePage page;
        for (const auto& row : list.at("data").as_array())
            page.invoices.push_back(ReadInvoice(row.as_object()));
        page.has_more = ReadFlag(list, "has_more");
        return page;
    };
    Outcome<InvoicePage> outcome = ReadAnswer<InvoicePage>(answer, read);
    co_return outcome;
}

}  // namespace citadel::stripe
