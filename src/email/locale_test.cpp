#include "email/locale.h"

#include <gtest/gtest.h>

#include <limits>

namespace citadel::email {
namespace {

TEST(FormatMoney, HasTheDecimalsOfTheCurrency) {
    EXPECT_EQ(FormatMoney({2000, "usd"}), "USD 20.00");
    EXPECT_EQ(FormatMoney({5, "eur"}), "EUR 0.05");
    EXPECT_EQ(FormatMoney({0, "eur"}), "EUR 0.00");
    EXPECT_EQ(FormatMoney({2000, "jpy"}), "JPY 2000");
    EXPECT_EQ(FormatMoney({1500, "kwd"}), "KWD 1.500");
    EXPECT_EQ(FormatMoney({7, "bhd"}), "BHD 0.007");
    EXPECT_EQ(FormatMoney({500, "isk"}), "ISK 5.00");
    EXPECT_EQ(FormatMoney({500, "XPF"}), "XPF 500");
    EXPECT_EQ(FormatMoney({12345, "clf"}), "CLF 1.2345");
}

TEST(FormatMoney, IsExactAtTheEdges) {
    EXPECT_EQ(FormatMoney({-5, "usd"}), "USD -0.05");
    EXPECT_EQ(FormatMoney({-2000, "jpy"}), "JPY -2000");
    EXPECT_EQ(FormatMoney({std::numeric_limits<std::int64_t>::max(), "usd"}), "USD 92233720368547758.07");
    EXPECT_EQ(FormatMoney({std::numeric_limits<std::int64_t>::min(), "usd"}), "USD -92233720368547758.08");
    EXPECT_EQ(FormatMoney({std::numeric_limits<std::int64_t>::min(), "kwd"}), "KWD -9223372036854775.808");
}

TEST(FormatMoney, IsWrittenAsTheLocaleWritesIt) {
    EXPECT_EQ(FormatMoney({123456, "usd"}, "en"), "$1,234.56");
    EXPECT_EQ(FormatMoney({123456, "usd"}, "de"), "1.234,56\u00a0$");
    EXPECT_EQ(FormatMoney({123456, "brl"}, "pt-BR"), "R$\u00a01.234,56");
    EXPECT_EQ(FormatMoney({2000, "jpy"}, "en"), "¥2,000");
    EXPECT_EQ(FormatMoney({1500, "kwd"}, "en"), "KWD\u00a01.500");
    EXPECT_EQ(FormatMoney({1500, "kwd"}, "de"), "1,500\u00a0KWD");
    EXPECT_EQ(FormatMoney({std::numeric_limits<std::int64_t>::max(), "usd"}, "en"),
              "$92,233,720,368,547,758.07");
}

TEST(FormatMoney, ACurrencyThatIsWholeThoughCountedInHundredthsShowsNoEmptyDecimals) {
    EXPECT_EQ(FormatMoney({50000, "isk"}, "en"), "ISK\u00a0500");
    EXPECT_EQ(FormatMoney({50050, "isk"}, "en"), "ISK\u00a0500.50");
}

TEST(FormatMoney, WhatIsNoLocaleStillGivesAnAmount) {
    EXPECT_NE(FormatMoney({2000, "usd"}, "no such locale").find("20.00"), std::string::npos);
    EXPECT_NE(FormatMoney({2000, "usd"}, "").find("20"), std::string::npos);
}

TEST(FormatDay, IsTheDayInThatZone) {
    auto late = *ParseTime("2026-03-18T23:30:00Z");
    EXPECT_EQ(FormatDay(late, "en", "UTC"), "March 18, 2026");
    EXPECT_EQ(FormatDay(late, "de", "Europe/Berlin"), "19. März 2026");
    EXPECT_EQ(FormatDay(late, "en-GB", "Mars/Olympus"), "18 March 2026");
}

TEST(LocalHour, KnowsSummerTime) {
    EXPECT_EQ(LocalHour(*ParseTime("2026-01-15T12:00:00Z"), "Europe/Berlin"), 13);
    EXPECT_EQ(LocalHour(*ParseTime("2026-07-15T12:00:00Z"), "Europe/Berlin"), 14);
    EXPECT_EQ(LocalHour(*ParseTime("2026-07-15T12:00:00Z"), ""), 12);
    EXPECT_EQ(LocalHour(*ParseTime("1969-12-31T23:00:00Z"), "UTC"), 23);
}

TEST(ZoneOfCountry, IsTheOneInTheMiddle) {
    EXPECT_EQ(ZoneOfCountry("DE"), "Europe/Berlin");
    EXPECT_EQ(ZoneOfCountry("jp"), "Asia/Tokyo");
    EXPECT_EQ(ZoneOfCountry("ZZ"), std::nullopt);
    EXPECT_EQ(ZoneOfCountry(""), std::nullopt);
    auto us = ZoneOfCountry("US");
    ASSERT_TRUE(us);
    EXPECT_TRUE(IsTimeZone(*us));
}

TEST(IsTimeZone, TakesIanaNamesOnly) {
    for (auto good : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"}) {
        EXPECT_TRUE(IsTimeZone(good)) << good;
    }
    for (auto bad : {"", "Mars/Olympus", "Europe/Berlin;", "berlin", "\xff\xfe"}) {
        EXPECT_FALSE(IsTimeZone(bad)) << bad;
    }
}

}  // namespace
}  // namespace citadel::email
