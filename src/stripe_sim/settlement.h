// What ends a collection from outside: void, uncollectible, paid elsewhere, cancelled (refunds.h and
// disputes.h: money that goes back). Each changes its objects and tells it by Stripe's events.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct Cancellation {
    std::string reason;  // payment_failed, cancellation_requested, payment_disputed
    std::string comment;
    std::string feedback;
};

void VoidInvoice(World& world, Account& account, Invoice& invoice, const Cause& cause);
void MarkUncollectible(World& world, Account& account, Invoice& invoice, std::string reason,
                       const Cause& cause);
void PayOutOfBand(World& world, Account& account, Invoice& invoice, const Cause& cause);
void CancelSubscription(World& world, Account& account, Subscription& subscription, Cancellation why,
                        const Cause& cause);

}  // namespace citadel::stripe_sim
