// What the calls about usage have in common in v1 and v2: reading an event, and finding one to cancel.
#pragma once
#include <optional>

#include "stripe_sim/api.h"
#include "stripe_sim/meters.h"

namespace citadel::stripe_sim {

// The event that `params` describe, with an identifier of its own where none is given.
MeterEvent ReadMeterEvent(ApiCall& call, const Params& params, std::optional<Time> timestamp);

// Takes the event of the call's cancel[identifier] out of the count; its `event_name`. Only events that
// came within the last 24 hours can be cancelled.
const MeterEvent& CancelMeterEvent(ApiCall& call);

}  // namespace citadel::stripe_sim
