#include "policy/dunning.h"

#include <gtest/gtest.h>

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

TEST(Dunning, TheEightTriesKeepTheirDays) {
    auto play = [](std::string_view policy) {
        auto state = StateOf();
        std::vector<double> charged;
        for (int steps = 0; steps < 60; ++steps) {
            auto step = Decide(policy, state);
            if (step.action == Action::kGiveUp) break;
            if (step.action == Action::kCharge) {
                charged.push_back(static_cast<double>((state.now - kFailedAt) / hours(12)) / 2);
                ++state.charges;
                state.last_charge_at = state.now;
            }
            if (step.action == Action::kWrite) {
                ++state.letters;
                state.last_letter_at = state.now;
            }
            if (step.action == Action::kWait) state.now = *step.next_at;
        }
        EXPECT_EQ(state.letters, 4) << policy;
        return charged;
    };
    EXPECT_EQ(play("eight14/1"), (std::vector<double>{1, 2, 4, 6, 8, 10, 12, 14}));
    EXPECT_EQ(play("eight28/1"), (std::vector<double>{3.5, 7, 10.5, 14, 17.5, 21, 24.5, 28}));
    EXPECT_EQ(play("classic/1"), (std::vector<double>{3, 8, 15}));
}

TEST(Dunning, TheDefaultComesFirstAndAnUnknownNameIsReadAsClassic) {
    EXPECT_EQ(PolicyNames().front(), kDefault);
    for (auto name : PolicyNames()) EXPECT_TRUE(IsKnownPolicy(name)) << name;
    EXPECT_TRUE(IsKnownPolicy(kClassic));
    EXPECT_FALSE(IsKnownPolicy("payday/99"));
    auto state = StateOf();
    state.letters = 1;
    state.now = kFailedAt + days(3);
    EXPECT_EQ(Decide("payday/99", state).rule, "classic.step");
}

TEST(Dunning, TheMerchantsOwnNumbersBindTheCalendars) {
    auto state = StateOf();
    state.overrides.charges_max = 1;
    EXPECT_EQ(Play(state), (Story{"day 0 letter 1", "day 3 charge", "day 3 letter 2", "day 10 give up"}));
    state.overrides.charges_max = 0;
    EXPECT_EQ(Play(state), (Story{"day 0 letter 1", "day 3 letter 2", "day 8 letter 3",
                                  "day 15 final notice 4", "day 22 give up"}));
    state.overrides = {};
    state.overrides.window_days = 5;
    EXPECT_EQ(Play(state), (Story{"day 0 letter 1", "day 3 charge", "day 3 letter 2", "day 5 give up"}));
}

TEST(Dunning, QuietHoursMoveChargesAndLetters) {
    auto state = StateOf();
    state.utc_offset_minutes = 60;  // it is one in the morning
    state.overrides.quiet_from_hour = 22;
    state.overrides.quiet_until_hour = 9;
    auto step = DecideClassic(state);
    EXPECT_EQ(step.action, Action::kWait);
    EXPECT_EQ(step.next_at, kFailedAt + hours(8));
    state.letters = 1;
    state.now = kFailedAt + days(3);
    step = DecideClassic(state);
    EXPECT_EQ(step.rule, "limits.quiet_hours");
    EXPECT_EQ(step.next_at, kFailedAt + days(3) + hours(8));
}

}  // namespace
}  // namespace citadel::policy
