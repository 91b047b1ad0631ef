#include "stripe_sim/search_query.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

bool Finds(std::string_view query) {
    static const auto object =
        json::parse(R"({"status":"open","total":1200,"customer":"cus_1","subscription":null,
                        "description":"say \"hi\"","metadata":{"tier":"Gold","empty":""}})")
            .as_object();
    return SearchQuery(query, "status total customer subscription description").Matches(object);
}

TEST(SearchQueryTest, Conditions_AreJoinedByAndOrOr) {
    EXPECT_TRUE(Finds(R"(status:"open")"));
    EXPECT_TRUE(Finds(R"(status:"open" AND customer:"cus_1")"));
    EXPECT_FALSE(Finds(R"(status:"open" AND customer:"cus_2")"));
    EXPECT_TRUE(Finds(R"(status:"paid" or customer:'cus_1')"));
    EXPECT_TRUE(Finds(R"(status:"open" customer:"cus_1")"));
}

TEST(SearchQueryTest, MinusTurnsAConditionRound) {
    EXPECT_TRUE(Finds(R"(-status:"paid" AND -total>2000)"));
    EXPECT_FALSE(Finds(R"(-status:"open")"));
}

TEST(SearchQueryTest, NumbersAreCompared_TextsWithoutCase) {
    EXPECT_TRUE(Finds("total>1199 AND total<1201 AND total>=1200 AND total<=1200 AND total:1200"));
    EXPECT_FALSE(Finds("total>1200"));
    EXPECT_TRUE(Finds(R"(status:"OPEN")"));
    EXPECT_TRUE(Finds(R"(status~"pe")"));
    EXPECT_TRUE(Finds(R"(description:"say \"hi\"")"));
}

TEST(SearchQueryTest, MetadataIsFoundByKey_AndNullIsWhatIsNotThere) {
    EXPECT_TRUE(Finds(R"(metadata["tier"]:"gold")"));
    EXPECT_TRUE(Finds(R"(metadata["other"]:null)"));
    EXPECT_FALSE(Finds(R"(metadata["tier"]:null)"));
    EXPECT_TRUE(Finds("subscription:null"));
    EXPECT_TRUE(Finds("-customer:null"));
}

TEST(SearchQueryTest, WhatIsNoQuery_IsRefused) {
    for (auto query : {"", "status", "status:", "bogus:1", R"(status:"open)", "status=1", "metadata:1",
                       R"(metadata["a":1)", R"(status:"a" AND total>1 OR total<1)", R"(status:"a" AND)"}) {
        EXPECT_THROW(SearchQuery(query, "status total"), ApiError) << query;
    }
}

}  // namespace
}  // namespace citadel::stripe_sim
