// What Stripe does by itself when its time comes: subscriptions renew, drafts are finalised, and its
// own retries follow a failure. `attempt_count` and `next_payment_attempt` move with automatic
// attempts only. What a person or an API call does to an invoice from outside is in settlement.h; how
// a subscription begins, changes and ends in subscriptions.h.
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

// An active monthly subscription, already paid for until `first_renewal`.
Subscription& StartSubscription(World& world, Account& account, const Customer& customer,
                                const SubscriptionTerms& terms);

// Renews when its period ends, and is told of a week before.
void ScheduleRenewal(World& world, Account& account, const Subscription& subscription);
// Begins the next period: the invoice is made, finalised and tried (or sent) at once. Before the end
// of the period it begins now, and periods are counted from now on.
Invoice& Renew(World& world, Account& account, Subscription& subscription,
               std::string billing_reason = "subscription_cycle", const Cause& cause = {});

// A draft that advances by itself: finalised after an hour, then collected.
void AdvanceLater(World& world, Account& account, Invoice& invoice);
// An open invoice of the API's making that advances by itself: collected within the hour.
void CollectLater(World& world, Account& account, Invoice& invoice);
// Tries the open invoice, or sends it where that is how it is collected.
void Collect(World& world, Account& account, Invoice& invoice, const Cause& cause);
void SendInvoice(World& world, Account& account, Invoice& invoice, const Cause& cause);

// Takes collection out of Stripe's hands, or gives it back: own retries stop, or resume where the
// schedule stands; a draft waits, or advances. Switch does it without a word, Set tells it.
void SwitchAutoAdvance(World& world, Account& account, Invoice& invoice, bool on);
void SetAutoAdvance(World& world, Account& account, Invoice& invoice, bool on, const Cause& cause);

// When Stripe itself tries again after `attempts` automatic attempts; nullopt: its schedule is over.
std::optional<Time> NextOwnAttempt(const Account& account, const Invoice& invoice, int attempts);

}  // namespace citadel::stripe_sim
