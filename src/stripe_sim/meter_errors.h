// Errors in usage that was accepted: those of one meter within ten seconds are told together, in a thin
// event (v1.billing.meter.error_report_triggered, or no_meter_found where there is no meter).
#pragma once
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

void NoteMeterError(World& world, Account& account, const MeterEvent& event, const MeterFault& fault);

}  // namespace citadel::stripe_sim
