// A merchant's own words for a letter: a subject and a body in Markdown (CommonMark without raw HTML), with
// placeholders for values. Values are put in after the Markdown is read, as text, so that nothing in them
// is ever markup. Raw HTML is shown as the text that it is.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace citadel::email {

struct OwnText {
    std::string subject;
    std::string body;  // Markdown
    bool operator==(const OwnText&) const = default;
};

inline constexpr std::size_t kOwnSubjectBytesMax = 300;
inline constexpr std::size_t kOwnBodyBytesMax = 20'000;

// customer_name, amount, update_url, invoice_number, merchant_name, attempt: by name, without braces.
using PlaceholderValues = std::map<std::string, std::string, std::less<>>;

struct OwnTextFault {
    std::string code;    // stable: placeholder_unknown, template_too_long, …
    std::string detail;  // what is wrong and what to do
};
// nullopt: it may be stored.
std::optional<OwnTextFault> CheckOwnText(const OwnText& text);

struct Rendered {
    std::string html;
    std::string text;
    bool has_update_link = false;  // the body itself leads to where one pays
};
// Never throws for what stands in `body`; links that are not https lose their target.
Rendered RenderMarkdown(std::string_view body, const PlaceholderValues& values);

// Every {{name}} with a value is replaced; all else stays.
std::string FillPlaceholders(std::string_view text, const PlaceholderValues& values);

}  // namespace citadel::email
