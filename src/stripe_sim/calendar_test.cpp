#include "stripe_sim/calendar.h"

#include <gtest/gtest.h>

namespace citadel::stripe_sim {
namespace {

// The first `count` ends of periods that begin at `start`.
std::vector<std::string> Ends(const std::string& interval, int every, const std::string& start, int count) {
    Recurrence recurrence{interval, every, {}};
    auto anchor = *ParseTime(start), time = anchor;
    std::vector<std::string> ends;
    for (int i = 0; i < count; ++i) {
        time = PeriodEnd(recurrence, anchor, time);
        ends.push_back(FormatTime(time).substr(0, 16));
    }
    return ends;
}
using Times = std::vector<std::string>;

TEST(CalendarTest, MonthEnds_ComeBackToTheAnchorsDay) {
    EXPECT_EQ(Ends("month", 1, "2027-12-31T10:30:00Z", 4),
              (Times{"2028-01-31T10:30", "2028-02-29T10:30", "2028-03-31T10:30", "2028-04-30T10:30"}));
    EXPECT_EQ(Ends("month", 3, "2026-11-30T00:00:00Z", 2), (Times{"2027-02-28T00:00", "2027-05-30T00:00"}));
}

TEST(CalendarTest, LeapDay_IsKeptForTheYearsThatHaveIt) {
    EXPECT_EQ(Ends("year", 1, "2028-02-29T00:00:00Z", 4),
              (Times{"2029-02-28T00:00", "2030-02-28T00:00", "2031-02-28T00:00", "2032-02-29T00:00"}));
}

TEST(CalendarTest, DaysAndWeeks_AreCounted) {
    EXPECT_EQ(Ends("day", 10, "2026-02-25T08:00:00Z", 1), (Times{"2026-03-07T08:00"}));
    EXPECT_EQ(Ends("week", 2, "2026-02-25T08:00:00Z", 1), (Times{"2026-03-11T08:00"}));
}

}  // namespace
}  // namespace citadel::stripe_sim
