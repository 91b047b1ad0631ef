#include "email/languages.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.h"

namespace citadel::email {
namespace {

[[noreturn]] void Refuse(std::string_view code, std::string_view where, std::string_view what) {
    throw std::runtime_error(fmt::format("letters in {}: {}: {}", code, where, what));
}

std::string TextOf(std::string_view code, std::string_view where, const toml::node* node) {
    auto text = node ? node->value_exact<std::string>() : std::nullopt;
    if (!text || text->empty()) Refuse(code, where, "must be a text");
    return *text;
}

const toml::table& TableOf(std::string_view code, const toml::table& file, std::string_view name) {
    auto table = file[name].as_table();
    if (!table) Refuse(code, name, "is missing");
    return *table;
}

std::map<std::string, std::string, std::less<>> ReadTexts(std::string_view code, const toml::table& file,
                                                          std::string_view name) {
    std::map<std::string, std::string, std::less<>> texts;
    for (const auto& [key, node] : TableOf(code, file, name)) {
        texts.emplace(key.str(), TextOf(code, key.str(), &node));
    }
    return texts;
}

std::vector<Paragraph> ReadParagraphs(std::string_view code, std::string_view where, const toml::node* node) {
    auto list = node ? node->as_array() : nullptr;
    if (!list) Refuse(code, where, "must be a list of paragraphs");
    std::vector<Paragraph> paragraphs;
    for (const auto& each : *list) {
        auto table = each.as_table();
        if (!table) {
            paragraphs.push_back({"", TextOf(code, where, &each)});
            continue;
        }
        auto when = TextOf(code, where, table->get("when"));
        if (when != "retry" && when != "no_retry" && when != "final" && when != "no_final") {
            Refuse(code, where, "a paragraph's condition is retry, no_retry, final or no_final");
        }
        paragraphs.push_back({when, TextOf(code, where, table->get("text"))});
    }
    return paragraphs;
}

Letter ReadLetter(std::string_view code, std::string_view name, const toml::table& table) {
    Letter letter;
    letter.subject = TextOf(code, name, table.get("subject"));
    letter.heading = TextOf(code, name, table.get("heading"));
    letter.button = TextOf(code, name, table.get("button"));
    letter.before_button = ReadParagraphs(code, name, table.get("before"));
    letter.after_button = ReadParagraphs(code, name, table.get("after"));
    return letter;
}

std::string_view FirstPart(std::string_view locale) { return locale.substr(0, locale.find_first_of("-_")); }

const Language* Find(std::string_view locale) {
    std::string code(FirstPart(locale));
    for (char& c : code) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    for (const auto& language : AllLanguages()) {
        if (language.code == code) return &language;
    }
    return nullptr;
}

bool IsLocale(std::string_view text) {
    auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return text.size() >= 2 && text.size() <= 35 && std::ranges::all_of(text, good);
}

}  // namespace

Language ParseLanguage(std::string_view code, std::string_view toml) {
    toml::table file;
    try {
        file = toml::parse(toml);
    } catch (const toml::parse_error& bad) {
        Refuse(code, fmt::format("line {}", bad.source().begin.line), bad.description());
    }
    Language language;
    language.code = code;
    language.phrases = ReadTexts(code, file, "phrases");
    language.pages = ReadTexts(code, file, "pages");
    for (const auto& [name, node] : TableOf(code, file, "letters")) {
        auto table = node.as_table();
        if (!table) Refuse(code, name.str(), "must be a table");
        language.letters.emplace(name.str(), ReadLetter(code, name.str(), *table));
    }
    return language;
}

const std::vector<Language>& AllLanguages() {
    static const auto all = [] {
        std::vector<Language> languages;
        for (const auto& source : EmbeddedLanguages()) {
            languages.push_back(ParseLanguage(source.code, source.toml));
        }
        return languages;
    }();
    return all;
}

const Language& LanguageFor(std::string_view locale) {
    if (auto found = Find(locale)) return *found;
    auto english = Find("en");
    CITADEL_CHECK(english, "the letters are there in English");
    return *english;
}

bool Speaks(std::string_view locale) { return Find(locale) != nullptr; }

std::string PickLocale(std::string_view payer, std::string_view merchant) {
    for (auto locale : {payer, merchant}) {
        if (IsLocale(locale) && Speaks(locale)) return std::string(locale);
    }
    return "en";
}

}  // namespace citadel::email
