#include "base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace citadel {
namespace {

TEST(RandomHex, HasTheAskedLengthAndNeverRepeats) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        auto text = RandomHex(16);
        EXPECT_EQ(text.size(), 32u);
        EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos) << text;
        EXPECT_TRUE(seen.insert(text).second);
    }
    EXPECT_EQ(RandomHex(0), "");
}

// The reference values of SplitMix64 for this seed: a run with a seed is the same on every machine.
TEST(Random, GivesTheSameNumbersForTheSameSeedForEver) {
    Random random(1234567);
    EXPECT_EQ(random.Next(), 6457827717110365317ull);
    EXPECT_EQ(random.Next(), 3203168211198807973ull);
    EXPECT_EQ(random.Next(), 9817491932198370423ull);
}

TEST(Random, UnitStaysBelowOneAndFillsTheRange) {
    Random random(7);
    double lowest = 1, highest = 0;
    for (int i = 0; i < 100'000; ++i) {
        double value = random.Unit();
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
        EXPECT_LT(random.Below(10), 10u);
    }
    EXPECT_GE(lowest, 0.0);
    EXPECT_LT(lowest, 0.001);
    EXPECT_GT(highest, 0.999);
    EXPECT_LT(highest, 1.0);
}

TEST(Random, ChanceKeepsItsOdds) {
    Random random(7);
    int hits = 0;
    for (int i = 0; i < 10'000; ++i) hits += random.Chance(0.25);
    EXPECT_NEAR(hits, 2500, 200);
    EXPECT_FALSE(random.Chance(0.0));
    EXPECT_TRUE(random.Chance(1.0));
}

}  // namespace
}  // namespace citadel
