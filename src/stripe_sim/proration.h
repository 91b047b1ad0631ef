// A change in the middle of a period: what was paid for and will not be used is credited, what is
// used instead is charged for the rest of the period. Both wait as invoice items.
#pragma once
#include <vector>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// From `before` to the subscription's present items, from now to the end of its period.
void Prorate(World& world, Account& account, const Subscription& subscription,
             const std::vector<SubscriptionItem>& before, const Cause& cause);

// Puts what is pending for the subscription on an invoice of its own, finalised and collected at once.
// Nothing happens when nothing is pending.
void InvoicePending(World& world, Account& account, Subscription& subscription, const Cause& cause);

}  // namespace citadel::stripe_sim
