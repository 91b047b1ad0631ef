#include "email/languages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <stdexcept>

namespace citadel::email {
namespace {

std::multiset<std::string> MarkersOf(const std::string& text) {
    static const std::regex marker(R"(\{\{[A-Z_]+\}\})");
    std::multiset<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), marker), end; it != end; ++it)
        found.insert(it->str());
    return found;
}

std::string WhenOf(const std::vector<Paragraph>& paragraphs) {
    std::string when;
    for (const auto& each : paragraphs) when += each.when + ";";
    return when;
}

template <typename Map>
std::set<std::string> KeysOf(const Map& map) {
    std::set<std::string> keys;
    for (const auto& [key, value] : map) keys.insert(key);
    return keys;
}

TEST(Languages, FiveAreThere) {
    std::set<std::string> codes;
    for (const auto& language : AllLanguages()) codes.insert(language.code);
    EXPECT_EQ(codes, (std::set<std::string>{"de", "en", "es", "fr", "pt"}));
}

TEST(Languages, EveryOneHasWhatEnglishHasWithTheSameMarkers) {
    const auto& english = LanguageFor("en");
    for (const auto& language : AllLanguages()) {
        SCOPED_TRACE(language.code);
        EXPECT_EQ(KeysOf(language.phrases), KeysOf(english.phrases));
        EXPECT_EQ(KeysOf(language.pages), KeysOf(english.pages));
        ASSERT_EQ(KeysOf(language.letters), KeysOf(english.letters));
        for (const auto& [name, text] : english.phrases) {
            EXPECT_EQ(MarkersOf(language.phrases.find(name)->second), MarkersOf(text)) << name;
        }
        for (const auto& [name, letter] : english.letters) {
            SCOPED_TRACE(name);
            const auto& other = language.letters.find(name)->second;
            EXPECT_EQ(MarkersOf(other.subject), MarkersOf(letter.subject));
            EXPECT_EQ(WhenOf(other.before_button), WhenOf(letter.before_button));
            EXPECT_EQ(WhenOf(other.after_button), WhenOf(letter.after_button));
            for (std::size_t i = 0; i < letter.before_button.size(); ++i) {
                EXPECT_EQ(MarkersOf(other.before_button.at(i).text), MarkersOf(letter.before_button[i].text));
            }
        }
    }
}

TEST(Languages, NoTextHasBracesThatAreNoMarker) {
    static const std::set<std::string> kMarkers = {"{{MERCHANT}}", "{{NAME}}",         "{{AMOUNT}}",
                                                   "{{RETRY_ON}}", "{{FINAL_ON}}",     "{{CARD}}",
                                                   "{{EXPIRES}}",  "{{SUPPORT_EMAIL}}"};
    for (const auto& source : EmbeddedLanguages()) {
        std::string text(source.toml);
        for (const auto& marker : MarkersOf(text)) EXPECT_TRUE(kMarkers.contains(marker)) << marker;
        EXPECT_EQ(std::regex_replace(text, std::regex(R"(\{\{[A-Z_]+\}\})"), "").find("{{"), text.npos);
    }
}

TEST(PickLocale, IsThePayersIfWeSpeakIt) {
    EXPECT_EQ(PickLocale("pt-BR", "de"), "pt-BR");
    EXPECT_EQ(PickLocale("ja", "de"), "de");
    EXPECT_EQ(PickLocale("", "fr-CA"), "fr-CA");
    EXPECT_EQ(PickLocale("zh-Hant", "ko"), "en");
    EXPECT_EQ(PickLocale("de\"><script>", ""), "en");
    EXPECT_EQ(PickLocale("DE_de", "en"), "DE_de");
}

TEST(ParseLanguage, SaysWhatIsWrongAndWhere) {
    auto complaint = [](std::string_view toml) {
        try {
            ParseLanguage("xx", toml);
        } catch (const std::runtime_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_EQ(complaint("phrases ="), complaint("phrases ="));
    EXPECT_THAT(complaint("phrases ="), ::testing::HasSubstr("line 1"));
    EXPECT_THAT(complaint("[pages]\n[letters]"), ::testing::HasSubstr("phrases: is missing"));
    EXPECT_THAT(complaint("[phrases]\n[pages]\n[letters.paid]\nsubject = 3"),
                ::testing::HasSubstr("paid: must be a text"));
    EXPECT_THAT(complaint("[phrases]\n[pages]\n[letters.paid]\nsubject='s'\nheading='h'\nbutton='b'\n"
                          "before=[{when='rain', text='t'}]"),
                ::testing::HasSubstr("condition"));
}

}  // namespace
}  // namespace citadel::email
