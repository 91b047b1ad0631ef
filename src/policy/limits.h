// What binds every policy alike, whatever it would like to do: who may be charged at all, and from when on.
// A policy names a wish; these limits move it to the first time that is allowed, or drop it.
#pragma once
#include <optional>
#include <string>

#include "policy/dunning.h"
#include "policy/local_time.h"

namespace citadel::policy {

// Never within so long of one of Stripe's own attempts (mode weave).
inline constexpr std::chrono::hours kStripeGuard{6};
// Between two of our attempts on the same card (retry-rules: at most one in 18 hours, 3 after a technical
// decline), and all attempts on one invoice, anybody's: below every network's limit.
inline constexpr std::chrono::hours kSameCardRest{18};
inline constexpr std::chrono::hours kSameCardRestTechnical{3};
inline constexpr int kAttemptsMax = 15;
inline constexpr int kLettersMax = 5;
// No recovery lasts longer, whatever delays its calendar.
inline constexpr std::chrono::days kWindowMax{60};

struct Hold {
    Time until{};
    std::string rule;
    std::string reason;
};

// Why no charge may ever be made as things stand, as a rule and a reason; nullopt: it may, in its time.
// A new card lifts what the old one said. `charges_max` is the policy's own number, which an override
// replaces.
struct Refusal {
    std::string rule;
    std::string reason;
};
std::optional<Refusal> RefusesCharges(const DunningState& state, int charges_max);

// What holds a charge back at that time; nullopt: nothing. `night` is the policy's own closed hours, which
// the merchant's quiet hours replace.
std::optional<Hold> HoldsCharge(const DunningState& state, ClosedHours night, Time at);

// The first time from `at` on that nothing holds back. What is known now is taken to stay as it is.
Time FirstAllowed(const DunningState& state, ClosedHours night, Time at);

// How long the network wants the card left alone after its newest attempt. The delays are Mastercard's; a
// card whose network nobody knows is treated as one of its.
std::chrono::hours AdvisedRest(const DunningState& state);
// The newest attempt of anybody's on this invoice that the state tells of.
Time NewestAttempt(const DunningState& state);
int AttemptsSoFar(const DunningState& state);
Zone ZoneOf(const DunningState& state);
// The merchant's quiet hours, or else the policy's own.
ClosedHours ClosedFor(const DunningState& state, ClosedHours own);
// The end of the window: the override's or the policy's own number of days, or the deadline before it.
Time EndOf(const DunningState& state, Duration own_window);

}  // namespace citadel::policy
