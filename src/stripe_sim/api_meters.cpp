// /v1/billing/meter_events.
#include <fmt/format.h>

#include <charconv>

#include "stripe_sim/api_list.h"

namespace citadel::stripe_sim {
namespace {

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
    {"POST", "/v1/billing/meter_events", "event_name payload identifier timestamp", CreateMeterEvent}};

}  // namespace

std::span<const ApiRoute> MeterRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim
