#include "email/templates.h"

#include <ctemplate/template.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "email/letters.h"
#include "email/values.h"

namespace citadel::email {
namespace {

// The library picks the escaping of each marker by the place where it stands: text, attribute, link, style.
constexpr std::string_view kHtmlTop = R"html({{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{SUBJECT}}</title>
</head>
<body style="margin:0; padding:0; background-color:#f4f5f7;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="max-width:560px; background-color:#ffffff; border-top:4px solid {{BRAND}};">
<tr><td style="padding:32px; font-family:Arial,Helvetica,sans-serif; font-size:16px; line-height:1.5;
  color:#1f2933;">
<p style="margin:0 0 16px; font-weight:bold;">{{MERCHANT}}</p>
)html";

constexpr std::string_view kHtmlEnd = R"html(</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
)html";

constexpr std::string_view kHtmlFacts =
    R"html(<p style="margin:0 0 16px;">Amount: <strong>{{AMOUNT}}</strong>{{#INVOICE}}<br>
Invoice: {{NUMBER}}{{/INVOICE}}</p>
)html";

constexpr std::string_view kHtmlFooter =
    R"html(<p style="margin:0 0 16px; font-size:14px;">If the button does not work, copy this address into
your browser:<br>
<a href="{{URL}}" style="color:#1f2933; word-break:break-all;">{{URL}}</a></p>
<p style="margin:24px 0 0; padding:16px 0 0; border-top:1px solid #d9dee4; font-size:14px; color:#52606d;">
You get this message because you have a subscription with {{MERCHANT}}.
Please never send card details by e-mail.{{#SUPPORT}}
Questions? Write to
<a href="mailto:{{SUPPORT_EMAIL}}" style="color:#52606d;">{{SUPPORT_EMAIL}}</a>.{{/SUPPORT}}</p>
)html";

constexpr std::string_view kTextFooter = R"text(Amount: {{AMOUNT}}{{#INVOICE}}
Invoice: {{NUMBER}}{{/INVOICE}}

--
You get this message because you have a subscription with {{MERCHANT}}.
Please never send card details by e-mail.{{#SUPPORT}}
Questions? Write to {{SUPPORT_EMAIL}}.{{/SUPPORT}}
)text";

constexpr std::string_view kGreeting = "Hello{{#NAMED}} {{NAME}}{{/NAMED}},";

std::string InSection(std::string_view section, std::string_view inside) {
    if (section.empty()) return std::string(inside);
    return fmt::format("{{{{#{0}}}}}{1}{{{{/{0}}}}}", section, inside);
}

std::string HtmlParagraphs(std::span<const Paragraph> paragraphs) {
    std::string html;
    for (const auto& each : paragraphs) {
        html += InSection(each.section, fmt::format("<p style=\"margin:0 0 16px;\">{}</p>\n", each.text));
    }
    return html;
}

std::string TextParagraphs(std::span<const Paragraph> paragraphs) {
    std::string text;
    for (const auto& each : paragraphs) text += InSection(each.section, fmt::format("{}\n\n", each.text));
    return text;
}

std::string HtmlButton(std::string_view label) {
    return fmt::format(
        R"html(<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0;">
<tr><td style="background-color:{{{{BRAND}}}}; border-radius:6px;">
<a href="{{{{URL}}}}" style="display:inline-block; padding:14px 28px; font-weight:bold;
  text-decoration:none; color:{{{{BUTTON_TEXT}}}};">{}</a>
</td></tr>
</table>
)html",
        label);
}

std::string HtmlSource(const Letter& letter) {
    std::string html(kHtmlTop);
    html += fmt::format("<h1 style=\"margin:0 0 16px; font-size:22px; line-height:1.3;\">{}</h1>\n",
                        letter.heading);
    html += fmt::format("<p style=\"margin:0 0 16px;\">{}</p>\n", kGreeting);
    html += HtmlParagraphs(letter.before_button);
    html += kHtmlFacts;
    html += HtmlButton(letter.button);
    html += HtmlParagraphs(letter.after_button);
    html += kHtmlFooter;
    html += kHtmlEnd;
    return html;
}

std::string TextSource(const Letter& letter) {
    std::string text = fmt::format("{}\n\n{}\n\n", letter.heading, kGreeting);
    text += TextParagraphs(letter.before_button);
    text += fmt::format("{}:\n{{{{URL}}}}\n\n", letter.button);
    text += TextParagraphs(letter.after_button);
    text += kTextFooter;
    return text;
}

using Template = std::unique_ptr<ctemplate::Template>;

struct CompiledLetter {
    Template subject, html, text;
};

Template Compile(const std::string& source) {
    Template compiled(ctemplate::Template::StringToTemplate(source, ctemplate::DO_NOT_STRIP));
    if (!compiled) throw BadMail("a letter's template does not compile");
    return compiled;
}

const CompiledLetter& CompiledFor(const MailContext& context) {
    static const auto all = [] {
        std::vector<CompiledLetter> compiled;
        for (const auto& letter : AllLetters()) {
            compiled.push_back({Compile(std::string(letter.subject)), Compile(HtmlSource(letter)),
                                Compile(TextSource(letter))});
        }
        return compiled;
    }();
    return all.at(LetterIndex(context));
}

void ShowIf(ctemplate::TemplateDictionary& dictionary, const char* section, bool shown) {
    if (shown) dictionary.ShowSection(section);
}

void Fill(ctemplate::TemplateDictionary& dictionary, const MailContext& context) {
    auto name = PersonName(context.customer_name);
    auto number = OneLine(context.invoice_number);
    auto retry_on = OneLine(context.next_retry_on);
    auto brand = BrandColor(context.brand_color);
    bool has_support = IsPlainAddress(context.support_email);
    dictionary.SetValue("MERCHANT", OneLine(context.merchant_name));
    dictionary.SetValue("NAME", name);
    dictionary.SetValue("AMOUNT", FormatMoney(context.amount));
    dictionary.SetValue("NUMBER", number);
    dictionary.SetValue("URL", context.update_url);
    dictionary.SetValue("BRAND", brand);
    dictionary.SetValue("BUTTON_TEXT", std::string(TextColorOn(brand)));
    dictionary.SetValue("RETRY_ON", retry_on);
    dictionary.SetValue("SUPPORT_EMAIL", has_support ? context.support_email : "");
    ShowIf(dictionary, "NAMED", !name.empty());
    ShowIf(dictionary, "INVOICE", !number.empty());
    ShowIf(dictionary, retry_on.empty() ? "NO_RETRY" : "RETRY", true);
    ShowIf(dictionary, "SUPPORT", has_support);
}

std::string Expand(const Template& letter, const ctemplate::TemplateDictionary& dictionary) {
    std::string text;
    if (!letter->Expand(&text, &dictionary)) throw BadMail("a letter's template does not expand");
    return text;
}

void RequireWhatALetterNeeds(const MailContext& context) {
    if (OneLine(context.merchant_name).empty()) throw BadMail("merchant_name is missing");
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto& currency = context.amount.currency;
    if (currency.size() != 3 || !std::ranges::all_of(currency, is_letter)) {
        throw BadMail("amount needs a currency of three letters");
    }
    if (context.update_url.empty()) throw BadMail("update_url is missing");
    if (!IsSafeLink(context.update_url)) {
        throw BadMail("update_url must be an https address (http for this machine only)");
    }
}

}  // namespace

Mail Render(const MailContext& context) {
    RequireWhatALetterNeeds(context);
    const auto& letter = CompiledFor(context);
    ctemplate::TemplateDictionary dictionary("letter");
    Fill(dictionary, context);
    Mail mail;
    mail.subject = Expand(letter.subject, dictionary);
    dictionary.SetValue("SUBJECT", mail.subject);
    mail.html = Expand(letter.html, dictionary);
    mail.text = Expand(letter.text, dictionary);
    return mail;
}

std::string_view NameOf(MailKind kind) {
    switch (kind) {
        case MailKind::kPaymentFailed: return "payment_failed";
        case MailKind::kActionRequired: return "action_required";
        case MailKind::kFinalNotice: return "final_notice";
    }
    return "";
}

}  // namespace citadel::email
