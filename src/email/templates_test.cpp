#include "email/templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace citadel::email {
namespace {

using testing::HasSubstr;
using testing::Not;

MailContext Ordinary() {
    MailContext context;
    context.merchant_name = "Acme & Sons";
    context.customer_name = "Jenny Payer";
    context.amount = {2000, "usd"};
    context.invoice_number = "TEST-0007";
    context.update_url = "https://pay.example/i?a=1&b=2";
    context.support_email = "help@acme.example";
    context.next_retry_at = *ParseTime("2026-03-18T09:00:00Z");
    context.final_action_at = *ParseTime("2026-03-25T09:00:00Z");
    context.card = "Visa •••• 4242";
    context.card_expires = "03/2026";
    return context;
}

std::vector<MailContext> EveryKindOfLetter() {
    std::vector<MailContext> contexts;
    for (auto kind : {MailKind::kPaymentFailed, MailKind::kActionRequired, MailKind::kFinalNotice,
                      MailKind::kPaid, MailKind::kCardExpiring}) {
        for (int attempt : {1, 2, 3, 9}) {
            for (bool card : {false, true}) {
                auto context = Ordinary();
                context.kind = kind;
                context.attempt = attempt;
                context.card_needs_update = card;
                contexts.push_back(context);
            }
        }
    }
    return contexts;
}

std::string Refusal(const MailContext& context) {
    try {
        Render(context);
    } catch (const BadMail& bad) {
        return bad.what();
    }
    return "rendered without complaint";
}

std::size_t Count(std::string_view text, std::string_view wanted) {
    std::size_t count = 0;
    for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size())) ++count;
    return count;
}

TEST(Render, BothPartsOfEveryLetterNameAmountLinkMerchantAndInvoice) {
    for (const auto& context : EveryKindOfLetter()) {
        auto mail = Render(context);
        SCOPED_TRACE(mail.subject);
        for (auto wanted : {"Jenny Payer", "$20.00", "TEST-0007", "help@acme.example"}) {
            EXPECT_THAT(mail.html, HasSubstr(wanted));
            EXPECT_THAT(mail.text, HasSubstr(wanted));
        }
        EXPECT_THAT(mail.subject, HasSubstr("Acme & Sons"));
        EXPECT_THAT(mail.html, HasSubstr("Acme &amp; Sons"));
        EXPECT_THAT(mail.text, HasSubstr("Acme & Sons"));
        EXPECT_THAT(mail.html, HasSubstr("href=\"https://pay.example/i?a=1&amp;b=2\""));
        EXPECT_THAT(mail.text, HasSubstr("https://pay.example/i?a=1&b=2\n"));
    }
}

TEST(Render, NoMarkerIsLeftAndNothingIsEmpty) {
    for (auto context : EveryKindOfLetter()) {
        for (bool sparse : {false, true}) {
            if (sparse) context.customer_name = context.support_email = context.invoice_number = "";
            if (sparse) context.next_retry_at = context.final_action_at = std::nullopt;
            auto mail = Render(context);
            for (const auto& part : {mail.subject, mail.html, mail.text}) {
                EXPECT_THAT(part, Not(HasSubstr("{{")));
                EXPECT_THAT(part, Not(HasSubstr("}}")));
                EXPECT_THAT(part, Not(HasSubstr("\n\n\n")));
                EXPECT_THAT(part, Not(HasSubstr("Write to .")));
            }
            EXPECT_THAT(mail.text, HasSubstr(sparse ? "Hello,\n" : "Hello Jenny Payer,\n"));
        }
    }
}

TEST(Render, TheHtmlIsAccessible) {
    auto html = Render(Ordinary()).html;
    EXPECT_TRUE(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">")) << html.substr(0, 60);
    EXPECT_EQ(Count(html, "<table"), Count(html, "<table role=\"presentation\""));
    EXPECT_EQ(Count(html, "<table"), Count(html, "</table>"));
    EXPECT_EQ(Count(html, "<h1"), 1u);
    EXPECT_THAT(html, HasSubstr("<title>Your payment to Acme &amp; Sons did not go through</title>"));
    EXPECT_THAT(html, HasSubstr("background-color:#1a56db"));
    EXPECT_THAT(html, HasSubstr("text-decoration:none; color:#ffffff;"));
}

