#include "recovery/tools.h"

namespace citadel::recovery {

using store::Settlement;

Settlement BeginSettlement(const store::Work& work) {
    Settlement settlement;
    settlement.task = work.task;
    settlement.recovery_id = work.recovery.id;
    return settlement;
}

Settlement Complete(Settlement settlement, std::string result) {
    settlement.end = store::TaskEnd::kCompleted;
    settlement.result = std::move(result);
    return settlement;
}

Settlement Defer(Settlement settlement, const store::Work& work, const Clock& clock, std::string why) {
    constexpr std::chrono::seconds kFirst{30};
    constexpr std::chrono::seconds kLongest{3600};
    int doublings = std::min(work.task.deferrals, 10);
    auto wait = std::min(kFirst * (1 << doublings), kLongest);
    settlement.end = store::TaskEnd::kDeferred;
    settlement.run_again_at = clock.Now() + clock.Stretch(wait);
    settlement.result = std::move(why);
    return settlement;
}

Settlement Stop(Settlement settlement, std::string reason, std::string explanation) {
    settlement.decisions.push_back({"stop", "stop." + reason, explanation, std::nullopt});
    settlement.recovery_end = store::RecoveryEnd::kStopped;
    settlement.reason = std::move(reason);
    return Complete(std::move(settlement), std::move(explanation));
}

}  // namespace citadel::recovery
