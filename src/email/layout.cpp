#include "email/layout.h"

#include <fmt/format.h>

#include "email/values.h"

namespace citadel::email {
namespace {

// The library picks the escaping of each marker by the place where it stands: text, attribute, link, style.
// A client that knows dark mode is told that these colors are meant; the preheader is what inboxes show
// beside the subject.
constexpr std::string_view kHtmlTop = R"html({{{{%AUTOESCAPE context="HTML"}}}}<!DOCTYPE html>
<html lang="{lang}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="x-apple-disable-message-reformatting">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>{{{{SUBJECT}}}}</title>
</head>
<body style="margin:0; padding:0; background-color:#f3f4f6; -webkit-text-size-adjust:100%;">
<div style="display:none; max-height:0; overflow:hidden; opacity:0;">{{{{PREHEADER}}}}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="background-color:#f3f4f6;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="max-width:560px; background-color:#ffffff; border-top:4px solid {{{{BRAND}}}}; border-radius:4px;">
<tr><td style="padding:32px 28px; font-family:Arial,Helvetica,sans-serif; font-size:16px; line-height:1.5;
  color:#1f2933; text-align:left; word-break:break-word;">
{{{{#LOGO}}}}<p style="margin:0 0 24px;"><img src="{{{{LOGO_URL}}}}" alt="{{{{MERCHANT}}}}" height="40"
  style="display:block; height:40px; width:auto; max-width:220px; border:0; font-size:18px; font-weight:bold;
  color:#1f2933;"></p>
{{{{/LOGO}}}}{{{{#NO_LOGO}}}}<p style="margin:0 0 24px; font-size:18px; font-weight:bold;">{{{{MERCHANT}}}}</p>
{{{{/NO_LOGO}}}})html";

constexpr std::string_view kHtmlEnd = R"html(</td></tr>
</table>
</td></tr>
</table>
{{#PIXEL}}<img src="{{PIXEL_URL}}" alt="" width="1" height="1" style="display:block; border:0;">
{{/PIXEL}}</body>
</html>
)html";

constexpr std::string_view kHtmlParagraph = "<p style=\"margin:0 0 16px;\">{}</p>\n";

std::string Phrase(const Language& language, std::string_view name) {
    auto found = language.phrases.find(name);
    return found == language.phrases.end() ? std::string(name) : found->second;
}

std::string InSection(std::string_view section, std::string_view inside) {
    return fmt::format("{{{{#{0}}}}}{1}{{{{/{0}}}}}", section, inside);
}

std::string_view SectionOf(std::string_view when) {
    if (when == "retry") return "RETRY";
    if (when == "no_retry") return "NO_RETRY";
    return when == "final" ? "FINAL" : "NO_FINAL";
}

std::string Greeting(const Language& language) {
    return InSection("NAMED", Phrase(language, "greeting")) +
           InSection("UNNAMED", Phrase(language, "greeting_unnamed"));
}

std::string HtmlParagraphs(const std::vector<Paragraph>& paragraphs) {
    std::string html;
    for (const auto& each : paragraphs) {
        auto text = fmt::format(fmt::runtime(kHtmlParagraph), EscapeHtml(each.text));
        html += each.when.empty() ? text : InSection(SectionOf(each.when), text);
    }
    return html;
}

std::string TextParagraphs(const std::vector<Paragraph>& paragraphs) {
    std::string text;
    for (const auto& each : paragraphs) {
        auto paragraph = each.text + "\n\n";
        text += each.when.empty() ? paragraph : InSection(SectionOf(each.when), paragraph);
    }
    return text;
}

std::string HtmlFacts(const Language& language) {
    auto row = [](const std::string& label, std::string_view value) {
        return fmt::format(
            "<tr><td style=\"padding:4px 16px 4px 0; color:#52606d;\">{}</td>"
            "<td style=\"padding:4px 0; font-weight:bold; text-align:right;\">{}</td></tr>\n",
            EscapeHtml(label), value);
    };
    return R"html(<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="margin:0 0 8px; border-top:1px solid #d9dee4; border-bottom:1px solid #d9dee4; font-size:15px;">
)html" + row(Phrase(language, "amount"), "{{AMOUNT}}") +
           InSection("INVOICE", row(Phrase(language, "invoice"), "{{NUMBER}}")) + "</table>\n";
}

std::string HtmlButton(std::string_view label) {
    return fmt::format(
        R"html(<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0;">
<tr><td align="center" style="background-color:{{{{BRAND}}}}; border-radius:6px;
  border:1px solid {{{{BUTTON_EDGE}}}};">
<a href="{{{{URL}}}}" style="display:inline-block; padding:14px 28px; font-weight:bold;
  text-decoration:none; color:{{{{BUTTON_TEXT}}}};">{}</a>
</td></tr>
</table>
)html",
        EscapeHtml(label));
}

std::string HtmlFooter(const Language& language) {
    auto questions = EscapeHtml(Phrase(language, "questions"));
    constexpr std::string_view kMarker = "{{SUPPORT_EMAIL}}";
    constexpr std::string_view kLink =
        "<a href=\"mailto:{{SUPPORT_EMAIL}}\" style=\"color:#52606d;\">{{SUPPORT_EMAIL}}</a>";
    if (auto at = questions.find(kMarker); at != questions.npos) questions.replace(at, kMarker.size(), kLink);
    return fmt::format(
        R"html(<p style="margin:24px 0 0; padding:16px 0 0; border-top:1px solid #d9dee4; font-size:14px;
  color:#52606d;">{} {}{}</p>
)html",
        EscapeHtml(Phrase(language, "why")), EscapeHtml(Phrase(language, "never_send_card")),
        InSection("SUPPORT", " " + questions));
}

std::string HtmlCopyLink(const Language& language) {
    return fmt::format(
        R"html(<p style="margin:0 0 16px; font-size:14px; color:#52606d;">{}<br>
<a href="{{{{URL}}}}" style="color:#1f2933; word-break:break-all;">{{{{URL}}}}</a></p>
)html",
        EscapeHtml(Phrase(language, "copy_link")));
}

}  // namespace

std::string HtmlSource(const Language& language, const Letter& letter) {
    auto ours = fmt::format("<h1 style=\"margin:0 0 16px; font-size:22px; line-height:1.3;\">{}</h1>\n",
                            EscapeHtml(letter.heading));
    ours += fmt::format(fmt::runtime(kHtmlParagraph), Greeting(language));
    ours += HtmlParagraphs(letter.before_button);
    auto html = fmt::format(fmt::runtime(kHtmlTop), fmt::arg("lang", language.code));
    html += InSection("OURS", ours) + InSection("OWN", "{{OWN_HTML:none}}");
    html += HtmlFacts(language);
    html += InSection("BUTTON", HtmlButton(letter.button));
    html += InSection("OURS", HtmlParagraphs(letter.after_button));
    html += InSection("BUTTON", HtmlCopyLink(language));
    html += HtmlFooter(language);
    html += kHtmlEnd;
    return html;
}

std::string TextSource(const Language& language, const Letter& letter) {
    auto ours = fmt::format("{}\n\n{}\n\n", letter.heading, Greeting(language));
    ours += TextParagraphs(letter.before_button);
    auto text = InSection("OURS", ours) + InSection("OWN", "{{OWN_TEXT}}\n\n");
    text += InSection("BUTTON", fmt::format("{}:\n{{{{URL}}}}\n\n", letter.button));
    text += InSection("OURS", TextParagraphs(letter.after_button));
    text += fmt::format("{}: {{{{AMOUNT}}}}\n", Phrase(language, "amount"));
    text += InSection("INVOICE", fmt::format("{}: {{{{NUMBER}}}}\n", Phrase(language, "invoice")));
    text += fmt::format("\n--\n{}\n{}\n", Phrase(language, "why"), Phrase(language, "never_send_card"));
    text += InSection("SUPPORT", Phrase(language, "questions") + "\n");
    return text;
}

std::string PageSource(const Language& language, std::string_view page) {
    auto words = [&language](std::string name) {
        auto found = language.pages.find(name);
        return EscapeHtml(found == language.pages.end() ? name : found->second);
    };
    auto title = words(std::string(page) + "_title"), text = words(std::string(page) + "_text");
    return fmt::format(R"html({{{{%AUTOESCAPE context="HTML"}}}}<!DOCTYPE html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{}</title>
</head>
<body style="margin:0; background-color:#f3f4f6; font-family:Arial,Helvetica,sans-serif; font-size:16px;
  line-height:1.5; color:#1f2933;">
<main style="max-width:480px; margin:48px auto; padding:32px; background-color:#ffffff;">
<p style="margin:0 0 16px; font-weight:bold;">{{{{MERCHANT}}}}</p>
<h1 style="margin:0 0 16px; font-size:22px; line-height:1.3;">{}</h1>
<p style="margin:0;">{}</p>
</main>
</body>
</html>
)html",
                       language.code, title, title, text);
}

}  // namespace citadel::email
