#include "policy/paydays.h"

#include <gtest/gtest.h>

namespace citadel::policy {
namespace {

using std::chrono::days;

CycleIndex Named(std::string_view name) {
    for (CycleIndex i = 0; i < kCycles; ++i) {
        if (PayCycles()[i].name == name) return i;
    }
    ADD_FAILURE() << name;
    return 0;
}

LocalDays Day(int year, unsigned month, unsigned day) {
    return LocalDays(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

TEST(Paydays, CountTheDaysSinceTheLastOne) {
    EXPECT_EQ(DaysSincePayday(Named("weekly on Friday"), Day(2026, 1, 2)), 0);
    EXPECT_EQ(DaysSincePayday(Named("weekly on Friday"), Day(2026, 1, 8)), 6);
    EXPECT_EQ(DaysSincePayday(Named("on the 15th"), Day(2026, 1, 14)), 30);
    EXPECT_EQ(DaysSincePayday(Named("on the 1st and 15th"), Day(2026, 1, 14)), 13);
    EXPECT_EQ(DaysSincePayday(Named("on the 5th business day"), Day(2026, 1, 7)), 0);
}

TEST(Paydays, OneOnAWeekendIsMovedToTheBusinessDayBefore) {
    // The 28th of February 2026 is a Saturday, the 1st of March a Sunday, the 15th of March a Sunday.
    EXPECT_EQ(DaysSincePayday(Named("at month end"), Day(2026, 2, 27)), 0);
    EXPECT_EQ(DaysSincePayday(Named("at month end"), Day(2026, 2, 28)), 1);
    EXPECT_EQ(DaysSincePayday(Named("on the 1st"), Day(2026, 2, 27)), 0);
    EXPECT_EQ(DaysSincePayday(Named("on the 15th"), Day(2026, 3, 13)), 0);
    // A month without a 31st ends all the same.
    EXPECT_EQ(DaysSincePayday(Named("at month end"), Day(2026, 4, 30)), 0);
}

TEST(Paydays, TheTwoFortnightsTakeTurns) {
    auto day = Day(2026, 1, 2);
    for (int week = 0; week < 8; ++week, day += days(7)) {
        int zeros = 0;
        for (CycleIndex i = 0; i < kCycles; ++i) {
            if (PayCycles()[i].name == "every other Friday") zeros += DaysSincePayday(i, day) == 0 ? 1 : 0;
        }
        EXPECT_EQ(zeros, 1);
    }
}

TEST(Paydays, TheTableAgreesWithItselfBeyondItsYears) {
    // 400 years are a whole number of weeks, but of fortnights only every other time.
    for (auto name : {"weekly on Friday", "at month end", "on the 20th", "on the 5th business day"}) {
        EXPECT_EQ(DaysSincePayday(Named(name), Day(2026, 7, 19)),
                  DaysSincePayday(Named(name), Day(2426, 7, 19)))
            << name;
    }
}

TEST(Paydays, SharesAddUpAndDifferByCountry) {
    for (auto country : {"US", "gb", "DE", "AU", "BR", "JP", "IN", "MX", "", "XX", "nonsense"}) {
        float sum = 0;
        for (float share : PayCycleShares(country)) {
            EXPECT_GT(share, 0) << country;
            sum += share;
        }
        EXPECT_NEAR(sum, 1, 1e-4) << country;
    }
    EXPECT_GT(PayCycleShares("US")[Named("weekly on Friday")], 0.15f);
    EXPECT_GT(PayCycleShares("de")[Named("at month end")], 0.25f);
    EXPECT_GT(PayCycleShares("BR")[Named("on the 5th business day")], 0.3f);
}

TEST(LocalTime, KnowsTheHourAndWhatIsClosed) {
    Zone zone(-300);
    auto noon = *ParseTime("2026-01-02T17:20:00Z");
    EXPECT_EQ(FormatLocal(zone, noon), "Fri 2026-01-02 12:20");
    ClosedHours night{21, 8};
    EXPECT_FALSE(night.Contains(zone, noon));
    EXPECT_EQ(night.NextOpen(zone, noon), noon);
    auto late = *ParseTime("2026-01-03T02:30:00Z");  // half past nine in the evening
    EXPECT_TRUE(night.Contains(zone, late));
    EXPECT_EQ(FormatTime(night.NextOpen(zone, late)), "2026-01-03T13:00:00Z");
    auto early = *ParseTime("2026-01-03T08:00:00Z");
    EXPECT_EQ(FormatTime(night.NextOpen(zone, early)), "2026-01-03T13:00:00Z");
    EXPECT_FALSE((ClosedHours{5, 5}).Contains(zone, early));
    EXPECT_EQ((ClosedHours{9, 17}).NearestOpenHour(11), 8);
    EXPECT_EQ((ClosedHours{1, 4}).NearestOpenHour(11), 11);
    EXPECT_EQ((ClosedHours{9, 6}).NearestOpenHour(11), 8);
    EXPECT_EQ(GuessUtcOffsetMinutes("de"), 60);
    EXPECT_EQ(GuessUtcOffsetMinutes("nowhere"), 0);
}

}  // namespace
}  // namespace citadel::policy
