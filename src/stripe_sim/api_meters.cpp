// /v1/billing: meters, usage, its correction, and what it adds up to.
#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/meter_calls.h"
#include "stripe_sim/render_meters.h"

namespace citadel::stripe_sim {
namespace {

Meter& MeterIn(ApiCall& call) { return FindOr404(call.account.meters, "billing meter", call.captures.at(0)); }

void Tell(ApiCall& call, const Meter& meter, std::string_view what, json::object previous = {}) {
    call.world.Emit(call.account, fmt::format("billing.meter.{}", what), Keep(meter), call.cause,
                    std::move(previous));
}

json::object CreateMeter(ApiCall& call) {
    const auto& params = call.params;
    Meter meter;
    meter.display_name = params.Required("display_name");
    meter.event_name = params.Required("event_name");
    params.Required("default_aggregation[formula]");
    meter.formula = *params.OneOf("default_aggregation[formula]", {"count", "last", "sum"});
    params.OneOf("customer_mapping[type]", {"by_id"});
    meter.customer_key = params.TextOr("customer_mapping[event_payload_key]", meter.customer_key);
    meter.value_key = params.TextOr("value_settings[event_payload_key]", meter.value_key);
    meter.time_window = params.OneOf("event_time_window", {"day", "hour"}).value_or("");
    const auto* same = MeterOf(call.account, meter.event_name);
    if (same && same->active()) {
        throw InvalidRequest(
            400, "resource_already_exists",
            fmt::format("There is already an active meter with the event name {}.", meter.event_name),
            "event_name");
    }
    meter.id = call.world.NewId("mtr_test_", 24);
    meter.created = meter.updated = call.world.Now();
    auto& added = call.account.meters.Add(std::move(meter));
    Tell(call, added, "created");
    return Render(call.view, added);
}

json::object UpdateMeter(ApiCall& call) {
    auto& meter = MeterIn(call);
    auto name = call.params.TextOr("display_name", meter.display_name);
    if (name != meter.display_name) {
        json::object previous;
        previous["display_name"] = std::exchange(meter.display_name, std::move(name));
        meter.updated = call.world.Now();
        Tell(call, meter, "updated", std::move(previous));
    }
    return Render(call.view, meter);
}

json::object SwitchMeter(ApiCall& call, bool on) {
    auto& meter = MeterIn(call);
    if (meter.active() == on) {
        throw InvalidRequest(
            400, "", fmt::format("The meter {} is already {}.", meter.id, on ? "active" : "inactive"));
    }
    meter.updated = call.world.Now();
    if (on) meter.deactivated_at.reset();
    else meter.deactivated_at = meter.updated;
    Tell(call, meter, on ? "reactivated" : "deactivated");
    return Render(call.view, meter);
}

json::object DeactivateMeter(ApiCall& call) { return SwitchMeter(call, false); }
json::object ReactivateMeter(ApiCall& call) { return SwitchMeter(call, true); }
json::object GetMeter(ApiCall& call) { return Render(call.view, MeterIn(call)); }

json::object ListMeters(ApiCall& call) {
    auto status = call.params.OneOf("status", {"active", "inactive"});
    auto keep = [&](const Meter& meter) { return !status || meter.active() == (*status == "active"); };
    return ListOf(call, "/v1/billing/meters", call.account.meters.all(), keep);
}

Time Aligned(const ApiCall& call, std::string_view name, Duration unit) {
    call.params.Required(name);
    auto time = *call.params.Moment(name);
    if (time.time_since_epoch() % unit == Duration(0)) return time;
    throw BadParameter(
        "", fmt::format("{} must be aligned with the boundaries of the grouping window.", name), name);
}

json::object ListSummaries(ApiCall& call) {
    const auto& meter = MeterIn(call);
    auto customer = call.params.Required("customer");
    FindOr404(call.account.customers, "customer", customer, "customer");
    auto grouping = call.params.OneOf("value_grouping_window", {"day", "hour"});
    Duration unit = std::chrono::minutes(1);
    if (grouping)
        unit = *grouping == "day" ? Duration(std::chrono::days(1)) : Duration(std::chrono::hours(1));
    auto start = Aligned(call, "start_time", unit), end = Aligned(call, "end_time", unit);
    if (end <= start) throw BadParameter("", "end_time must be after start_time.", "end_time");
    auto summaries = Summarize(call.account, meter, customer, start, end, grouping ? unit : end - start);
    auto all = [](const MeterSummary&) { return true; };
    return ListOf(call, fmt::format("/v1/billing/meters/{}/event_summaries", meter.id), summaries, all);
}

json::object CreateMeterEvent(ApiCall& call) {
    auto event = ReadMeterEvent(call, call.params, call.params.Moment("timestamp"));
    if (RecentEvent(call.world, call.account, event.identifier)) {
        throw InvalidRequest(400, "",
                             fmt::format("An event already exists with identifier {}.", event.identifier),
                             "identifier");
    }
    return RenderMeterEvent(AcceptEvent(call.world, call.account, std::move(event)));
}

json::object CreateAdjustment(ApiCall& call) {
    return RenderMeterAdjustment(CancelMeterEvent(call), "billing.meter_event_adjustment");
}

constexpr ApiRoute kRoutes[] = {
    {"POST", "/v1/billing/meters",
     "display_name event_name default_aggregation[formula] customer_mapping[event_payload_key] "
     "customer_mapping[type] value_settings[event_payload_key] event_time_window",
     CreateMeter},
    {"GET", "/v1/billing/meters", "limit starting_after ending_before status", ListMeters},
    {"GET", "/v1/billing/meters/{}", "", GetMeter},
    {"POST", "/v1/billing/meters/{}", "display_name", UpdateMeter},
    {"POST", "/v1/billing/meters/{}/deactivate", "", DeactivateMeter},
    {"POST", "/v1/billing/meters/{}/reactivate", "", ReactivateMeter},
    {"GET", "/v1/billing/meters/{}/event_summaries",
     "limit starting_after ending_before customer start_time end_time value_grouping_window", ListSummaries},
    {"POST", "/v1/billing/meter_events", "event_name payload identifier timestamp", CreateMeterEvent},
    {"POST", "/v1/billing/meter_event_adjustments", "event_name type cancel[identifier]", CreateAdjustment}};

}  // namespace

std::span<const ApiRoute> MeterRoutes() { return kRoutes; }

}  // namespace citadel::stripe_sim
