#include "postgres/statement.h"

#include <gtest/gtest.h>

namespace citadel::postgres {
namespace {

std::string ArrayOf(const std::vector<Param>& values) {
    Params params;
    params.Array(values);
    return *params.values().front();
}

TEST(Params, ArraysQuoteWhatWouldEndAnElement) {
    EXPECT_EQ(ArrayOf({}), "{}");
    EXPECT_EQ(ArrayOf({"a"}), R"({"a"})");
    EXPECT_EQ(ArrayOf({"a,b", "{c}", " d "}), R"({"a,b","{c}"," d "})");
    EXPECT_EQ(ArrayOf({R"(say "hi")", R"(back\slash)"}), R"({"say \"hi\"","back\\slash"})");
    EXPECT_EQ(ArrayOf({"line\nbreak", "it's"}), "{\"line\nbreak\",\"it's\"}");
}

TEST(Params, ANullElementIsNotTheWordNull) {
    EXPECT_EQ(ArrayOf({std::nullopt, "NULL", "", "null"}), R"({NULL,"NULL","","null"})");
}

TEST(Params, KeepTheirOrderAndTellEmptyFromNull) {
    Params params;
    params.Text("").TextOrNull("").TextOrNull("x").Int(-7).Null().At(*ParseTime("1970-01-01T00:00:01.5Z"));
    const auto& values = params.values();
    ASSERT_EQ(values.size(), 6u);
    EXPECT_EQ(values[0], "");
    EXPECT_EQ(values[1], std::nullopt);
    EXPECT_EQ(values[2], "x");
    EXPECT_EQ(values[3], "-7");
    EXPECT_EQ(values[4], std::nullopt);
    EXPECT_EQ(values[5], "1500000");
}

TEST(Statement, CollisionsFailoverAndLostConnectionsMayBeTriedAgain) {
    for (const char* state :
         {"40001", "40P01", "53300", "25006", "57P01", "57P02", "57P03", "08006", "08001"}) {
        EXPECT_TRUE(IsTransient(state)) << state;
    }
    for (const char* state : {"23505", "42P01", "22P02", "42501", "57014", ""})
        EXPECT_FALSE(IsTransient(state)) << state;
}

}  // namespace
}  // namespace citadel::postgres
