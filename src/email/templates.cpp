#include "email/templates.h"

#include <ctemplate/template.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "email/layout.h"
#include "email/locale.h"
#include "email/values.h"

namespace citadel::email {
namespace {

using Template = std::unique_ptr<ctemplate::Template>;

struct CompiledLetter {
    Template subject, html, text;
};

Template Compile(const std::string& source) {
    Template compiled(ctemplate::Template::StringToTemplate(source, ctemplate::DO_NOT_STRIP));
    if (!compiled) throw BadMail("a letter's template does not compile");
    return compiled;
}

std::map<std::string, CompiledLetter> CompileAll() {
    std::map<std::string, CompiledLetter> all;
    for (const auto& language : AllLanguages()) {
        for (const auto& [name, letter] : language.letters) {
            CompiledLetter compiled;
            compiled.subject = Compile(letter.subject);
            compiled.html = Compile(HtmlSource(language, letter));
            compiled.text = Compile(TextSource(language, letter));
            all.emplace(language.code + "/" + name, std::move(compiled));
        }
    }
    return all;
}

const CompiledLetter& CompiledFor(const MailContext& context) {
    static const auto all = CompileAll();
    auto key = fmt::format("{}/{}", LanguageFor(context.locale).code, LetterName(context));
    auto found = all.find(key);
    if (found == all.end()) throw BadMail("there is no letter " + key);
    return found->second;
}

using Dictionary = ctemplate::TemplateDictionary;

void ShowIf(Dictionary& dictionary, const char* section, bool shown) {
    if (shown) dictionary.ShowSection(section);
}

std::string DayOrNothing(const MailContext& context, const std::optional<Time>& time) {
    return time ? FormatDay(*time, context.locale, context.timezone) : std::string();
}

bool IsHttps(std::string_view link) { return link.starts_with("https://") && IsSafeLink(link); }

void FillLooks(Dictionary& dictionary, const MailContext& context) {
    auto brand = BrandColor(context.brand_color);
    dictionary.SetValue("BRAND", brand);
    dictionary.SetValue("BUTTON_TEXT", std::string(TextColorOn(brand)));
    dictionary.SetValue("BUTTON_EDGE", EdgeColor(brand));
    bool logo = IsHttps(context.logo_url);
    dictionary.SetValue("LOGO_URL", logo ? context.logo_url : "");
    ShowIf(dictionary, logo ? "LOGO" : "NO_LOGO", true);
    bool pixel = IsSafeLink(context.open_url);
    dictionary.SetValue("PIXEL_URL", pixel ? context.open_url : "");
    ShowIf(dictionary, "PIXEL", pixel);
}

void Fill(Dictionary& dictionary, const MailContext& context) {
    auto name = PersonName(context.customer_name);
    auto number = OneLine(context.invoice_number);
    auto retry_on = DayOrNothing(context, context.next_retry_at);
    auto final_on = DayOrNothing(context, context.final_action_at);
    bool has_support = IsPlainAddress(context.support_email);
    dictionary.SetValue("MERCHANT", OneLine(context.merchant_name));
    dictionary.SetValue("NAME", name);
    dictionary.SetValue("AMOUNT", FormatMoney(context.amount, context.locale));
    dictionary.SetValue("NUMBER", number);
    dictionary.SetValue("URL", context.update_url);
    dictionary.SetValue("RETRY_ON", retry_on);
    dictionary.SetValue("FINAL_ON", final_on);
    dictionary.SetValue("CARD", OneLine(context.card));
    dictionary.SetValue("EXPIRES", OneLine(context.card_expires));
    dictionary.SetValue("SUPPORT_EMAIL", has_support ? context.support_email : "");
    ShowIf(dictionary, name.empty() ? "UNNAMED" : "NAMED", true);
    ShowIf(dictionary, "INVOICE", !number.empty());
    ShowIf(dictionary, retry_on.empty() ? "NO_RETRY" : "RETRY", true);
    ShowIf(dictionary, final_on.empty() ? "NO_FINAL" : "FINAL", true);
    ShowIf(dictionary, "SUPPORT", has_support);
}

PlaceholderValues ValuesOf(const MailContext& context) {
    return {{"customer_name", PersonName(context.customer_name)},
            {"amount", FormatMoney(context.amount, context.locale)},
            {"update_url", context.update_url},
            {"invoice_number", OneLine(context.invoice_number)},
            {"merchant_name", OneLine(context.merchant_name)},
            {"attempt", std::to_string(context.attempt)}};
}

// What the merchant wrote, in the place of our words. Returns the subject.
std::string FillOwn(Dictionary& dictionary, const MailContext& context) {
    auto values = ValuesOf(context);
    auto rendered = RenderMarkdown(context.own->body, values);
    dictionary.SetValue("OWN_HTML", rendered.html);
    dictionary.SetValue("OWN_TEXT", rendered.text);
    dictionary.ShowSection("OWN");
    ShowIf(dictionary, "BUTTON", !rendered.has_update_link);
    return OneLine(FillPlaceholders(context.own->subject, values), 200);
}

std::string Expand(const Template& letter, const Dictionary& dictionary) {
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
    if (context.kind == MailKind::kCardExpiring && (context.card.empty() || context.card_expires.empty())) {
        throw BadMail("card and card_expires are missing");
    }
}

// What inboxes show beside the subject: the text's first sentence or two.
std::string Preheader(const std::string& text, const std::string& heading_end) {
    auto begin = text.find(heading_end);
    begin = begin == text.npos ? 0 : begin + heading_end.size();
    return OneLine(std::string_view(text).substr(begin, 600), 140);
}

}  // namespace

Mail Render(const MailContext& context) {
    RequireWhatALetterNeeds(context);
    const auto& letter = CompiledFor(context);
    Dictionary dictionary("letter");
    Fill(dictionary, context);
    FillLooks(dictionary, context);
    Mail mail;
    if (context.own) {
        mail.subject = FillOwn(dictionary, context);
    } else {
        dictionary.ShowSection("OURS");
        dictionary.ShowSection("BUTTON");
        mail.subject = Expand(letter.subject, dictionary);
    }
    dictionary.SetValue("SUBJECT", mail.subject);
    mail.text = Expand(letter.text, dictionary);
    dictionary.SetValue("PREHEADER", Preheader(mail.text, context.own ? "" : "\n\n"));
    mail.html = Expand(letter.html, dictionary);
    return mail;
}

namespace {

constexpr std::array<std::pair<MailKind, std::string_view>, 5> kKinds = {
    {{MailKind::kPaymentFailed, "payment_failed"},
     {MailKind::kActionRequired, "action_required"},
     {MailKind::kFinalNotice, "final_notice"},
     {MailKind::kPaid, "paid"},
     {MailKind::kCardExpiring, "card_expiring"}}};

}  // namespace

std::string_view LetterName(const MailContext& context) {
    bool first = context.attempt <= 1;
    switch (context.kind) {
        case MailKind::kActionRequired: return first ? "action_required_first" : "action_required_again";
        case MailKind::kFinalNotice: return "final_notice";
        case MailKind::kPaid: return "paid";
        case MailKind::kCardExpiring: return "card_expiring";
        case MailKind::kPaymentFailed: break;
    }
    if (context.card_needs_update) return first ? "card_first" : "card_again";
    if (first) return "payment_failed_first";
    return context.attempt == 2 ? "payment_failed_again" : "payment_failed_open";
}

std::string_view NameOf(MailKind kind) {
    for (const auto& [each, name] : kKinds) {
        if (each == kind) return name;
    }
    return "";
}

std::optional<MailKind> MailKindOf(std::string_view name) {
    for (const auto& [kind, each] : kKinds) {
        if (each == name) return kind;
    }
    return std::nullopt;
}

std::string RenderPage(std::string_view page, std::string_view locale, const std::string& merchant_name) {
    Dictionary dictionary("page");
    dictionary.SetValue("MERCHANT", OneLine(merchant_name));
    return Expand(Compile(PageSource(LanguageFor(locale), page)), dictionary);
}

}  // namespace citadel::email
