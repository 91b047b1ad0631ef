#include "policy/dunning.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Action = DunningStep::Action;

constexpr std::array<days, 3> kWaitAfterAttempt{days(3), days(5), days(7)};
constexpr int kChargesMax = static_cast<int>(kWaitAfterAttempt.size());
constexpr days kGrace{7};             // after the last try or letter, before giving up
constexpr hours kStripeGuard{6};      // never within so long of one of Stripe's own attempts
constexpr hours kBetweenCharges{18};  // retry-rules: at most one attempt per 18 hours and card

bool MayCharge(const DunningState& s) {
    if (s.mode == RetryMode::kObserve || s.needs_customer)
        return s.new_method && s.mode != RetryMode::kObserve;
    return s.new_method || s.decline.retry_same_card;
}

// The day of the n-th step counted from the first failure: 0, 3, 8, 15.
Time StepAt(const DunningState& s, int step) {
    Time at = s.first_failed_at;
    for (int i = 0; i < step; ++i) at += kWaitAfterAttempt[static_cast<std::size_t>(i)];
    return at;
}

Time NextChargeAt(const DunningState& s) {
    if (s.charges == 0 || !s.last_charge_at) return StepAt(s, 1);
    return *s.last_charge_at + kWaitAfterAttempt[static_cast<std::size_t>(s.charges)];
}

DunningStep Charge(std::string rule, std::string reason) {
    DunningStep step;
    step.action = Action::kCharge;
    step.rule = std::move(rule);
    step.reason = std::move(reason);
    return step;
}

DunningStep Wait(Time until, std::string rule, std::string reason) {
    DunningStep step;
    step.action = Action::kWait;
    step.next_at = until;
    step.rule = std::move(rule);
    step.reason = std::move(reason);
    return step;
}

DunningStep GiveUp(std::string reason) {
    DunningStep step;
    step.action = Action::kGiveUp;
    step.rule = "classic.sequence_ended";
    step.reason = std::move(reason);
    return step;
}

DunningStep Write(const DunningState& s, int number, Time next_at, std::string reason) {
    DunningStep step;
    step.action = Action::kWrite;
    step.letter_number = number;
    step.letter = s.needs_customer       ? Letter::kActionRequired
                  : number > kChargesMax ? Letter::kFinalNotice
                                         : Letter::kPaymentFailed;
    step.next_at = next_at;
    step.rule = "classic.letter";
    step.reason = std::move(reason);
    return step;
}

// A charge is due: hold it back where a rule wants distance.
DunningStep ChargeWithDistance(const DunningState& s, std::string rule, std::string reason) {
    bool same_card = !s.new_method;
    if (same_card && s.last_charge_at && s.now < *s.last_charge_at + kBetweenCharges) {
        return Wait(*s.last_charge_at + kBetweenCharges, "classic.spacing",
                    "our last attempt was less than 18 hours ago");
    }
    bool weave = s.mode == RetryMode::kWeave;
    if (weave && s.stripe_attempted_at && s.now < *s.stripe_attempted_at + kStripeGuard) {
        return Wait(*s.stripe_attempted_at + kStripeGuard, "weave.stripe_was_last",
                    fmt::format("Stripe tried by itself at {}", FormatTime(*s.stripe_attempted_at)));
    }
    if (weave && s.stripe_next_attempt_at && s.now > *s.stripe_next_attempt_at - kStripeGuard &&
        s.now < *s.stripe_next_attempt_at + kStripeGuard) {
        return Wait(*s.stripe_next_attempt_at + kStripeGuard, "weave.stripe_is_next",
                    fmt::format("Stripe tries by itself at {}", FormatTime(*s.stripe_next_attempt_at)));
    }
    return Charge(std::move(rule), std::move(reason));
}

DunningStep DecideCharging(const DunningState& s) {
    if (s.new_method && s.charges <= kChargesMax) {
        return ChargeWithDistance(s, "classic.new_method", "a new or refreshed card came in");
    }
    bool more = s.charges < kChargesMax;
    Time next = more ? NextChargeAt(s) : *s.last_charge_at + kGrace;
    if (more && s.now >= next) {
        return ChargeWithDistance(
            s, "classic.step",
            fmt::format("attempt {} failed {} days ago or more", s.charges + 1,
                        kWaitAfterAttempt[static_cast<std::size_t>(s.charges)].count()));
    }
    if (!more && s.now >= next)
        return GiveUp(fmt::format("{} tries failed and the grace is over", s.charges + 1));
    // A new card or the merchant's own hand may add charges; they add no letters after the final notice.
    int letter = std::min(s.charges, kChargesMax) + 1;
    if (s.has_address && s.letters < letter) {
        auto step = Write(s, letter, next, fmt::format("attempt {} failed", s.charges + 1));
        if (more) step.next_charge_at = next;
        return step;
    }
    return Wait(next, "classic.wait",
                more ? "the next attempt is not due yet" : "grace after the final notice");
}

// The card may not be charged: letters on the same days, then the end.
DunningStep DecideAsking(const DunningState& s) {
    int step = 0;
    while (step < kChargesMax && s.now >= StepAt(s, step + 1)) ++step;
    Time end = StepAt(s, kChargesMax) + kGrace;
    if (s.now >= end) return GiveUp("the customer did not act and the grace is over");
    Time next = step < kChargesMax ? StepAt(s, step + 1) : end;
    auto why = s.needs_customer ? std::string("the bank wants the customer to confirm")
                                : fmt::format("the card may not be tried again ({})", s.decline.rule);
    if (s.has_address && s.letters < step + 1) return Write(s, step + 1, next, std::move(why));
    return Wait(next, "classic.wait_for_customer", std::move(why));
}

}  // namespace

DunningStep DecideClassic(const DunningState& state) {
    if (state.mode == RetryMode::kObserve) {
        Time end = StepAt(state, kChargesMax) + kGrace;
        if (state.now >= end) return GiveUp("observed to the end of the sequence");
        return Wait(end, "observe", "this merchant only watches");
    }
    return MayCharge(state) ? DecideCharging(state) : DecideAsking(state);
}

DunningStep Decide(std::string_view, const DunningState& state) { return DecideClassic(state); }

}  // namespace citadel::policy
