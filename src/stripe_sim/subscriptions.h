// How a subscription begins, pauses and ends: first invoice, trial, incomplete payment, cancellation
// to come. Renewals are in billing.h; what follows from its invoices in standing.h.
#pragma once
#include <optional>
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Puts `made` (customer, items and terms) on the shelf with its first period and first invoice, and
// collects that invoice if `pay`. Nobody is told of the subscription yet: Announce or Abandon it.
Subscription& BeginSubscription(World& world, Account& account, Subscription made, bool pay,
                                const Cause& cause);
// Tells customer.subscription.created, and lets it renew, expire or end its trial in time.
void Announce(World& world, Account& account, Subscription& subscription, const Cause& cause);
// As if it had never been; its failed charge stays.
void Abandon(Account& account, const Subscription& subscription);

// The trial is over: the first paid period begins, or, without a card, what the subscription says.
void EndTrial(World& world, Account& account, Subscription& subscription,
              std::string billing_reason = "subscription_cycle", const Cause& cause = {});
// From paused to active, with a period that begins now.
void Resume(World& world, Account& account, Subscription& subscription, const Cause& cause);
// Tells customer.subscription.trial_will_end three days before, at once when that is past.
void WarnOfTrialEnd(World& world, Account& account, const Subscription& subscription, const Cause& cause);

// It will never renew nor be paid again.
bool HasEnded(const Subscription& subscription);

// Cancels at that time; nullopt: not any more. No event.
void CancelAt(World& world, Account& account, Subscription& subscription, std::optional<Time> at);
// Ends pause_collection at that time. No event now.
void ResumeCollectionAt(World& world, Account& account, const Subscription& subscription, Time at);

}  // namespace citadel::stripe_sim
