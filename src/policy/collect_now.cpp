#include "policy/collect_now.h"

#include "policy/limits.h"

namespace citadel::policy {

DunningStep CollectNow(const DunningState& state) {
    DunningStep step;
    if (auto refusal = RefusesCharges(state, kAttemptsMax)) {
        step.action = DunningStep::Action::kGiveUp;
        step.rule = refusal->rule;
        step.reason = "the merchant asked for a charge: " + refusal->reason;
        return step;
    }
    constexpr ClosedHours kNone{};  // his own quiet hours hold him, the policy's night does not
    if (HoldsCharge(state, kNone, state.now)) {
        step.action = DunningStep::Action::kWait;
        auto hold = *HoldsCharge(state, kNone, state.now);
        step.rule = hold.rule;
        step.reason = "the merchant asked for a charge: " + hold.reason;
        step.next_at = FirstAllowed(state, kNone, state.now);
        return step;
    }
    step.action = DunningStep::Action::kCharge;
    step.rule = "collect_now";
    step.reason = "the merchant asked for it";
    return step;
}

}  // namespace citadel::policy
