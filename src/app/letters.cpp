// citadel letters FOLDER: each letter in each language as LANGUAGE/NAME.html and .txt, and a merchant's own
// words with everything that Markdown has. What tests/judges looks at in a browser.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/commands.h"
#include "base/error.h"
#include "email/languages.h"
#include "email/samples.h"

namespace citadel::app {
namespace {

// A picture that needs no network, where a merchant's logo would be.
constexpr const char* kLogo = "https://logo.example.com/acme.png";

constexpr const char* kOwnWords =
    "# Hello {{customer_name}}\n\nYour payment of **{{amount}}** to *{{merchant_name}}* did not go through "
    "(try {{attempt}}, invoice `{{invoice_number}}`).\n\n- the bank said no\n- another card helps\n\n1. open "
    "[the page]({{update_url}})\n2. enter the card\n\n> It takes a minute.\n\n---\n\n## Why?\n\n    ask your "
    "bank\n\n<script>alert('this is shown as text')</script>\n\n![us](https://logo.example.com/acme.png) Bye "
    " \n"
    "{{merchant_name}}";

void WriteFile(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw Trouble(TroubleKind::kRejected, "cannot write " + path.string());
}

void WriteLetter(const std::filesystem::path& stem, const email::MailContext& context) {
    auto mail = email::Render(context);
    WriteFile(stem.string() + ".html", mail.html);
    WriteFile(stem.string() + ".txt", fmt::format("Subject: {}\n\n{}", mail.subject, mail.text));
}

// The same letter as different merchants would send it.
void WriteLooks(const std::filesystem::path& folder) {
    auto context = email::SampleContext(email::MailKind::kPaymentFailed, 1, "en");
    for (const char* color : {"#ffe08a", "#ffffff", "#000000", "#d92d20", "#7a7a7a"}) {
        context.brand_color = color;
        WriteLetter(folder / fmt::format("color-{}", color + 1), context);
    }
    context.brand_color = "#0f766e";
    context.logo_url = kLogo;
    WriteLetter(folder / "logo", context);
    context.merchant_name = "A merchant whose name is rather long, Incorporated under the Laws of Delaware";
    context.customer_name = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh";
    context.update_url = "https://citadel.example.com/api/track/click/" + std::string(48, 'x');
    context.logo_url.clear();
    WriteLetter(folder / "long", context);
    context = email::SampleContext(email::MailKind::kPaymentFailed, 2, "en");
    context.own = email::OwnText{"{{merchant_name}}: {{amount}}", kOwnWords};
    WriteLetter(folder / "own", context);
}

}  // namespace

int WriteLetters(Config, const std::string& folder) {
    std::filesystem::path root(folder);
    for (const auto& language : email::AllLanguages()) {
        std::filesystem::create_directories(root / language.code);
        for (const auto& letter : email::SampleLetters(language.code)) {
            WriteLetter(root / language.code / letter.name, letter.context);
        }
    }
    std::filesystem::create_directories(root / "looks");
    WriteLooks(root / "looks");
    for (const char* page : {"paid", "ended", "later", "forged"}) {
        WriteFile(root / "looks" / fmt::format("page-{}.html", page), email::RenderPage(page, "en", "Acme"));
    }
    std::cout << "letters written to " << root.string() << "\n";
    return 0;
}

}  // namespace citadel::app
