// Meters, their events and what they add up to; thin events, which only point at what they are about.
#include <cmath>

#include "stripe_sim/meters.h"
#include "stripe_sim/render.h"
#include "stripe_sim/render_meters.h"

namespace citadel::stripe_sim {

json::object Render(const View&, const Meter& meter) {
    json::object object, customer, aggregation, value, transitions;
    customer["event_payload_key"] = meter.customer_key;
    customer["type"] = "by_id";
    aggregation["formula"] = meter.formula;
    value["event_payload_key"] = meter.value_key;
    transitions["deactivated_at"] = TimeOrNull(meter.deactivated_at);
    object["id"] = meter.id;
    object["object"] = "billing.meter";
    object["created"] = ToUnixSeconds(meter.created);
    object["customer_mapping"] = std::move(customer);
    object["default_aggregation"] = std::move(aggregation);
    object["display_name"] = meter.display_name;
    object["event_name"] = meter.event_name;
    object["event_time_window"] = TextOrNull(meter.time_window);
    object["livemode"] = false;
    object["status"] = meter.active() ? "active" : "inactive";
    object["status_transitions"] = std::move(transitions);
    object["updated"] = ToUnixSeconds(meter.updated);
    object["value_settings"] = std::move(value);
    return object;
}

json::object Render(const View&, const MeterSummary& summary) {
    json::object object;
    object["id"] = summary.id;
    object["object"] = "billing.meter_event_summary";
    bool whole = std::floor(summary.value) == summary.value;
    object["aggregated_value"] = summary.value;
    if (whole) object["aggregated_value"] = static_cast<std::int64_t>(summary.value);
    object["end_time"] = ToUnixSeconds(summary.end);
    object["livemode"] = false;
    object["meter"] = summary.meter;
    object["start_time"] = ToUnixSeconds(summary.start);
    return object;
}

json::object RenderMeterEvent(const MeterEvent& event) {
    json::object object;
    object["object"] = "billing.meter_event";
    object["created"] = ToUnixSeconds(event.created);
    object["event_name"] = event.event_name;
    object["identifier"] = event.identifier;
    object["livemode"] = false;
    object["payload"] = RenderMetadata(event.payload);
    object["timestamp"] = ToUnixSeconds(event.timestamp);
    return object;
}

json::object RenderMeterEventV2(const MeterEvent& event) {
    auto object = RenderMeterEvent(event);
    object["object"] = "v2.billing.meter_event";
    object["created"] = FormatTime(event.created);
    object["timestamp"] = FormatTime(event.timestamp);
    return object;
}

json::object RenderMeterAdjustment(const MeterEvent& event, std::string_view kind) {
    json::object cancel, object;
    cancel["identifier"] = event.identifier;
    object["object"] = kind;
    object["cancel"] = std::move(cancel);
    object["event_name"] = event.event_name;
    object["livemode"] = false;
    object["status"] = "pending";
    object["type"] = "cancel";
    return object;
}

json::object RenderThinEvent(const View& view, const Event& event, bool whole) {
    const auto& body = *std::get<Copy<ThinBody>>(event.object);
    json::object object;
    object["id"] = event.id;
    object["object"] = "v2.core.event";
    object["context"] = nullptr;
    if (event.account != view.world.platform->id) object["context"] = event.account;
    object["created"] = FormatTime(event.created);
    object["livemode"] = false;
    object["reason"] = nullptr;
    object["related_object"] = nullptr;
    if (!body.related_id.empty()) {
        object["related_object"] = {
            {"id", body.related_id}, {"type", body.related_type}, {"url", body.related_url}};
    }
    object["type"] = event.type;
    if (whole) object["data"] = body.data;
    return object;
}

}  // namespace citadel::stripe_sim
