#include "email/values.h"

#include <gtest/gtest.h>

namespace citadel::email {
namespace {

TEST(OneLine, CollapsesBreaksAndSpaces) {
    EXPECT_EQ(OneLine("  Jenny \t\r\n  Payer\x7f "), "Jenny Payer");
    EXPECT_EQ(OneLine("Zo\xC3\xAB \xE2\x80\xA8 \xF0\x9F\x90\x9D"), "Zo\xC3\xAB \xF0\x9F\x90\x9D");
    EXPECT_EQ(OneLine("\xC2\x85\xE2\x80\xAE"
                      "abc"),
              "abc");
    EXPECT_EQ(OneLine(""), "");
    EXPECT_EQ(OneLine(" \n "), "");
}

TEST(OneLine, InvalidUtf8BecomesTheReplacementCharacter) {
    const std::string replaced = "\xEF\xBF\xBD";
    EXPECT_EQ(OneLine("a\xFFz"), "a" + replaced + "z");
    EXPECT_EQ(OneLine("\xC0\xAF"), replaced + replaced);                 // overlong
    EXPECT_EQ(OneLine("\xED\xA0\x80"), replaced + replaced + replaced);  // surrogate
    EXPECT_EQ(OneLine("x\xE2\x82"), "x" + replaced + replaced);          // cut short
    EXPECT_EQ(OneLine("\xF4\x90\x80\x80").substr(0, 3), replaced);       // beyond Unicode
}

TEST(OneLine, CutsBetweenCharactersAndSaysSo) {
    EXPECT_EQ(OneLine("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9…");
    EXPECT_EQ(OneLine("abc", 3), "abc");
    EXPECT_EQ(OneLine("abc   ", 3), "abc");
    EXPECT_EQ(OneLine("abcd", 3), "abc…");
}

TEST(PersonName, KeepsNamesAndDropsLures) {
    EXPECT_EQ(PersonName("Anne-Marie O'Neill"), "Anne-Marie O'Neill");
    EXPECT_EQ(PersonName("J. R. R. Payer"), "J. R. R. Payer");
    for (auto lure : {"see http://x.example", "WWW.example", "a@b.example", "Prize at Example.COM"}) {
        EXPECT_EQ(PersonName(lure), "") << lure;
    }
}

TEST(IsPlainAddress, AcceptsOnlyWhatNeedsNoQuoting) {
    EXPECT_TRUE(IsPlainAddress("help+billing@sub.acme.example"));
    for (auto bad : {"", "@", "a@", "@b", "a b@c.example", "a@b@c", "a@b.example?bcc=x", "\"a\"@b.example",
                     "a@b.example\n", "<a@b.example>", "a%0a@b.example"}) {
        EXPECT_FALSE(IsPlainAddress(bad)) << bad;
    }
    EXPECT_FALSE(IsPlainAddress(std::string(300, 'a') + "@b.example"));
}

TEST(BrandColor, FallsBackOnTheProductsOwn) {
    EXPECT_EQ(BrandColor("#A0b1C2"), "#A0b1C2");
    for (auto bad : {"", "#fff", "red", "#12345g", "#1234567", "#123456;"})
        EXPECT_EQ(BrandColor(bad), "#1a56db") << bad;
}

TEST(TextColorOn, IsTheMoreReadableOne) {
    EXPECT_EQ(TextColorOn("#ffffff"), "#000000");
    EXPECT_EQ(TextColorOn("#000000"), "#ffffff");
    EXPECT_EQ(TextColorOn("#1a56db"), "#ffffff");
    EXPECT_EQ(TextColorOn("#ffff00"), "#000000");
    EXPECT_EQ(TextColorOn("#0000FF"), "#ffffff");
    // The two ratios cross at a luminance of about 0.179.
    EXPECT_EQ(TextColorOn("#757575"), "#ffffff");
    EXPECT_EQ(TextColorOn("#767676"), "#000000");
}

}  // namespace
}  // namespace citadel::email
