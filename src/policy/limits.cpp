#include "policy/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace citadel::policy {
namespace {

using std::chrono::days;

std::optional<Hold> HoldsByNetwork(const DunningState& s, Time at) {
    if (s.budget_free_at && at < *s.budget_free_at) {
        return Hold{*s.budget_free_at, "limits.network_budget",
                    fmt::format("the network's budget of this card is used up until {}",
                                FormatTime(*s.budget_free_at))};
    }
    if (s.new_method) return std::nullopt;
    Time advised = NewestAttempt(s) + AdvisedRest(s);
    if (at < advised) {
        return Hold{advised, "limits.advice",
                    fmt::format("{} asks for {} hours before the next try", s.decline.rule,
                                s.decline.not_before.count())};
    }
    bool technical = s.decline.family == DeclineFamily::kTechnical;
    auto rest = technical ? kSameCardRestTechnical : kSameCardRest;
    if (s.last_charge_at && at < *s.last_charge_at + rest) {
        return Hold{*s.last_charge_at + rest, "limits.same_card_rest",
                    fmt::format("the same card rests {} hours after our attempt at {}", rest.count(),
                                FormatTime(*s.last_charge_at))};
    }
    return std::nullopt;
}

std::optional<Hold> HoldsByStripe(const DunningState& s, Time at) {
    if (s.mode != RetryMode::kWeave) return std::nullopt;
    if (s.stripe_attempted_at && at < *s.stripe_attempted_at + kStripeGuard) {
        return Hold{*s.stripe_attempted_at + kStripeGuard, "weave.stripe_was_last",
                    fmt::format("Stripe tried by itself at {}", FormatTime(*s.stripe_attempted_at))};
    }
    if (s.stripe_next_attempt_at && at > *s.stripe_next_attempt_at - kStripeGuard &&
        at < *s.stripe_next_attempt_at + kStripeGuard) {
        return Hold{*s.stripe_next_attempt_at + kStripeGuard, "weave.stripe_is_next",
                    fmt::format("Stripe tries by itself at {}", FormatTime(*s.stripe_next_attempt_at))};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Refusal> RefusesCharges(const DunningState& s, int charges_max) {
    if (s.mode == RetryMode::kObserve) return Refusal{"observe", "this merchant only watches"};
    // A card that comes in after the last try gets one of its own, unless the merchant set the number.
    int allowed = s.overrides.charges_max.value_or(charges_max + (s.new_method ? 1 : 0));
    allowed = std::clamp(allowed, 0, kAttemptsMax);
    if (s.charges >= allowed)
        return Refusal{"limits.charges_max", fmt::format("{} of {} charges are used", s.charges, allowed)};
    if (AttemptsSoFar(s) >= kAttemptsMax) {
        return Refusal{"limits.attempts_max",
                       fmt::format("{} attempts were made on this invoice", AttemptsSoFar(s))};
    }
    if (s.new_method) return std::nullopt;
    if (s.needs_customer || s.decline.family == DeclineFamily::kAuthentication) {
        return Refusal{"limits.customer_confirms", "the bank wants the customer to confirm"};
    }
    if (!s.decline.retry_same_card) {
        return Refusal{"limits.card_forbidden",
                       fmt::format("the card may not be tried again ({})", s.decline.rule)};
    }
    return std::nullopt;
}

std::optional<Hold> HoldsCharge(const DunningState& s, ClosedHours night, Time at) {
    if (auto hold = HoldsByNetwork(s, at)) return hold;
    if (auto hold = HoldsByStripe(s, at)) return hold;
    // A payer who has just brought a card is awake; only the merchant's own hours hold that charge.
    bool asked = s.overrides.quiet_from_hour && s.overrides.quiet_until_hour;
    auto closed = s.new_method && !asked ? ClosedHours{} : ClosedFor(s, night);
    auto zone = ZoneOf(s);
    if (closed.Contains(zone, at)) {
        auto open = closed.NextOpen(zone, at);
        return Hold{open, asked ? "limits.quiet_hours" : "limits.night",
                    fmt::format("between {}:00 and {}:00 of the customer's day nothing is charged",
                                closed.from, closed.until)};
    }
    return std::nullopt;
}

Time FirstAllowed(const DunningState& s, ClosedHours night, Time at) {
    // Each hold ends later than it was met, and Stripe's are left behind for good; the hours of the day can
    // come back after each of them.
    for (int moves = 0; moves < 12; ++moves) {
        auto hold = HoldsCharge(s, night, at);
        if (!hold) break;
        at = hold->until;
    }
    return at;
}

std::chrono::hours AdvisedRest(const DunningState& s) {
    bool binds = s.brand.empty() || s.brand == "mastercard";
    return binds ? s.decline.not_before : std::chrono::hours(0);
}

Time NewestAttempt(const DunningState& s) {
    Time newest = s.first_failed_at;
    for (const auto& at : {s.last_charge_at, s.last_attempt_at, s.stripe_attempted_at}) {
        if (at) newest = std::max(newest, *at);
    }
    return newest;
}

int AttemptsSoFar(const DunningState& s) { return std::max(s.attempts, s.charges + 1); }

Zone ZoneOf(const DunningState& s) {
    int guess = s.utc_offset_minutes ? *s.utc_offset_minutes : GuessUtcOffsetMinutes(s.country);
    return Zone(std::clamp(guess, -14 * 60, 14 * 60));
}

ClosedHours ClosedFor(const DunningState& s, ClosedHours own) {
    if (!s.overrides.quiet_from_hour || !s.overrides.quiet_until_hour) return own;
    return {std::clamp(*s.overrides.quiet_from_hour, 0, 23),
            std::clamp(*s.overrides.quiet_until_hour, 0, 23)};
}

Time EndOf(const DunningState& s, Duration own_window) {
    Duration window = std::min<Duration>(own_window, kWindowMax);
    if (s.overrides.window_days) window = std::clamp(days(*s.overrides.window_days), days(1), kWindowMax);
    Time end = s.first_failed_at + window;
    return s.deadline ? std::min(end, *s.deadline) : end;
}

}  // namespace citadel::policy
