#include "stripe_sim/meter_calls.h"

#include <fmt/format.h>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kTextMax = 100;

}  // namespace

MeterEvent ReadMeterEvent(ApiCall& call, const Params& params, std::optional<Time> timestamp) {
    MeterEvent event;
    event.event_name = params.Required("event_name");
    event.payload = params.Members("payload");
    if (event.payload.empty()) params.Required("payload");
    event.identifier = params.TextOr("identifier");
    if (event.identifier.empty()) event.identifier = call.world.NewId("", 24);
    if (event.identifier.size() > kTextMax) {
        throw BadParameter("parameter_invalid_string_too_long",
                           fmt::format("The identifier must be at most {} characters.", kTextMax),
                           "identifier");
    }
    event.created = call.world.Now();
    event.timestamp = timestamp.value_or(event.created);
    return event;
}

const MeterEvent& CancelMeterEvent(ApiCall& call) {
    const auto& params = call.params;
    params.Required("type");
    params.OneOf("type", {"cancel"});
    auto name = params.Required("event_name"), identifier = params.Required("cancel[identifier]");
    auto* event = RecentEvent(call.world, call.account, identifier);
    if (!event || event->event_name != name) {
        throw BadParameter("",
                           fmt::format("No event of the last 24 hours has the identifier {}.", identifier),
                           "cancel[identifier]");
    }
    event->canceled = true;
    return *event;
}

}  // namespace citadel::stripe_sim
