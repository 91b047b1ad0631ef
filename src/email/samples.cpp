#include "email/samples.h"

#include <fmt/format.h>

#include "email/languages.h"

namespace citadel::email {
namespace {

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

// Nothing when the text needs a value that placeholders do not have.
std::string WithPlaceholders(std::string text) {
    for (auto [marker, placeholder] : {std::pair{"{{MERCHANT}}", "{{merchant_name}}"},
                                       {"{{NAME}}", "{{customer_name}}"},
                                       {"{{AMOUNT}}", "{{amount}}"}}) {
        text = ReplaceAll(std::move(text), marker, placeholder);
    }
    for (auto marker : {"{{RETRY_ON}}", "{{FINAL_ON}}", "{{CARD}}", "{{EXPIRES}}"}) {
        if (text.find(marker) != text.npos) return {};
    }
    return text;
}

void AddParagraphs(std::string& body, const std::vector<Paragraph>& paragraphs) {
    for (const auto& each : paragraphs) {
        if (each.when == "retry" || each.when == "final") continue;
        auto text = WithPlaceholders(each.text);
        if (!text.empty()) body += text + "\n\n";
    }
}

}  // namespace

MailContext SampleContext(MailKind kind, int attempt, const std::string& locale) {
    MailContext context;
    context.kind = kind;
    context.attempt = attempt;
    context.locale = locale;
    context.merchant_name = "Acme";
    context.customer_name = "Jenny Rosen";
    context.amount = {4900, "eur"};
    context.invoice_number = "ACME-0042";
    context.update_url = "https://pay.example.com/i/sample";
    context.support_email = "help@example.com";
    auto day = FromUnixSeconds(1'772'445'600);  // 2 March 2026, 10:00 UTC
    if (kind == MailKind::kPaymentFailed) context.next_retry_at = day + std::chrono::days(3);
    context.final_action_at = day + std::chrono::days(7);
    context.card = "Visa •••• 4242";
    context.card_expires = "03/2026";
    return context;
}

std::vector<SampleLetter> SampleLetters(const std::string& locale) {
    std::vector<SampleLetter> all;
    auto add = [&](MailKind kind, int attempt) {
        auto name = fmt::format("{}-{}", NameOf(kind), attempt);
        all.push_back({name, SampleContext(kind, attempt, locale)});
    };
    for (int attempt : {1, 2, 3}) add(MailKind::kPaymentFailed, attempt);
    for (int attempt : {1, 2}) {
        add(MailKind::kPaymentFailed, attempt);
        all.back().name = fmt::format("card_needs_update-{}", attempt);
        all.back().context.card_needs_update = true;
    }
    for (int attempt : {1, 2}) add(MailKind::kActionRequired, attempt);
    add(MailKind::kFinalNotice, 4);
    add(MailKind::kPaid, 1);
    add(MailKind::kCardExpiring, 1);
    return all;
}

OwnText BuiltInText(MailKind kind, int attempt, const std::string& locale) {
    const auto& language = LanguageFor(locale);
    MailContext context;
    context.kind = kind;
    context.attempt = attempt;
    const auto& letter = language.letters.find(LetterName(context))->second;
    OwnText text;
    text.subject = WithPlaceholders(letter.subject);
    text.body =
        "# " + letter.heading + "\n\n" + WithPlaceholders(language.phrases.find("greeting")->second) + "\n\n";
    AddParagraphs(text.body, letter.before_button);
    text.body += fmt::format("[{}]({{{{update_url}}}})\n\n", letter.button);
    AddParagraphs(text.body, letter.after_button);
    while (text.body.ends_with('\n')) text.body.pop_back();
    return text;
}

}  // namespace citadel::email
