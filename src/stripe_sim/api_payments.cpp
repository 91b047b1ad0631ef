// /v1/payment_intents, /v1/charges, /v1/refunds and billing meter events.
#include <fmt/format.h>

#include <charconv>

#include "stripe_sim/api_list.h"
#include "stripe_sim/settlement.h"

namespace citadel::stripe_sim {
namespace {

json::object GetPaymentIntent(ApiCall& call) {
    return Render(call.view,
                  FindOr404(call.account.payment_intents, "payment_intent", call.captures.at(0), "intent"));
}

json::object GetCharge(ApiCall& call) {
    return Render(call.view, FindOr404(call.account.charges, "charge", call.captures.at(0)));
}

json::object ListCharges(ApiCall& call) {
    auto intent = call.params.Text("payment_intent"), customer = call.params.Text("customer");
    auto keep = [&](const Charge& charge) {
        return (!intent || charge.payment_intent == *intent) && (!customer || charge.customer == *customer) &&
               call.params.InRange("created", charge.created);
    };
    return ListOf(call, "/v1/charges", call.account.charges.all(), keep);
}

Charge& ChargeToRefund(ApiCall& call) {
    auto id = call.params.TextOr("charge");
    if (auto intent_id = call.params.TextOr("payment_intent"); !intent_id.empty()) {
        id = FindOr404(call.account.payment_intents, "payment_intent", intent_id, "payment_intent")
                 .latest_charge;
    }
    if (id.empty()) {
        throw BadParameter("parameter_missing",
                           "One of the following params should be provided for this request: "
                           "payment_intent or charge.",
                           "charge");
    }
    auto& charge = FindOr404(call.account.charges, "charge", id, "charge");
    if (!charge.succeeded()) {
        throw InvalidRequest(400, "", fmt::format("Charge {} cannot be refunded: it did not succeed.", id),
                             "charge");
    }
    return charge;
}

json::object CreateRefund(ApiCall& call) {
    auto& charge = ChargeToRefund(call);
    auto left = charge.amount - charge.amount_refunded;
    if (left == 0) {
        throw InvalidRequest(400, "charge_already_refunded",
                             fmt::format("Charge {} has already been refunded.", charge.id), "charge");
    }
    auto amount = call.params.Number("amount").value_or(left);
    if (amount < 1 || amount > left) {
        throw InvalidRequest(
            400, "",
            fmt::format("Refund amount ({}) is greater than unrefunded amount on charge ({})", amount, left),
            "amount");
    }
    return Render(call.view, RefundCharge(call.world, call.account, charge, amount,
                                          call.params.TextOr("reason"), call.cause));
}

void CheckMeterEvent(ApiCall& call, const MeterEvent& event) {
    auto value = event.payload.find("value");
    double number = 0;
    auto text = value == event.payload.end() ? std::string() : value->second;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ptr != text.data() + text.size()) {
        throw BadParameter("", "The payload must hold a numeric value.", "payload[value]");
    }
    auto customer = event.payload.find("stripe_customer_id");
    if (customer == event.payload.end()) {
        throw BadParameter("parameter_missing", "Missing required param: payload[stripe_customer_id].",
                           "payload[stripe_customer_id]");
    }
    FindOr404(call.account.customers, "customer", customer->second, "payload[stripe_customer_id]");
    auto age = call.world.Now() - event.timestamp;
    if (age > std::chrono::days(35) || age < -std::chrono::minutes(5)) {
        throw BadParameter("",
                           "The timestamp must be within the past 35 days or up to 5 minutes in the future.",
                           "timestamp");
    }
    for (const auto& earlier : call.account.meter_events) {
        bool recent = earlier.created + std::chrono::hours(24) > call.world.Now();
        if (recent && earlier.identifier == event.identifier) {
            throw InvalidRequest(400, "",
                                 fmt::format("An event already exists with identifier {}.", event.identifier),
                                 "identifier");
        }
    }
}

json::object CreateMeterEvent(ApiCall& call) {
    MeterEvent event;
    event.event_name = call.params.Required("event_name");
    event.payload = call.params.Members("payload");
    event.identifier = call.params.TextOr("identifier");
    if (event.identifier.empty()) event.identifier = call.world.NewId("", 24);
    if (event.identifier.size() > 100) {
        throw BadParameter("", "The identifier must be at most 100 characters.", "identifier");
    }
    event.created = call.world.Now();
    event.timestamp = event.created;
    if (auto seconds = call.params.Number("timestamp")) event.timestamp = FromUnixSeconds(*seconds);
    CheckMeterEvent(call, event);
    json::object object;
    object["object"] = "billing.meter_event";
    object["created"] = ToUnixSeconds(event.created);
    object["event_name"] = event.event_name;
    object["identifier"] = event.identifier;
    object["livemode"] = false;
    object["payload"] = RenderMetadata(event.payload);
    object["timestamp"] = ToUnixSeconds(event.timestamp);
    call.account.meter_events.push_back(std::move(event));
    return object;
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/v1/payment_intents/{}", "client_secret", GetPaymentIntent},
    {"GET", "/v1/charges", "limit starting_after ending_before payment_intent customer created", ListCharges},
    {"GET", "/v1/charges/{}", "", GetCharge},
    {"POST", "/v1/refunds", "charge payment_intent amount reason metadata", CreateRefund},
    {"POST", "/v1/billing/meter_events", "event_name payload identifier timestamp", CreateMeterEvent}};

}  // namespace

std::span<const ApiRoute> PaymentRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim
