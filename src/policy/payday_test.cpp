#include "policy/payday.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/belief.h"

namespace citadel::policy {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using Action = DunningStep::Action;

// A Tuesday, ten in the morning in New York.
const Time kFailedAt = *ParseTime("2026-01-06T15:00:00Z");

DunningState StateOf(const std::string& code, const std::string& network_advice = "") {
    DunningState s;
    s.now = s.first_failed_at = kFailedAt;
    s.decline_codes.code = code;
    s.decline_codes.network_advice = network_advice;
    s.decline = ReadDecline(s.decline_codes);
    s.needs_customer = s.decline.family == DeclineFamily::kAuthentication;
    s.has_address = true;
    s.mode = RetryMode::kOwn;
    s.country = "US";
    s.utc_offset_minutes = -300;
    return s;
}

struct Played {
    std::vector<Time> charges, letters;
    std::vector<Letter> kinds;
    Time end{};
};

Played Play(DunningState s) {
    Played played;
    for (int steps = 0; steps < 200; ++steps) {
        auto step = Decide(kDefault, s);
        if (step.action == Action::kGiveUp) {
            played.end = s.now;
            break;
        }
        if (step.action == Action::kCharge) {
            played.charges.push_back(s.now);
            ++s.charges;
            ++s.attempts;
            s.last_charge_at = s.last_attempt_at = s.now;
            s.failed_at.push_back(s.now);
            s.new_method = false;
        } else if (step.action == Action::kWrite) {
            played.letters.push_back(s.now);
            played.kinds.push_back(step.letter);
            ++s.letters;
            s.last_letter_at = s.now;
        } else {
            s.now = *step.next_at;
        }
    }
    return played;
}

std::string WeekdayOf(Time at) { return FormatLocal(Zone(-300), at).substr(0, 3); }

TEST(Payday, AnAmericanWithoutMoneyIsChargedOnFridaysAroundNoon) {
    auto played = Play(StateOf("insufficient_funds"));
    ASSERT_GE(played.charges.size(), 4u);
    EXPECT_LE(played.charges.size(), 9u);
    EXPECT_EQ(WeekdayOf(played.charges[0]), "Fri");
    int fridays = 0;
    for (auto at : played.charges) {
        fridays += WeekdayOf(at) == "Fri" ? 1 : 0;
        auto hour = Zone(-300).OfDay(at) / hours(1);
        EXPECT_GE(hour, 10);
        EXPECT_LE(hour, 13);
    }
    EXPECT_GE(fridays, 3);
    EXPECT_EQ(played.end, kFailedAt + days(28));
}

TEST(Payday, AGermanIsChargedAfterMonthEnd) {
    auto s = StateOf("insufficient_funds");
    s.country = "DE";
    s.utc_offset_minutes = 60;
    // The wages of December were spent; those of January come on Friday the 30th.
    int near_month_end = 0;
    for (auto at : Play(s).charges) {
        auto since = at - *ParseTime("2026-01-30T00:00:00Z");
        near_month_end += since >= Duration(0) && since < days(4) ? 1 : 0;
    }
    EXPECT_GE(near_month_end, 1);
}

TEST(Payday, HistoryTellsWhenThisCustomerHasMoney) {
    auto chance_of = [](std::vector<Time> paid, Time at) {
        Belief belief({.6f, .1f, .1f, .1f, .1f}, "GB", Zone(0), *ParseTime("2026-02-10T12:00:00Z"));
        for (auto time : paid) belief.SawPayment(time);
        belief.SawFailure(*ParseTime("2026-02-10T12:00:00Z"));
        return belief.ChanceAt(at);
    };
    std::vector<Time> after_the_28th;
    for (const char* day :
         {"2025-08-29", "2025-09-29", "2025-10-29", "2025-11-29", "2025-12-29", "2026-01-29"})
        after_the_28th.push_back(*ParseTime(std::string(day) + "T12:00:00Z"));
    auto then = *ParseTime("2026-02-28T12:00:00Z");
    EXPECT_GT(chance_of(after_the_28th, then), chance_of({}, then) + 0.05f);
}

TEST(Payday, AnOutageIsTriedAgainAfterOneFourAndTenHoursThenDaily) {
    auto played = Play(StateOf("issuer_not_available"));
    ASSERT_GE(played.charges.size(), 5u);
    EXPECT_EQ(played.charges[0] - kFailedAt, hours(1));
    EXPECT_EQ(played.charges[1] - kFailedAt, hours(4));
    EXPECT_EQ(played.charges[2] - kFailedAt, hours(10));
    EXPECT_EQ(played.charges[3] - played.charges[2], hours(24));
    // He may never have to hear of it.
    EXPECT_GE(played.letters.at(0), kFailedAt + days(1));
}

TEST(Payday, UnknownCodesAreTriedLessAndVagueOnesFurtherApart) {
    auto unknown = Play(StateOf("never_heard_of")).charges;
    auto vague = Play(StateOf("do_not_honor")).charges;
    auto funds = Play(StateOf("insufficient_funds")).charges;
    EXPECT_LE(unknown.size(), 4u);
    EXPECT_LT(unknown.size(), funds.size());
    EXPECT_GE(unknown.size(), 1u);
    for (std::size_t i = 1; i < vague.size(); ++i) EXPECT_GE(vague[i] - vague[i - 1], hours(40));
    for (std::size_t i = 1; i < unknown.size(); ++i) EXPECT_GE(unknown[i] - unknown[i - 1], hours(64));
}

TEST(Payday, MastercardsDatesAreKeptToTheDay) {
    const std::pair<const char*, int> delays[] = {{"25", 24},  {"26", 48},  {"27", 96},
                                                  {"28", 144}, {"29", 192}, {"30", 240}};
    for (auto [code, count] : delays) {
        auto ahead = LookAhead(kDefault, StateOf("insufficient_funds", code));
        ASSERT_TRUE(ahead.charge_at) << code;
        EXPECT_GE(*ahead.charge_at, kFailedAt + hours(count)) << code;
        EXPECT_LE(*ahead.charge_at, kFailedAt + hours(count + 24)) << code;
        EXPECT_TRUE(ahead.why.starts_with("payday.issuers_date")) << ahead.why;
    }
    auto later = LookAhead(kDefault, StateOf("insufficient_funds", "02"));
    EXPECT_GE(*later.charge_at, kFailedAt + hours(72));
}

TEST(Payday, ANewCardIsChargedAtOnceEvenAtNightAndWhateverTheOldOneSaid) {
    for (const char* code : {"insufficient_funds", "lost_card", "authentication_required", "expired_card"}) {
        auto s = StateOf(code);
        s.now = kFailedAt + hours(16);  // two in the morning
        s.letters = 1;
        s.last_letter_at = kFailedAt;
        s.new_method = true;
        auto step = Decide(kDefault, s);
        EXPECT_EQ(step.action, Action::kCharge) << code;
        EXPECT_EQ(step.rule, "payday.new_method");
        s.new_method = false;
        EXPECT_NE(Decide(kDefault, s).action, Action::kCharge) << code;
    }
}

TEST(Payday, LettersComeAtOnceThenSpacedAndTheLastOneBeforeTheEnd) {
    auto funds = Play(StateOf("insufficient_funds"));
    ASSERT_EQ(funds.letters.size(), 4u);
    EXPECT_EQ(funds.letters[0], kFailedAt);
    EXPECT_EQ(funds.kinds.back(), Letter::kFinalNotice);
    EXPECT_EQ(funds.kinds[1], Letter::kPaymentFailed);
    EXPECT_EQ(funds.end - funds.letters.back(), days(4));
    EXPECT_EQ(Play(StateOf("lost_card")).letters.size(), 5u);
    EXPECT_EQ(Play(StateOf("stop_payment_order")).letters.size(), 1u);
    auto ask = Play(StateOf("authentication_required"));
    EXPECT_EQ(ask.letters.size(), 5u);
    EXPECT_TRUE(ask.charges.empty());
    for (auto kind : ask.kinds) EXPECT_EQ(kind, Letter::kActionRequired);
}

TEST(Payday, TheFirstLetterWaitsForTheMorning) {
    auto s = StateOf("insufficient_funds");
    s.now = s.first_failed_at = kFailedAt + hours(17);  // three in the morning
    auto step = Decide(kDefault, s);
    EXPECT_EQ(step.action, Action::kWait);
    EXPECT_EQ(step.next_at, kFailedAt + hours(22));
}

TEST(Payday, AStepNamesItsInputsWhatWasRejectedAndTheEnd) {
    auto s = StateOf("insufficient_funds");
    s.letters = 1;
    s.last_letter_at = kFailedAt;
    auto step = Decide(kDefault, s);
    EXPECT_EQ(step.action, Action::kWait);
    EXPECT_NE(step.reason.find("decline_code insufficient_funds"), std::string::npos);
    EXPECT_NE(step.reason.find("Friday"), std::string::npos) << step.reason;
    EXPECT_NE(step.rejected.find("sooner"), std::string::npos) << step.rejected;
    EXPECT_EQ(step.ends_at, kFailedAt + days(28));
    EXPECT_TRUE(step.next_charge_at);
    EXPECT_NE(Decide(kDefault, StateOf("lost_card")).rejected.find("lost_card"), std::string::npos);
}

TEST(Payday, TheMerchantsNumbersAreKept) {
    auto s = StateOf("insufficient_funds");
    s.overrides.charges_max = 2;
    s.overrides.window_days = 10;
    s.overrides.quiet_from_hour = 9;
    s.overrides.quiet_until_hour = 17;
    auto played = Play(s);
    EXPECT_LE(played.charges.size(), 2u);
    EXPECT_EQ(played.end, kFailedAt + days(10));
    for (auto at : played.charges) {
        auto hour = Zone(-300).OfDay(at) / hours(1);
        EXPECT_TRUE(hour < 9 || hour >= 17) << FormatTime(at);
    }
    s.overrides.charges_max = 0;
    EXPECT_TRUE(Play(s).charges.empty());
}

TEST(Payday, AWeavedChargeKeepsAwayFromStripes) {
    auto s = StateOf("insufficient_funds");
    s.mode = RetryMode::kWeave;
    s.stripe_attempted_at = kFailedAt;
    s.stripe_next_attempt_at = *LookAhead(kDefault, s).charge_at + hours(1);
    auto ahead = LookAhead(kDefault, s);
    auto distance = *ahead.charge_at - *s.stripe_next_attempt_at;
    EXPECT_TRUE(distance >= hours(6) || distance <= -hours(6));
}

}  // namespace
}  // namespace citadel::policy