TEST(Render, ALightBrandColorGetsBlackButtonText) {
    auto context = Ordinary();
    context.brand_color = "#ffe08a";
    EXPECT_THAT(Render(context).html, HasSubstr("background-color:#ffe08a"));
    EXPECT_THAT(Render(context).html, HasSubstr("text-decoration:none; color:#000000;"));
}

TEST(Render, LettersDifferByAttemptCardAndKind) {
    std::set<std::string> subjects, texts;
    for (const auto& context : EveryKindOfLetter()) {
        subjects.insert(Render(context).subject);
        texts.insert(Render(context).text);
    }
    EXPECT_EQ(subjects.size(), 10u);
    EXPECT_EQ(texts.size(), 10u);
}

TEST(Render, ACardThatIsDeadIsNotPromisedAnotherTry) {
    auto context = Ordinary();
    EXPECT_THAT(Render(context).text, HasSubstr("we will try again on March 18, 2026"));
    context.card_needs_update = true;
    EXPECT_THAT(Render(context).text, Not(HasSubstr("March 18, 2026")));
    EXPECT_THAT(Render(context).text, HasSubstr("enter your current card"));
    context.card_needs_update = false;
    context.next_retry_at = std::nullopt;
    EXPECT_THAT(Render(context).text, Not(HasSubstr("we will try again")));
}

TEST(Render, HostileValuesStayTextInTheHtml) {
    const std::string hostile =
        R"(</title></p><script>alert('x')</script>"' onload=evil() <img src=x onerror=y>&lt;)";
    for (auto context : EveryKindOfLetter()) {
        context.merchant_name = context.customer_name = context.invoice_number = hostile;
        context.card = context.card_expires = hostile;
        context.logo_url = "https://x.example/\"onerror=evil()";
        context.open_url = "javascript:evil()";
        context.support_email = "a@b.example\" onclick=\"evil()";
        context.brand_color = "red;} body{background:url(javascript:evil())";
        auto html = Render(context).html;
        EXPECT_THAT(html, Not(HasSubstr("<script")));
        EXPECT_THAT(html, Not(HasSubstr("<img")));
        EXPECT_THAT(html, Not(HasSubstr("</title></p>")));
        EXPECT_THAT(html, Not(HasSubstr("onclick")));
        EXPECT_THAT(html, Not(HasSubstr("javascript:")));
        EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
        EXPECT_EQ(Count(html, "<a "), 2u);
        EXPECT_EQ(Count(html, "\" onload"), 0u);
    }
}

TEST(Render, MarkersInValuesAreNotExpanded) {
    auto context = Ordinary();
    context.merchant_name = "{{URL}}{{#SUPPORT}}";
    EXPECT_THAT(Render(context).text, HasSubstr("subscription with {{URL}}{{#SUPPORT}}"));
}

TEST(Render, LineBreaksInNamesInjectNothing) {
    auto context = Ordinary();
    context.merchant_name = "Acme\r\nBcc: victim@example.com\r\n\r\n<b>\u2028x\u202Eevil";
    context.customer_name = "Jenny\nX-Header: 1";
    auto mail = Render(context);
    EXPECT_EQ(mail.subject.find_first_of("\r\n"), std::string::npos);
    EXPECT_THAT(mail.subject, HasSubstr("Acme Bcc: victim@example.com <b> x evil"));
    EXPECT_THAT(mail.text, Not(HasSubstr("\nBcc:")));
    EXPECT_THAT(mail.text, Not(HasSubstr("\nX-Header")));
    EXPECT_THAT(mail.html, Not(HasSubstr("\nBcc:")));
}

