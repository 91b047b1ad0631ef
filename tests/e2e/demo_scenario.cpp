// The main job as a stranger runs it: `citadel demo`, a few weeks, judged by its own report.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/program.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;

// The object that a demo prints as the last line of its output.
json::object LastObject(const std::string& output) {
    auto begin = output.rfind("\n{");
    return json::parse(output.substr(begin == std::string::npos ? output.find('{') : begin + 1)).as_object();
}

json::object RunDemo(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"demo", "--json", "--merchants", "3", "--customers", "40"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Program demo(arguments, {});
    auto exit_code = demo.Wait(std::chrono::minutes(4));
    EXPECT_EQ(exit_code, 0) << demo.Output();
    return LastObject(demo.Output());
}

TEST(Demo, MoneyComesBackAndNothingIsLostOrChargedTwice) {
    auto report = RunDemo({"--days", "30"});
    EXPECT_GT(report.at("invoicesFailed").as_int64(), 30);
    EXPECT_GT(report.at("invoicesRecovered").as_int64(), 10);
    EXPECT_LE(report.at("invoicesRecovered").as_int64(), report.at("invoicesFailed").as_int64());
    EXPECT_GT(report.at("attempts").as_int64(), 10);
    EXPECT_GT(report.at("emailsSent").as_int64(), 30);
    ASSERT_FALSE(report.at("recovered").as_array().empty());
    for (const auto& money : report.at("recovered").as_array()) {
        EXPECT_GT(money.at("amount").as_int64(), 0);
        EXPECT_EQ(money.at("currency").as_string().size(), 3u);
    }
    for (const char* zero : {"eventsLost", "tasksLost", "duplicateCharges", "chargesAfterStop"}) {
        EXPECT_EQ(report.at(zero).as_int64(), 0) << zero;
    }
    EXPECT_TRUE(report.at("booksBalanced").as_bool());
    EXPECT_GT(report.at("recoveredByCause").as_object().size(), 1u);
}

TEST(Demo, TheSeedDecidesWhoFails) {
    auto one = RunDemo({"--days", "4", "--seed", "5"});
    auto again = RunDemo({"--days", "4", "--seed", "5"});
    auto other = RunDemo({"--days", "4", "--seed", "6"});
    EXPECT_EQ(one.at("invoicesFailed"), again.at("invoicesFailed"));
    EXPECT_NE(json::serialize(one), json::serialize(other));
}

}  // namespace
}  // namespace citadel::testing
