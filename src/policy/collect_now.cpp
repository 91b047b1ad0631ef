#include "policy/collect_now.h"

#include <fmt/format.h>

namespace citadel::policy {
namespace {

using Action = DunningStep::Action;
using std::chrono::hours;

constexpr hours kStripeGuard{6};  // never within so long of one of Stripe's own attempts

DunningStep Step(Action action, std::string rule, std::string reason) {
    DunningStep step;
    step.action = action;
    step.rule = std::move(rule);
    step.reason = std::move(reason);
    return step;
}

DunningStep WaitUntil(Time until, std::string rule, std::string reason) {
    DunningStep step = Step(Action::kWait, std::move(rule), std::move(reason));
    step.next_at = until;
    return step;
}

}  // namespace

std::optional<DunningStep> KeepDistance(const DunningState& s) {
    if (s.budget_free_at && *s.budget_free_at > s.now) {
        return WaitUntil(*s.budget_free_at, "network.budget",
                         fmt::format("the card network's limit for this card is used up until {}",
                                     FormatTime(*s.budget_free_at)));
    }
    if (s.mode != RetryMode::kWeave) return std::nullopt;
    if (s.stripe_attempted_at && s.now < *s.stripe_attempted_at + kStripeGuard) {
        return WaitUntil(*s.stripe_attempted_at + kStripeGuard, "weave.stripe_was_last",
                         fmt::format("Stripe tried by itself at {}", FormatTime(*s.stripe_attempted_at)));
    }
    if (s.stripe_next_attempt_at && s.now > *s.stripe_next_attempt_at - kStripeGuard &&
        s.now < *s.stripe_next_attempt_at + kStripeGuard) {
        return WaitUntil(*s.stripe_next_attempt_at + kStripeGuard, "weave.stripe_is_next",
                         fmt::format("Stripe tries by itself at {}", FormatTime(*s.stripe_next_attempt_at)));
    }
    return std::nullopt;
}

DunningStep CollectNow(const DunningState& s) {
    if (s.mode == RetryMode::kObserve) {
        return Step(Action::kGiveUp, "collect_now.observe", "this merchant only watches");
    }
    if (!s.new_method && s.needs_customer) {
        return Step(Action::kGiveUp, "collect_now.needs_customer", "the bank wants the customer to confirm");
    }
    if (!s.new_method && !s.decline.retry_same_card) {
        return Step(Action::kGiveUp, "collect_now.forbidden",
                    fmt::format("the card may not be tried again ({})", s.decline.rule));
    }
    if (auto held = KeepDistance(s)) return *held;
    return Step(Action::kCharge, "collect_now", "the merchant asked for it");
}

}  // namespace citadel::policy