TEST(Render, ANameOfAMebibyteIsCut) {
    auto context = Ordinary();
    context.merchant_name = context.customer_name = context.invoice_number = std::string(1 << 20, 'n');
    auto mail = Render(context);
    EXPECT_LT(mail.subject.size(), 200u);
    EXPECT_LT(mail.html.size(), 10'000u);
    EXPECT_LT(mail.text.size(), 4'000u);
}

TEST(Render, ANameThatCarriesAnAddressIsNotRepeated) {
    auto context = Ordinary();
    context.customer_name = "You won! https://evil.example";
    EXPECT_THAT(Render(context).text, HasSubstr("Hello,\n"));
    EXPECT_THAT(Render(context).text, Not(HasSubstr("evil.example")));
    EXPECT_THAT(Render(context).html, Not(HasSubstr("evil.example")));
}

TEST(Render, LinksMustBeHttpsOrLeadToThisMachine) {
    auto context = Ordinary();
    for (auto link :
         {"https://pay.example", "HTTPS://pay.example/x#y", "http://127.0.0.1:8080/api/track/click/t",
          "http://localhost/x", "http://localhost:1/x", "http://[::1]:8080/x"}) {
        context.update_url = link;
        EXPECT_EQ(Refusal(context), "rendered without complaint") << link;
        EXPECT_THAT(Render(context).html, HasSubstr(std::string("href=\"") + link)) << link;
    }
    for (auto link :
         {"http://pay.example", "http://localhost.evil.example", "http://localhost@evil.example/",
          "http://127.0.0.1.evil.example/", "javascript:alert(1)", "JaVaScRiPt://x/%0aalert(1)",
          "data:text/html,x", "//pay.example", "pay.example", "https://", "https:///x",
          "https://user@pay.example/", "https://pay.example/\r\nBcc:x", "https://pay.example/ x",
          "https://pay.example/\"onclick=", "https://pay.example:port/", "https://p\xC3\xA4y.example/"}) {
        context.update_url = link;
        EXPECT_EQ(Refusal(context), "update_url must be an https address (http for this machine only)")
            << link;
    }
}

TEST(Render, WhatIsMissingIsNamed) {
    auto context = Ordinary();
    context.update_url = "";
    EXPECT_EQ(Refusal(context), "update_url is missing");
    context = Ordinary();
    context.merchant_name = " \n ";
    EXPECT_EQ(Refusal(context), "merchant_name is missing");
    for (auto currency : {"", "us", "dollars", "u$d"}) {
        context = Ordinary();
        context.amount.currency = currency;
        EXPECT_EQ(Refusal(context), "amount needs a currency of three letters") << currency;
    }
}

TEST(MailKind, HasStableNames) {
    EXPECT_EQ(NameOf(MailKind::kPaymentFailed), "payment_failed");
    EXPECT_EQ(NameOf(MailKind::kActionRequired), "action_required");
    EXPECT_EQ(NameOf(MailKind::kFinalNotice), "final_notice");
    EXPECT_EQ(NameOf(MailKind::kPaid), "paid");
    EXPECT_EQ(NameOf(MailKind::kCardExpiring), "card_expiring");
    EXPECT_EQ(MailKindOf("final_notice"), MailKind::kFinalNotice);
    EXPECT_EQ(MailKindOf("newsletter"), std::nullopt);
}

TEST(Render, TheFinalNoticeNamesTheDayAfterWhichNobodyTriesAnyMore) {
    auto context = Ordinary();
    context.kind = MailKind::kFinalNotice;
    EXPECT_THAT(Render(context).text, HasSubstr("by March 25, 2026. After that day"));
    context.final_action_at = std::nullopt;
    EXPECT_THAT(Render(context).text, Not(HasSubstr("After that day")));
}

TEST(Render, SpeaksTheLanguageOfTheLocaleWithItsAmountsAndDays) {
    auto context = Ordinary();
    context.amount = {123456, "eur"};
    struct Expected {
        const char *locale, *subject, *amount, *day, *lang;
    };
    for (auto [locale, subject, amount, day, lang] :
         {Expected{"en", "did not go through", "€1,234.56", "March 18, 2026", "en"},
          Expected{"en-GB", "did not go through", "€1,234.56", "18 March 2026", "en"},
          Expected{"de", "konnte nicht ausgeführt werden", "1.234,56\u00a0€", "18. März 2026", "de"},
          Expected{"de-AT", "konnte nicht ausgeführt werden", "€\u00a01.234,56", "18. März 2026", "de"},
          Expected{"fr", "n’a pas abouti", "1\u202f234,56\u00a0€", "18 mars 2026", "fr"},
          Expected{"es-MX", "no se ha podido realizar", "EUR\u00a01,234.56", "18 de marzo de 2026", "es"},
          Expected{"pt-BR", "não foi concluído", "€\u00a01.234,56", "18 de março de 2026", "pt"},
          Expected{"ja", "did not go through", "", "", "en"}}) {
        SCOPED_TRACE(locale);
        context.locale = locale;
        auto mail = Render(context);
        EXPECT_THAT(mail.subject, HasSubstr(subject));
        EXPECT_THAT(mail.text, HasSubstr(amount));
        EXPECT_THAT(mail.html, HasSubstr(amount));
        EXPECT_THAT(mail.text, HasSubstr(day));
        EXPECT_THAT(mail.html, HasSubstr(std::string("<html lang=\"") + lang));
    }
}

TEST(Render, DaysAreThoseOfTheCustomersTimeZone) {
    auto context = Ordinary();
    context.next_retry_at = *ParseTime("2026-03-18T23:30:00Z");
    context.timezone = "Asia/Tokyo";
    EXPECT_THAT(Render(context).text, HasSubstr("March 19, 2026"));
    context.timezone = "America/New_York";
    EXPECT_THAT(Render(context).text, HasSubstr("March 18, 2026"));
}

TEST(Render, ALogoStandsWhereTheNameWouldAndBearsItsName) {
    auto context = Ordinary();
    context.logo_url = "https://acme.example/logo.png";
    EXPECT_THAT(Render(context).html,
                HasSubstr("<img src=\"https://acme.example/logo.png\" alt=\"Acme &amp; Sons\""));
    context.logo_url = "http://acme.example/logo.png";
    EXPECT_THAT(Render(context).html, Not(HasSubstr("<img")));
}

TEST(Render, TheMerchantsOwnWordsStandInOurFrame) {
    auto context = Ordinary();
    context.own =
        OwnText{"{{merchant_name}}: {{amount}} open", "# Dear {{customer_name}}\n\nPlease **pay**."};
    auto mail = Render(context);
    EXPECT_EQ(mail.subject, "Acme & Sons: $20.00 open");
    EXPECT_THAT(mail.html, HasSubstr(">Dear Jenny Payer</h1>"));
    EXPECT_THAT(mail.html, HasSubstr("<strong>pay</strong>"));
    EXPECT_THAT(mail.text,
                HasSubstr("Dear Jenny Payer\n\nPlease pay.\n\nPay or change card:\nhttps://pay.example"));
    EXPECT_THAT(mail.html, Not(HasSubstr("Your bank declined")));
    context.own->body = "[Pay here]({{update_url}})";
    mail = Render(context);
    EXPECT_THAT(mail.html, HasSubstr("<a href=\"https://pay.example/i?a=1&amp;b=2\""));
    EXPECT_EQ(Count(mail.html, "href=\"https://pay.example"), 1u);
    EXPECT_THAT(mail.text, HasSubstr("Pay here (https://pay.example/i?a=1&b=2)"));
}

TEST(RenderPage, SaysItInThePayersLanguage) {
    EXPECT_THAT(RenderPage("paid", "de", "Acme <b>"), HasSubstr("Bereits bezahlt"));
    EXPECT_THAT(RenderPage("ended", "en", "Acme <b>"), HasSubstr("write to Acme &lt;b&gt;."));
}

}  // namespace
}  // namespace citadel::email
