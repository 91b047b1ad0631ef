#include "policy/dunning.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Action = DunningStep::Action;

const Time kFailedAt = *ParseTime("2026-01-01T00:00:00Z");

DeclineReading ReadingOf(const std::string& code) {
    Decline decline;
    decline.code = code;
    return ReadDecline(decline);
}

DunningState StateOf(const std::string& code = "insufficient_funds") {
    DunningState state;
    state.now = kFailedAt;
    state.first_failed_at = kFailedAt;
    state.decline = ReadingOf(code);
    state.has_address = true;
    return state;
}

// Plays the sequence as the engine does, every charge failing, and notes what happened on which day.
std::vector<std::string> Play(DunningState state) {
    std::vector<std::string> story;
    for (int steps = 0; steps < 50; ++steps) {
        auto step = DecideClassic(state);
        auto day = std::to_string(std::chrono::floor<days>(state.now - kFailedAt).count());
        if (step.action == Action::kGiveUp) {
            story.push_back("day " + day + " give up");
            return story;
        }
        if (step.action == Action::kCharge) {
            story.push_back("day " + day + " charge");
            ++state.charges;
            state.last_charge_at = state.now;
            state.new_method = false;
            continue;
        }
        if (step.action == Action::kWrite) {
            bool final_notice = step.letter == Letter::kFinalNotice;
            bool ask = step.letter == Letter::kActionRequired;
            story.push_back("day " + day +
                            (final_notice ? " final notice"
                             : ask        ? " ask"
                                          : " letter") +
                            " " + std::to_string(step.letter_number));
            ++state.letters;
        }
        if (step.action == Action::kWait) {
            state.now = std::max(state.now, *step.next_at);
        }
    }
    return story;
}

using Story = std::vector<std::string>;

TEST(Dunning, TheClassicSequenceWaitsThreeFiveAndSevenDays) {
    EXPECT_EQ(Play(StateOf()),
              (Story{"day 0 letter 1", "day 3 charge", "day 3 letter 2", "day 8 charge", "day 8 letter 3",
                     "day 15 charge", "day 15 final notice 4", "day 22 give up"}));
}

TEST(Dunning, WithoutAnAddressItChargesOnTheSameDays) {
    auto state = StateOf();
    state.has_address = false;
    EXPECT_EQ(Play(state), (Story{"day 3 charge", "day 8 charge", "day 15 charge", "day 22 give up"}));
}

TEST(Dunning, ACardThatMayNotBeTriedAgainGetsLettersOnly) {
    const Story letters = {"day 0 letter 1", "day 3 letter 2", "day 8 letter 3", "day 15 final notice 4",
                           "day 22 give up"};
    for (const char* code : {"lost_card", "stolen_card", "do_not_try_again", "expired_card", "fraudulent"}) {
        EXPECT_EQ(Play(StateOf(code)), letters) << code;
    }
}

TEST(Dunning, AnAuthenticationIsAskedForAndNeverChargedBlindly) {
    auto state = StateOf("authentication_required");
    state.needs_customer = true;
    EXPECT_EQ(Play(state),
              (Story{"day 0 ask 1", "day 3 ask 2", "day 8 ask 3", "day 15 ask 4", "day 22 give up"}));
}

TEST(Dunning, ANewMethodIsTriedAtOnceWhateverTheOldOneSaid) {
    for (const char* code : {"insufficient_funds", "lost_card", "authentication_required"}) {
        auto state = StateOf(code);
        state.needs_customer = std::string(code) == "authentication_required";
        state.new_method = true;
        state.charges = 1;
        state.last_charge_at = kFailedAt;
        state.now = kFailedAt + hours(1);
        auto step = DecideClassic(state);
        EXPECT_EQ(step.action, Action::kCharge) << code;
        EXPECT_EQ(step.rule, "classic.new_method") << code;
    }
}

TEST(Dunning, ANewMethodGivesOneMoreTryAfterTheLastAndNoMore) {
    auto state = StateOf();
    state.new_method = true;
    state.charges = 3;
    state.last_charge_at = kFailedAt + days(15);
    state.now = kFailedAt + days(16);
    EXPECT_EQ(DecideClassic(state).action, Action::kCharge);
    state.charges = 4;
    EXPECT_NE(DecideClassic(state).action, Action::kCharge);
}

TEST(Dunning, WeaveKeepsSixHoursFromStripesOwnAttempt) {
    auto state = StateOf();
    state.letters = 1;
    auto due = kFailedAt + days(3);
    state.now = due;
    for (int offset : {-5, 0, 5}) {
        state.stripe_next_attempt_at = due + hours(offset);
        auto step = DecideClassic(state);
        EXPECT_EQ(step.action, Action::kWait) << offset;
        EXPECT_EQ(step.rule, "weave.stripe_is_next") << offset;
        EXPECT_EQ(step.next_at, due + hours(offset) + hours(6)) << offset;
    }
    for (int offset : {-6, 6, 48}) {
        state.stripe_next_attempt_at = due + hours(offset);
        EXPECT_EQ(DecideClassic(state).action, Action::kCharge) << offset;
    }
}

