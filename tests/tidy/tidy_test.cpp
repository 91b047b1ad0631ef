// Rules of docs/architecture.md that no compiler checks. Each failure names file and line.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "tidy/source_tree.h"

namespace citadel::tidy {
namespace {

constexpr std::size_t kLinesMax = 400;
constexpr std::size_t kFunctionLinesMax = 60;

// Files that may be longer than kLinesMax, each with its reason.
const std::map<std::string, std::string> kLongFiles = {};

const std::vector<SourceFile>& Sources() {
    static const auto sources = ReadSources();
    return sources;
}

bool IsOneOf(const std::string& path, const std::vector<std::string>& places) {
    return std::any_of(places.begin(), places.end(), [&path](const auto& place) {
        return place.ends_with("/") ? path.starts_with(place) : path == place;
    });
}

// `pattern` may stand only in the places named: files, or folders when they end in a slash.
struct Confined {
    std::string what;
    std::regex pattern;
    std::vector<std::string> places;
    bool tests_too = false;
    bool in_strings = false;
};

void ExpectConfined(const Confined& rule) {
    for (const auto& file : Sources()) {
        if (IsOneOf(file.path, rule.places) || (file.is_test() && !rule.tests_too)) continue;
        const auto& lines = rule.in_strings ? file.lines : file.code;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            EXPECT_FALSE(std::regex_search(lines[i], rule.pattern))
                << file.path << ":" << i + 1 << ": " << rule.what << "\n    " << file.lines[i];
        }
    }
}

TEST(Tidy, ModulesIncludeOnlyWhatTheyUse) {
    auto graph = ReadModuleGraph();
    ASSERT_GE(graph.size(), 10u);
    for (const auto& file : Sources()) {
        auto folder = file.folder();
        if (folder.empty()) continue;
        ASSERT_TRUE(graph.contains(folder))
            << file.path << ": no citadel_module(" << folder << ") in CMakeLists.txt";
        for (const auto& include : file.Includes()) {
            auto other = include.substr(0, include.find('/'));
            if (!graph.contains(other) || !include.ends_with(".h")) continue;
            EXPECT_TRUE(graph[folder].contains(other)) << file.path << ": includes \"" << include
                                                       << "\", but " << folder << " does not use " << other;
        }
    }
}

TEST(Tidy, ForeignLibrariesStayBehindTheirFiles) {
    struct Place {
        std::string headers;  // what their names begin with
        std::vector<std::string> files;
    };
    const std::vector<Place> places = {
        {"boost/beast",
         {"src/http/server.cpp", "src/http/refusals.cpp", "src/http/websocket.cpp",
          "src/http/beast_bodies.cpp"}},
        {"curl/", {"src/http/client.cpp"}},
        {"libpq", {"src/postgres/"}},
        {"ctemplate/", {"src/email/templates.cpp"}},
        {"cmark", {"src/email/markdown.cpp"}},
        {"unicode/", {"src/email/locale.cpp"}},
        {"spdlog/", {"src/base/log.cpp"}},
        {"openssl/", {"src/base/", "src/crypto/"}},
        {"cjose/", {"src/crypto/jwt.cpp"}},
        {"CLI/", {"src/app/", "src/main.cpp"}},
        {"toml++/", {"src/app/", "src/email/languages.cpp"}},
    };
    for (const auto& file : Sources()) {
        if (file.is_test()) continue;
        for (const auto& include : file.Includes()) {
            for (const auto& place : places) {
                EXPECT_TRUE(!include.starts_with(place.headers) || IsOneOf(file.path, place.files))
                    << file.path << ": <" << include << "> belongs behind " << place.files.front();
            }
        }
    }
}

TEST(Tidy, SqlStandsInStoreAndSqlOnly) {
    std::regex sql(R"((insert\s+into|update|delete\s+from|from|join)\s+citadel\.)", std::regex::icase);
    ExpectConfined({"SQL belongs to src/store or sql/", sql, {"src/store/", "src/postgres/"}, false, true});
}

TEST(Tidy, TimeIsAskedOfTheClock) {
    std::regex now(R"(system_clock::now|\btime\((nullptr|NULL|0)\)|gettimeofday|CLOCK_REALTIME)");
    ExpectConfined({"ask the Clock you were given", now, {"src/base/clock.cpp"}});
}

TEST(Tidy, NothingIsSpawnedDetachedOutsideRuntime) {
    std::regex detached(R"(\b(asio::)?detached\b)");
    ExpectConfined({"use Nursery::Spawn", detached, {"src/runtime/"}});
}

TEST(Tidy, NothingIsLeftForLater) {
    // Spelt apart, so that this line is not found itself.
    std::regex marks(std::string("\\b(TO") + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");
    ExpectConfined({"finish it or file it", marks, {}, true, true});
}

TEST(Tidy, NamesSayWhatThingsDo) {
    std::regex names(R"(\b(class|struct)\s+\w*(Manager|Helper|Util|Utils|Impl)\b)");
    ExpectConfined({"name it for what it does", names, {}, true});
}

// What g++ 12 miscompiles in a statement with co_await, or ""
// (docs/decisions/0002-clang-and-coroutine-rules.md).
std::string RiskOf(const std::string& statement) {
    static const std::vector<std::pair<std::string, std::regex>> kRisks = {
        {"?: in a statement with co_await", std::regex(R"(\?[^?]*:)")},
        {"a braced temporary in a statement with co_await", std::regex(R"([\w>(,]\s*\{\s*[^}\s])")},
        {"a capturing lambda in a statement with co_await", std::regex(R"([(,]\s*\[[^\]]+\]\s*[({])")},
    };
    auto await = statement.find("co_await");
    if (await == std::string::npos) return "";
    // Of `if (…) return; co_await …` on one line only the part with the await counts.
    auto begin = statement.rfind(';', await);
    auto part = statement.substr(begin == std::string::npos ? 0 : begin);
    for (const auto& [what, pattern] : kRisks) {
        if (std::regex_search(part, pattern)) return what;
    }
    return "";
}

TEST(Tidy, AwaitsShareTheirStatementWithNothingRisky) {
    for (const auto& file : Sources()) {
        std::string statement;
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            const auto& line = file.code[i];
            statement += line + " ";
            auto last = line.find_last_not_of(' ');
            bool ends = last == std::string::npos || std::string(";{}").find(line[last]) != std::string::npos;
            if (!ends) continue;
            // A brace at the end opens the block below: no temporary.
            if (last != std::string::npos && line[last] == '{') statement.resize(statement.rfind('{'));
            EXPECT_EQ(RiskOf(statement), "") << file.path << ":" << i + 1 << ": " << file.lines[i];
            statement.clear();
        }
    }
}

TEST(Tidy, KnowsRiskyAwaitsFromPlainOnes) {
    for (const char* risky : {"p = cond ? co_await F() : other;", "co_await F([p] { Go(p); });",
                              "co_await F({.a = X(), .n = 3});", "co_await F(Args{X(), 1});",
                              "co_return Reply{404, co_await F()};"}) {
        EXPECT_NE(RiskOf(risky), "") << risky;
    }
    for (const char* plain :
         {"auto reply = co_await client.Fetch(std::move(call));", "co_return co_await F(a, b[1]);",
          "if (!ok) return Bad{1}; co_await F();", "co_await F(Nothing{});", "auto x = a ? b : c;"}) {
        EXPECT_EQ(RiskOf(plain), "") << plain;
    }
}

TEST(Tidy, NoLambdaIsACoroutine) {
    std::regex lambda(R"(\[[^\]]*\]\s*\([^)]*\)\s*(mutable\s*)?->\s*[\w:]*awaitable<)");
    ExpectConfined({"a coroutine is a named function", lambda, {}, true});
}

TEST(Tidy, FilesHaveOneSubject) {
    for (const auto& file : Sources()) {
        bool excused = kLongFiles.contains(file.path);
        EXPECT_TRUE(file.lines.size() <= kLinesMax || excused)
            << file.path << " has " << file.lines.size() << " lines, at most " << kLinesMax
            << ": split it by subject, or list it in kLongFiles with the reason";
        EXPECT_FALSE(excused && file.lines.size() <= kLinesMax) << file.path << " needs no excuse any more";
    }
}

bool IsBlank(const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; }

// The first line of the statement that goes on in line `i`.
std::size_t StatementBegin(const std::vector<std::string>& code, std::size_t i) {
    auto goes_on = [](const std::string& line) {
        auto last = line.find_last_not_of(' ');
        return last != std::string::npos && std::string(";{}").find(line[last]) == std::string::npos &&
               !line.starts_with("#") && !line.ends_with(':');
    };
    while (i > 0 && goes_on(code[i - 1])) --i;
    return i;
}

// A function ends with a `}` in the column where it began, 0 or within a class 4: true of everything
// that clang-format has touched. Comments and SQL texts are not counted.
TEST(Tidy, FunctionsFitOneScreen) {
    std::regex opens(R"(\)[^;=]*\{\s*$)");
    std::regex begins(
        R"(^( {0,4})(?!(if|for|while|switch|else|do|namespace|struct|class|enum)\b)[\w:<&~\[])");
    for (const auto& file : Sources()) {
        for (std::size_t i = 0; i < file.code.size(); ++i) {
            if (!std::regex_search(file.code[i], opens)) continue;
            auto first = StatementBegin(file.code, i);
            std::smatch match;
            if (!std::regex_search(file.code[first], match, begins)) continue;
            auto closing = match[1].str() + "}";
            std::size_t lines = 2;
            for (auto at = i + 1; at < file.code.size() && !file.code[at].starts_with(closing); ++at) {
                if (!IsBlank(file.code[at])) ++lines;
            }
            EXPECT_LE(lines, kFunctionLinesMax) << file.path << ":" << first + 1 << ": " << file.lines[first];
        }
    }
}

TEST(Tidy, HeadersOpenWithWhatTheyAreFor) {
    for (const auto& file : Sources()) {
        if (!file.is_header()) continue;
        ASSERT_FALSE(file.lines.empty()) << file.path;
        EXPECT_TRUE(file.lines.front().starts_with("// ")) << file.path << ": open it with a comment";
        bool once = std::find(file.lines.begin(), file.lines.end(), "#pragma once") != file.lines.end();
        EXPECT_TRUE(once) << file.path << ": #pragma once is missing";
    }
}

TEST(Tidy, EveryHeaderIsUsedBySomeoneElse) {
    std::set<std::string> included;
    for (const auto& file : Sources()) {
        for (const auto& include : file.Includes()) {
            // Its own .cpp and its own test are no use.
            auto stem = include.substr(0, include.size() - std::min<std::size_t>(2, include.size()));
            bool own = file.path == "src/" + stem + ".cpp" || file.path == "src/" + stem + "_test.cpp";
            if (!own) included.insert(include);
        }
    }
    for (const auto& file : Sources()) {
        if (!file.is_header() || file.folder().empty()) continue;
        EXPECT_TRUE(included.contains(file.path.substr(4))) << file.path << " is included by nobody";
    }
}

TEST(Tidy, CommentsAndStringsAreSeenForWhatTheyAre) {
    auto code = WithoutCommentsAndStrings(
        "a(\"x; // {\"); // b\nint n = 1'000; /* c\n */ R\"sql(d)\")sql\" + '\\'' + e");
    EXPECT_EQ(std::count(code.begin(), code.end(), '\n'), 2);
    std::erase_if(code, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_EQ(code, "a();intn=1'000;++e");
}

}  // namespace
}  // namespace citadel::tidy
