// The people behind the cards: a seeded population whose renewals fail for causes the engine cannot
// see (no money until payday, a cautious bank, an old or lost card, …), and their reactions to mail.
// Every payer has a generator of its own, so what one decides does not depend on the order of others.
// Weights and timing follow published figures on recurring declines; see docs/stripe-sim.md.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Why the first charge of a renewal fails.
enum class Trouble {
    kNone,
    kNoFunds,         // insufficient_funds until a payday, then for some days after each
    kCautiousBank,    // do_not_honor or generic_decline, over after some days
    kIssuerAway,      // issuer_not_available for hours
    kExpiredCard,     // some cards are refreshed by the network, others only by the payer
    kLostCard,        // lost or stolen: only a new card helps
    kAuthentication,  // the bank wants the payer to confirm
    kGone,            // never comes back; some cancel, some do nothing
};

struct Payer {
    explicit Payer(std::uint64_t seed) : random(seed) {}
    Random random;
    Trouble trouble = Trouble::kNone;
    double willing = 0;  // chance of acting on the first mail; each further mail finds 0.7 of it
    double leaving = 0;  // chance that the mail makes him cancel instead
    int mails = 0;
    bool acted = false;
};

struct PopulationPlan {
    int merchants = 1;
    int customers = 100;  // of each merchant
    int days = 30;
    int spread_days = 0;  // renewals fall into the first days; 0: a third of `days`
    std::uint64_t seed = 1;
    double failure_rate = 0.3;
};

// Makes accounts with customers, cards and subscriptions, each of which renews once in the period.
std::vector<Account*> Populate(World& world, const PopulationPlan& plan);

// A payment mail for this invoice reached the customer. Returns when the payer will act, or nullopt.
std::optional<Time> ReceiveMail(World& world, Account& account, const std::string& customer,
                                const std::string& invoice);

// The payer cancels the subscription at that time, unless it has ended before.
void LeaveLater(World& world, Account& account, const std::string& subscription, Time at);

std::string_view NameOf(Trouble trouble);

}  // namespace citadel::stripe_sim
