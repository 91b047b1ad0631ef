#include "email/digest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "email/digest_words.h"

namespace citadel::email {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

DigestContext AWeek(const std::string& locale = "en") {
    DigestContext context;
    context.merchant_name = "Acme";
    context.locale = locale;
    context.brand_color = "#1a56db";
    context.monday = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);
    context.recovered = {{3, Money{12345, "usd"}, 1, 10000}, {1, Money{2000, "jpy"}, 0, 0}};
    context.causes = {{"retry", 2, Money{345, "usd"}},
                      {"customer_after_mail", 1, Money{12000, "usd"}},
                      {"stripe_retry", 1, Money{2000, "jpy"}}};
    for (int week = 0; week < 8; ++week) context.trend.push_back(Money{week * 1000, "usd"});
    context.open = {{7, Money{70000, "usd"}}};
    context.planned = 5;
    context.need_customer = 2;
    context.next_action = std::chrono::sys_days(std::chrono::year(2026) / 3 / 10);
    context.letters_sent = 11;
    context.letters_delivered = 10;
    context.letters_opened = 8;
    context.letters_clicked = 6;
    context.paid_after_letter = 1;
    context.dashboard_url = "https://citadel.example";
    context.stop_url = "https://citadel.example/api/digest/stop/abc";
    return context;
}

TEST(Digest, SaysTheSameInBothTwins) {
    auto mail = RenderDigest(AWeek());
    EXPECT_EQ(mail.subject, "Acme: $123.45, ¥2,000 recovered last week");
    for (const char* figure :
         {"March 2 to March 8", "$123.45", "+$23.45", "¥2,000", "$700.00", "$70.00", "March 10", "January 12",
          "By our retry", "https://citadel.example/api/digest/stop/abc"}) {
        EXPECT_THAT(mail.html, HasSubstr(figure));
        EXPECT_THAT(mail.text, HasSubstr(figure));
    }
}

TEST(Digest, DrawsItsTrendOfTableCells_TheBestWeekWidest) {
    auto mail = RenderDigest(AWeek());
    EXPECT_THAT(
        mail.html,
        AllOf(HasSubstr(
                  "width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr><td height=\"14\""),
              HasSubstr("width=\"14%\""), Not(HasSubstr("<img"))));
    EXPECT_THAT(mail.text, HasSubstr("March 2: #################### $70.00"));
    EXPECT_THAT(mail.text, HasSubstr("January 12:  $0.00"));
}

TEST(Digest, EscapesWhatAMerchantCallsItself) {
    auto context = AWeek();
    context.merchant_name = "<script>alert(1)</script>\r\nBcc: all@example.com \"&'";
    auto mail = RenderDigest(context);
    EXPECT_THAT(mail.html, AllOf(Not(HasSubstr("<script>")), HasSubstr("&lt;script&gt;")));
    EXPECT_THAT(mail.subject, Not(HasSubstr("\n")));
}

TEST(Digest, TakesNoColorThatIsNone_AndDrawsNothingTooPaleToSee) {
    auto context = AWeek();
    context.brand_color = "red;} body{display:none";
    EXPECT_THAT(RenderDigest(context).html, Not(HasSubstr("display:none")));
    context.brand_color = "#ffff00";
    EXPECT_THAT(RenderDigest(context).html,
                AllOf(HasSubstr("border-top:4px solid #ffff00"), HasSubstr("bgcolor=\"#1f2933\"")));
}

TEST(Digest, OfAWeekInWhichNothingCameBack_SaysSo) {
    auto context = AWeek();
    context.recovered.clear();
    context.causes.clear();
    context.trend.clear();
    auto mail = RenderDigest(context);
    EXPECT_EQ(mail.subject, "Acme: your week in payment recovery");
    EXPECT_THAT(mail.text, HasSubstr("No payment was recovered in this week."));
}

TEST(Digest, HasNews_OnlyWhenThereIsSomethingToSay) {
    EXPECT_FALSE(HasNews(DigestContext()));
    DigestContext context;
    context.letters_sent = 1;
    EXPECT_TRUE(HasNews(context));
    context = DigestContext();
    context.open = {{1, Money{1, "eur"}}};
    EXPECT_TRUE(HasNews(context));
}

class DigestIn : public ::testing::TestWithParam<std::string> {};

TEST_P(DigestIn, ItsLanguage_LeavesNoMarkerUnfilled) {
    const auto& words = DigestWordsFor(GetParam());
    EXPECT_EQ(words.language, GetParam());
    auto mail = RenderDigest(AWeek(GetParam()));
    EXPECT_THAT(mail.html, HasSubstr("<html lang=\"" + GetParam() + "\""));
    for (const auto& text : {mail.subject, mail.html, mail.text}) {
        EXPECT_THAT(text, AllOf(Not(HasSubstr("{")), Not(HasSubstr("}"))));
    }
    for (auto month : words.months) EXPECT_FALSE(month.empty());
    for (auto text :
         {words.recovered, words.nothing_recovered, words.cause_customer, words.nothing_open, words.letters,
          words.letters_sent, words.paid_after_letter, words.dashboard, words.stop, words.subject_without}) {
        EXPECT_FALSE(text.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Each, DigestIn, ::testing::Values("en", "de", "fr", "es", "pt"),
                         [](const auto& info) { return info.param; });

TEST(Digest, InALanguageThatIsNotThere_IsEnglish) {
    EXPECT_EQ(DigestWordsFor("xx").language, "en");
    EXPECT_EQ(DigestWordsFor("").language, "en");
    EXPECT_EQ(DigestWordsFor("pt-BR").language, "pt");
}

}  // namespace
}  // namespace citadel::email