TEST(Dunning, OwnModeDoesNotWaitForStripe) {
    auto state = StateOf();
    state.mode = RetryMode::kOwn;
    state.now = kFailedAt + days(3);
    state.stripe_next_attempt_at = state.now;
    EXPECT_EQ(DecideClassic(state).action, Action::kCharge);
}

TEST(Dunning, ObserveNeitherChargesNorWrites) {
    auto state = StateOf();
    state.mode = RetryMode::kObserve;
    EXPECT_EQ(Play(state), (Story{"day 22 give up"}));
    state.new_method = true;
    EXPECT_EQ(Play(state), (Story{"day 22 give up"}));
}

TEST(Dunning, TheSameCardRestsEighteenHours) {
    auto state = StateOf();
    state.charges = 1;
    state.letters = 2;
    state.last_charge_at = kFailedAt + days(3);
    state.now = kFailedAt + days(3) + hours(17);
    EXPECT_EQ(DecideClassic(state).action, Action::kWait);
}

TEST(Dunning, TheLetterSaysWhenTheNextTryIs) {
    auto step = DecideClassic(StateOf());
    EXPECT_EQ(step.action, Action::kWrite);
    EXPECT_EQ(step.next_charge_at, kFailedAt + days(3));
    EXPECT_FALSE(DecideClassic(StateOf("lost_card")).next_charge_at.has_value());
}

DunningState AnyState() {
    auto hour = [](int from, int to) { return hours(*rc::gen::inRange(from, to)); };
    auto code = *rc::gen::element<std::string>("insufficient_funds", "generic_decline", "lost_card",
                                               "expired_card", "do_not_try_again", "authentication_required",
                                               "processing_error", "new");
    auto state = StateOf(code);
    state.now = kFailedAt + hour(0, 24 * 40);
    state.charges = *rc::gen::inRange(0, 6);
    state.letters = *rc::gen::inRange(0, 6);
    if (state.charges > 0) state.last_charge_at = std::min(state.now, kFailedAt + hour(0, 24 * 40));
    state.needs_customer = *rc::gen::arbitrary<bool>();
    state.new_method = *rc::gen::arbitrary<bool>();
    state.has_address = *rc::gen::arbitrary<bool>();
    state.mode = *rc::gen::element(RetryMode::kObserve, RetryMode::kWeave, RetryMode::kOwn);
    if (*rc::gen::arbitrary<bool>()) state.stripe_next_attempt_at = kFailedAt + hour(0, 24 * 40);
    return state;
}

RC_GTEST_PROP(DunningLaws, NothingIsPlannedInThePast, ()) {
    auto state = AnyState();
    auto step = DecideClassic(state);
    RC_ASSERT(!step.rule.empty());
    RC_ASSERT(!step.reason.empty());
    bool later = step.action == Action::kWait || step.action == Action::kWrite;
    RC_ASSERT(step.next_at.has_value() == later);
    if (step.next_at) RC_ASSERT(*step.next_at > state.now);
    if (step.next_charge_at) RC_ASSERT(*step.next_charge_at > state.now);
}

RC_GTEST_PROP(DunningLaws, NoChargeThatTheDeclineOrTheModeForbids, ()) {
    auto state = AnyState();
    if (DecideClassic(state).action != Action::kCharge) return;
    RC_ASSERT(state.mode != RetryMode::kObserve);
    RC_ASSERT(state.charges <= 3);
    if (!state.new_method)
        RC_ASSERT(state.decline.retry_same_card && !state.needs_customer && state.charges < 3);
    if (!state.new_method && state.last_charge_at) RC_ASSERT(state.now >= *state.last_charge_at + hours(18));
    if (state.mode == RetryMode::kWeave && state.stripe_next_attempt_at) {
        auto distance = state.now - *state.stripe_next_attempt_at;
        RC_ASSERT(distance >= hours(6) || distance <= -hours(6));
    }
}

RC_GTEST_PROP(DunningLaws, LettersCountUpAndNeedAnAddress, ()) {
    auto state = AnyState();
    auto step = DecideClassic(state);
    if (step.action != Action::kWrite) return;
    RC_ASSERT(state.has_address);
    RC_ASSERT(step.letter != Letter::kNone);
    RC_ASSERT(step.letter_number > state.letters);
    RC_ASSERT(step.letter_number <= 4);
}

}  // namespace
}  // namespace citadel::policy
