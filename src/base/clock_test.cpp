#include "base/clock.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <thread>

namespace citadel {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kNewYear = FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

TEST(FormatTime, IsRfc3339WithDecimalsOnlyWhereThereAreAny) {
    EXPECT_EQ(FormatTime(kNewYear), "2026-01-01T00:00:00Z");
    EXPECT_EQ(FormatTime(kNewYear + microseconds(1)), "2026-01-01T00:00:00.000001Z");
    EXPECT_EQ(FormatTime(kNewYear - microseconds(1)), "2025-12-31T23:59:59.999999Z");
    EXPECT_EQ(FormatTime(FromUnixSeconds(0) - seconds(1)), "1969-12-31T23:59:59Z");
}

TEST(ParseTime, ReadsWhatFormatTimeWrites) {
    // Steps of a prime number of microseconds, so that every field varies; 1902 to 2089.
    for (std::int64_t step = -700; step <= 1230; ++step) {
        Time time = FromUnixSeconds(0) + microseconds(3'058'104'000'001 * step);
        EXPECT_EQ(ParseTime(FormatTime(time)), time) << FormatTime(time);
    }
}

TEST(ParseTime, AcceptsOffsetsDecimalsAndLeapDays) {
    EXPECT_EQ(ParseTime("2026-01-01T01:30:00+01:30"), kNewYear);
    EXPECT_EQ(ParseTime("2025-12-31T19:00:00-05:00"), kNewYear);
    EXPECT_EQ(ParseTime("2026-01-01t00:00:00z"), kNewYear);
    EXPECT_EQ(ParseTime("2026-01-01T00:00:00.5Z"), kNewYear + milliseconds(500));
    EXPECT_EQ(ParseTime("2026-01-01T00:00:00.123456789Z"), kNewYear + microseconds(123456));
    EXPECT_EQ(ParseTime("2024-02-29T00:00:00Z"), ParseTime("2024-03-01T00:00:00Z").value() - hours(24));
}

TEST(ParseTime, RefusesEverythingElse) {
    for (auto text : {"",
                      "now",
                      "2026-01-01",
                      "2026-01-01T00:00:00",
                      "2026-01-01T00:00Z",
                      "2026-13-01T00:00:00Z",
                      "2026-02-29T00:00:00Z",
                      "2026-04-31T00:00:00Z",
                      "2026-01-00T00:00:00Z",
                      "2026-01-01T24:00:00Z",
                      "2026-01-01T00:60:00Z",
                      "2026-01-01T00:00:61Z",
                      "2026-01-01T00:00:00.Z",
                      "2026-01-01T00:00:00+0100",
                      "2026-01-01T00:00:00+24:00",
                      "2026-01-01T00:00:00Z ",
                      " 2026-01-01T00:00:00Z",
                      "26-01-01T00:00:00Z",
                      "-026-01-01T00:00:00Z",
                      "2026-1-01T00:00:00Z",
                      "2026-+1-01T00:00:00Z",
                      "2026-01-01T-1:00:00Z"}) {
        EXPECT_EQ(ParseTime(text), std::nullopt) << text;
    }
}

TEST(ParseTime, TakesLettersInEitherCaseButSeparatorsOnlyAsTheyAre) {
    // 'M', 'Z' and '@' stand 32 places behind '-', ':' and ' ' as small letters do behind capital ones.
    for (auto text : {"2026M01M01T00:00:00Z", "2026-01-01T00Z00Z00Z", "2026-01-01@00:00:00Z"}) {
        EXPECT_EQ(ParseTime(text), std::nullopt) << text;
    }
}

TEST(UnixSeconds, RoundDownAlsoBefore1970) {
    EXPECT_EQ(ToUnixSeconds(kNewYear + microseconds(999'999)), 1767225600);
    EXPECT_EQ(ToUnixSeconds(FromUnixSeconds(0) - microseconds(1)), -1);
}

TEST(ParseClock, RealIsTheDefaultAndFollowsTheSystem) {
    for (auto text : {"", "real"}) {
        auto clock = ParseClock(text);
        auto before = std::chrono::floor<Duration>(std::chrono::system_clock::now());
        auto now = clock->Now();
        EXPECT_LE(before, now);
        EXPECT_LE(now, std::chrono::system_clock::now());
        EXPECT_EQ(clock->Rate(), 1.0);
    }
}

TEST(ParseClock, FixedStandsStill) {
    auto clock = ParseClock("fixed:2026-01-01T00:00:00Z");
    EXPECT_EQ(clock->Now(), kNewYear);
    std::this_thread::sleep_for(milliseconds(2));
    EXPECT_EQ(clock->Now(), kNewYear);
}

TEST(ParseClock, FastRunsAtItsRateFromItsStart) {
    auto before = std::chrono::steady_clock::now();
    auto clock = ParseClock("fast:2026-01-01T00:00:00Z:21600");
    EXPECT_EQ(clock->Rate(), 21600);
    auto first = clock->Now();
    EXPECT_GE(first, kNewYear);
    auto waited_from = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(milliseconds(20));
    auto waited = std::chrono::steady_clock::now() - waited_from;
    auto second = clock->Now();
    // At least the wait, at most all the wall time since before the clock was made; plus rounding.
    auto at_most = std::chrono::steady_clock::now() - before;
    EXPECT_GE(second - first + seconds(1), waited * 21600);
    EXPECT_LE(second - kNewYear, at_most * 21600);
}

TEST(ParseClock, StretchTurnsWallTimeIntoTheClocksTime) {
    EXPECT_EQ(ParseClock("fast:2026-01-01T00:00:00Z:3600")->Stretch(seconds(2)), hours(2));
    EXPECT_EQ(ParseClock("fast:2026-01-01T00:00:00Z:0.5")->Stretch(seconds(2)), seconds(1));
    EXPECT_EQ(ParseClock("real")->Stretch(seconds(2)), seconds(2));
}

TEST(ParseClock, ABadValueIsNamedTogetherWithWhatIsExpected) {
    for (auto text :
         {"slow", "fixed", "fixed:", "fixed:yesterday", "fast:", "fast:2026-01-01T00:00:00Z",
          "fast:2026-01-01T00:00:00Z:", "fast:2026-01-01T00:00:00Z:0", "fast:2026-01-01T00:00:00Z:-2",
          "fast:2026-01-01T00:00:00Z:nan", "fast:2026-01-01T00:00:00Z:inf", "fast:2026-01-01T00:00:00Z:2x",
          "fast:2026-01-01T00:00:00Z:1e30", "fast:never:2", "Real "}) {
        try {
            ParseClock(text);
            ADD_FAILURE() << text << " was accepted";
        } catch (const std::invalid_argument& refused) {
            std::string what = refused.what();
            EXPECT_NE(what.find("CITADEL_CLOCK must be"), std::string::npos) << what;
            EXPECT_TRUE(what.ends_with("got \"" + std::string(text) + "\"")) << what;
        }
    }
}

TEST(ManualClock, MovesOnlyWhenTold) {
    ManualClock clock(kNewYear);
    clock.Advance(hours(1));
    EXPECT_EQ(clock.Now(), kNewYear + hours(1));
    clock.Set(kNewYear);
    EXPECT_EQ(clock.Now(), kNewYear);
}

}  // namespace
}  // namespace citadel
