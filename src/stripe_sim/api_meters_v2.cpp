// /v2/billing: usage with validation at once, and the stream, whose sessions have keys of their own.
#include <fmt/format.h>

#include <utility>

#include "stripe_sim/api_error.h"
#include "stripe_sim/meter_calls.h"
#include "stripe_sim/render_meters.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kEventsMax = 100;
constexpr auto kSessionLives = std::chrono::minutes(15);

ApiError V2Error(int status, std::string_view code, std::string message) {
    ApiError made;
    made.status = status;
    made.error["code"] = code;
    made.error["message"] = std::move(message);
    made.executed = false;
    return made;
}

MeterEvent ReadEvent(ApiCall& call, const Params& params) {
    auto text = params.Text("timestamp");
    auto time = text ? ParseTime(*text) : std::nullopt;
    if (text && !time) throw BadParameter("", "The timestamp must be in RFC 3339 form.", "timestamp");
    return ReadMeterEvent(call, params, time);
}

bool IsPositiveInteger(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
           text.find_first_not_of('0') != std::string::npos;
}

// v2's code for a fault that v1 reports later; empty: v2 reports it later as well.
std::string_view CodeAtOnce(const MeterFault& fault, bool has_value) {
    if (fault.code == "meter_event_customer_not_found") return {};
    if (fault.code == "meter_event_no_customer_defined") return "payload_no_customer_defined";
    if (!fault.code.starts_with("meter_event_")) return fault.code;
    return has_value ? "payload_invalid_value" : "payload_no_value_defined";
}

void CheckAtOnce(ApiCall& call, const MeterEvent& event) {
    if (RecentEvent(call.world, call.account, event.identifier))
        throw V2Error(400, "duplicate_meter_event",
                      fmt::format("An event already exists with identifier {}.", event.identifier));
    auto fault = FindFault(call.world, call.account, event);
    const auto* meter = MeterOf(call.account, event.event_name);
    auto value = meter ? event.payload.find(meter->value_key) : event.payload.end();
    bool has_value = value != event.payload.end();
    if (!fault && has_value && !IsPositiveInteger(value->second))
        fault = MeterFault{"meter_event_invalid_value", "The value must be a positive integer."};
    if (!fault) return;
    auto code = CodeAtOnce(*fault, has_value);
    if (!code.empty()) throw V2Error(400, code, fault->message);
}

json::object CreateEvent(ApiCall& call) {
    auto event = ReadEvent(call, call.params);
    CheckAtOnce(call, event);
    return RenderMeterEventV2(AcceptEvent(call.world, call.account, std::move(event)));
}

json::object CreateAdjustment(ApiCall& call) {
    auto object = RenderMeterAdjustment(CancelMeterEvent(call), "v2.billing.meter_event_adjustment");
    object["id"] = call.world.NewId("mea_test_", 24);
    object["created"] = FormatTime(call.world.Now());
    return object;
}

json::object CreateSession(ApiCall& call) {
    auto now = call.world.Now();
    ApiKey key;
    key.account = call.account.id;
    key.kind = KeyKind::kMeterSession;
    key.expires_at = now + kSessionLives;
    auto token = call.world.NewId("token_test_", 40);
    call.world.keys.Put(token, std::move(key));
    json::object object;
    object["id"] = call.world.NewId("mes_test_", 24);
    object["object"] = "v2.billing.meter_event_session";
    object["authentication_token"] = token;
    object["created"] = FormatTime(now);
    object["expires_at"] = FormatTime(now + kSessionLives);
    object["livemode"] = false;
    return object;
}

// Accepted as a whole; what is wrong with single events is reported later.
json::object TakeStream(ApiCall& call) {
    auto rows = call.params.Rows("events");
    if (rows.empty()) call.params.Required("events");
    if (rows.size() > kEventsMax)
        throw BadParameter("", "At most 100 events can be sent in one request.", "events");
    std::vector<MeterEvent> events;
    for (const auto& row : rows) {
        row.AllowOnly("event_name identifier payload timestamp");
        events.push_back(ReadEvent(call, row));
    }
    for (auto& event : events) {
        bool repeated = RecentEvent(call.world, call.account, event.identifier);
        if (!repeated) AcceptEvent(call.world, call.account, std::move(event));
    }
    return {};
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v2/billing/meter_events", "event_name payload identifier timestamp", CreateEvent},
    {"POST", "/v2/billing/meter_event_adjustments", "event_name type cancel[identifier]", CreateAdjustment},
    {"POST", "/v2/billing/meter_event_session", "", CreateSession},
    {"POST", "/v2/billing/meter_event_stream", "events", TakeStream}};

}  // namespace

std::span<const ApiRoute> MeterV2Routes() { return kRoutes; }

}  // namespace citadel::stripe_sim
