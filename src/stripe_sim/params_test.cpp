#include "stripe_sim/params.h"

#include <gtest/gtest.h>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

Params Read(std::string_view form) { return Params(http::ParseForm(form)); }

TEST(ParamsTest, List_ComesWithOrWithoutNumbers) {
    std::vector<std::string> both = {"a", "b"};
    EXPECT_EQ(Read("expand[]=a&expand[]=b").List("expand"), both);
    EXPECT_EQ(Read("expand[0]=a&expand[1]=b").List("expand"), both);
    EXPECT_EQ(Read("expand%5B0%5D=a&expand%5B1%5D=b").List("expand"), both);
}

TEST(ParamsTest, Members_AreThoseOfOneLevel) {
    auto members = Read("metadata[a]=1&metadata[b]=&other[c]=2").Members("metadata");
    EXPECT_EQ(members, (Metadata{{"a", "1"}, {"b", ""}}));
}

TEST(ParamsTest, WrongTypes_AreRefusedByName) {
    EXPECT_EQ(Read("limit=12").Number("limit"), 12);
    EXPECT_THROW(Read("limit=many").Number("limit"), ApiError);
    EXPECT_EQ(Read("auto_advance=false").Flag("auto_advance"), false);
    EXPECT_THROW(Read("auto_advance=no").Flag("auto_advance"), ApiError);
    EXPECT_THROW(Read("").Required("customer"), ApiError);
}

TEST(ParamsTest, UnknownNames_AreRefused) {
    EXPECT_NO_THROW(Read("status=open&created[gte]=1&expand[]=x").AllowOnly("status created"));
    EXPECT_THROW(Read("statu=open").AllowOnly("status created"), ApiError);
}

TEST(ParamsTest, InRange_HoldsTheBounds) {
    auto time = FromUnixSeconds(100);
    EXPECT_TRUE(Read("created[gte]=100&created[lt]=101").InRange("created", time));
    EXPECT_FALSE(Read("created[gt]=100").InRange("created", time));
    EXPECT_FALSE(Read("created[lte]=99").InRange("created", time));
    EXPECT_FALSE(Read("created=99").InRange("created", time));
}

TEST(ParamsTest, Canonical_ForgetsTheOrder) {
    EXPECT_EQ(Read("a=1&b=2").Canonical(), Read("b=2&a=1").Canonical());
    EXPECT_NE(Read("a=1").Canonical(), Read("a=2").Canonical());
}

}  // namespace
}  // namespace citadel::stripe_sim
