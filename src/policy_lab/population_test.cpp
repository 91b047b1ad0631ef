#include "policy_lab/population.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace citadel::policy_lab {
namespace {

const std::string kCauses = R"("causes":[{"cause":"lost","share":1,"codes":{"lost_card":1}}])";
const std::string kCountries = R"("countries":[{"country":"US","pay":[{"period":"monthly","share":1}]}])";

std::string ErrorOf(const std::string& json) {
    try {
        ReadPopulation(json);
    } catch (const std::invalid_argument& refused) {
        return refused.what();
    }
    return "";
}

TEST(Population, TheBuiltInOneIsReadAndHasEveryCause) {
    auto population = ReadPopulation(PopulationData());
    EXPECT_EQ(population.horizon_days, 30);
    EXPECT_EQ(population.countries.size(), 5u);
    for (auto cause : {Cause::kFunds, Cause::kHold, Cause::kOutage, Cause::kExpired, Cause::kLost,
                       Cause::kAuthentication, Cause::kGone}) {
        bool there = false;
        for (const auto& each : population.causes) there = there || each.cause == cause;
        EXPECT_TRUE(there) << NameOf(cause);
    }
}

TEST(Population, ASmallOneIsEnough) {
    auto population = ReadPopulation(R"({"name":"small",)" + kCauses + "," + kCountries + "}");
    EXPECT_EQ(population.name, "small");
    EXPECT_EQ(population.causes.at(0).codes.at(0).code, "lost_card");
    EXPECT_EQ(population.countries.at(0).utc_offsets, std::vector<int>{0});
}

TEST(Population, NamesTheMemberThatIsWrong) {
    auto with = [](const std::string& members) { return ErrorOf("{\"name\":\"x\"," + members + "}"); };
    EXPECT_EQ(with(kCauses + "," + kCountries), "");
    EXPECT_NE(ErrorOf("{").find("no JSON"), std::string::npos);
    EXPECT_NE(ErrorOf("{}").find("name"), std::string::npos);
    EXPECT_NE(with(kCountries).find("causes"), std::string::npos);
    EXPECT_NE(with(kCauses + "," + kCountries + R"(,"debit":2)").find("debit"), std::string::npos);
    EXPECT_NE(with(kCauses + "," + kCountries + R"(,"tyop":2)").find("tyop"), std::string::npos);
    EXPECT_NE(with(kCountries + R"(,"causes":[{"cause":"moon","share":1,"codes":{"x":1}}])")
                  .find("causes[0].cause"),
              std::string::npos);
    EXPECT_NE(with(kCountries + R"(,"causes":[{"cause":"lost","share":1}])").find("causes[0].codes"),
              std::string::npos);
    EXPECT_NE(with(kCauses +
                   R"(,"countries":[{"country":"US","pay":[{"period":"monthly","share":1,"days":[32]}]}])")
                  .find("countries[0].pay[0].days"),
              std::string::npos);
}

}  // namespace
}  // namespace citadel::policy_lab
