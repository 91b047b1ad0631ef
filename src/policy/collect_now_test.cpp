#include "policy/collect_now.h"

#include <gtest/gtest.h>

namespace citadel::policy {
namespace {

using std::chrono::hours;
using Action = DunningStep::Action;

DunningState Failed(const std::string& code) {
    DunningState state;
    state.first_failed_at = *ParseTime("2026-06-01T10:00:00Z");
    state.now = state.first_failed_at + hours(20);
    state.decline_codes.code = code;
    state.decline = ReadDecline(state.decline_codes);
    return state;
}

TEST(CollectNow, ChargesBeforeThePolicyWould) {
    EXPECT_EQ(CollectNow(Failed("insufficient_funds")).action, Action::kCharge);
    EXPECT_EQ(CollectNow(Failed("do_not_honor")).action, Action::kCharge);
}

TEST(CollectNow, ForbiddenStaysForbiddenUntilAnotherCardIsThere) {
    for (const char* code : {"lost_card", "stolen_card", "authentication_required", "do_not_try_again"}) {
        auto state = Failed(code);
        EXPECT_EQ(CollectNow(state).action, Action::kGiveUp) << code;
        state.new_method = true;
        EXPECT_EQ(CollectNow(state).action, Action::kCharge) << code;
    }
}

TEST(CollectNow, WaitsForTheBudgetAndForStripe) {
    auto state = Failed("insufficient_funds");
    state.budget_free_at = state.now + hours(3);
    EXPECT_EQ(CollectNow(state).action, Action::kWait);
    EXPECT_EQ(CollectNow(state).next_at, state.budget_free_at);
    state.budget_free_at.reset();
    state.stripe_next_attempt_at = state.now + hours(2);
    EXPECT_EQ(CollectNow(state).next_at, state.now + hours(8));
    state.mode = RetryMode::kOwn;
    EXPECT_EQ(CollectNow(state).action, Action::kCharge);
    state.mode = RetryMode::kObserve;
    EXPECT_EQ(CollectNow(state).action, Action::kGiveUp);
}

}  // namespace
}  // namespace citadel::policy
