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

TEST(ParamsTest, MembersNamedOneByOne_AreTheOnlyOnes) {
    constexpr std::string_view kAllowed = "items[][price] items[][metadata] recurring[interval]";
    EXPECT_NO_THROW(
        Read("items[0][price]=a&items[][metadata][k]=v&recurring[interval]=day").AllowOnly(kAllowed));
    EXPECT_THROW(Read("items[0][colour]=a").AllowOnly(kAllowed), ApiError);
    EXPECT_THROW(Read("recurring[every]=1").AllowOnly(kAllowed), ApiError);
    EXPECT_THROW(Read("items=a").AllowOnly(kAllowed), ApiError);
}

TEST(ParamsTest, Rows_AreElementsWithOrWithoutNumbers) {
    for (auto form : {"items[0][price]=a&items[0][metadata][k]=v&items[1][price]=b",
                      "items[][price]=a&items[][metadata][k]=v&items[][price]=b"}) {
        auto rows = Read(form).Rows("items");
        ASSERT_EQ(rows.size(), 2u) << form;
        EXPECT_EQ(rows[0].Required("price"), "a");
        EXPECT_EQ(rows[0].Members("metadata"), (Metadata{{"k", "v"}}));
        EXPECT_EQ(rows[1].Required("price"), "b");
        EXPECT_EQ(rows[1].FullName("price"), "items[1][price]");
    }
}

TEST(ParamsTest, Nested_IsAHashOfItsOwn) {
    auto nested = Read("price_data[currency]=usd&price_data[recurring][interval]=day").Nested("price_data");
    EXPECT_EQ(nested.Required("currency"), "usd");
    EXPECT_EQ(nested.Required("recurring[interval]"), "day");
    EXPECT_EQ(nested.FullName("recurring[interval]"), "price_data[recurring][interval]");
}

TEST(ParamsTest, OneOf_RefusesOtherValues) {
    EXPECT_EQ(Read("status=open").OneOf("status", {"open", "paid"}), "open");
    EXPECT_EQ(Read("status=").OneOf("status", {"open", "paid"}), std::nullopt);
    EXPECT_THROW(Read("status=odd").OneOf("status", {"open", "paid"}), ApiError);
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
