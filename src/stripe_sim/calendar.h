// When a period ends: Stripe's calendar of days, weeks, months and years.
#pragma once
#include "stripe_sim/billing_objects.h"

namespace citadel::stripe_sim {

// The end of the period that begins at `start`. Months and years keep the anchor's day of the month
// and time of day; a month that lacks the day ends the period on its last.
Time PeriodEnd(const Recurrence& recurrence, Time anchor, Time start);

}  // namespace citadel::stripe_sim
