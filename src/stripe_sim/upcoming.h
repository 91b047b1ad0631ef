// invoice.upcoming: a week before a renewal Stripe tells what it will be. The invoice in it is no object yet:
// nothing can be asked about it, and in older API versions it has no id.
#pragma once
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Tells it in time, once a period, of subscriptions that will renew and be charged. When less than a week is
// left nothing is told any more.
void TellUpcomingLater(World& world, Account& account, const Subscription& subscription);

}  // namespace citadel::stripe_sim
