// Subscriptions renew, and Stripe's own retries follow a failure: the calendar of the simulated
// Stripe. `attempt_count` and `next_payment_attempt` move with automatic attempts only. What a person
// or an API call does to an invoice from outside is in settlement.h.
#pragma once
#include <optional>
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct SubscriptionTerms {
    std::int64_t amount = 2000;
    std::string currency = "usd";
    Time first_renewal{};
    int renewals = -1;  // how often it will renew; negative: for ever
};

Customer& AddCustomer(World& world, Account& account, std::string name, std::string email);

// An active monthly subscription, already paid for until `first_renewal`.
Subscription& StartSubscription(World& world, Account& account, const Customer& customer,
                                const SubscriptionTerms& terms);

// Renews now: the invoice is made, finalised and tried at once.
Invoice& Renew(World& world, Account& account, Subscription& subscription);

// Takes collection out of Stripe's hands, or gives it back: own retries stop, or resume where the
// schedule stands.
void SetAutoAdvance(World& world, Account& account, Invoice& invoice, bool on, const Cause& cause);

// When Stripe itself tries again after `attempts` automatic attempts; nullopt: its schedule is over.
std::optional<Time> NextOwnAttempt(const Account& account, const Invoice& invoice, int attempts);

}  // namespace citadel::stripe_sim
