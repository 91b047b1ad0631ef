#include "api/inputs.h"

#include <gtest/gtest.h>

#include "api/body.h"

namespace citadel::api {
namespace {

http::Request Asking(std::vector<http::Header> query) {
    http::Request request;
    request.query = std::move(query);
    return request;
}

std::string CodeOf(void (*read)(const http::Request&), const http::Request& request) {
    try {
        (*read)(request);
    } catch (const BadInput& bad) {
        return bad.code();
    }
    return "";
}

TEST(Inputs, AnIdIsDecimalDigitsThatFit) {
    EXPECT_EQ(ReadId("42"), 42);
    EXPECT_EQ(ReadId("9223372036854775807"), 9223372036854775807);
    for (const char* text :
         {"", "-1", "+1", " 1", "1 ", "0x1", "1e3", "9223372036854775808", "99999999999999999999"})
        EXPECT_EQ(ReadId(text), std::nullopt) << text;
}

TEST(Inputs, ACursorComesBackAsItWasGiven) {
    for (std::int64_t key : {std::int64_t{0}, std::int64_t{7}, store::kNewestFirst}) {
        auto order = ReadPageOrder(Asking({{"cursor", CursorFor(key)}, {"limit", "100"}}));
        EXPECT_EQ(order.before, key);
        EXPECT_EQ(order.limit, 100);
    }
    EXPECT_EQ(ReadPageOrder(Asking({})).limit, 25);
}

TEST(Inputs, WrongPagesAreRefused) {
    auto read = [](const http::Request& request) { ReadPageOrder(request); };
    for (const char* limit : {"0", "101", "-1", "1.5", "many", "99999999999"})
        EXPECT_EQ(CodeOf(read, Asking({{"limit", limit}})), "invalid_parameter") << limit;
    for (const char* cursor : {"c1", "c1-5", "7", "c2a", "c1ffffffffffffffffff", "c1g", "'; drop"})
        EXPECT_EQ(CodeOf(read, Asking({{"cursor", cursor}})), "invalid_parameter") << cursor;
}

TEST(Inputs, DatesExist) {
    EXPECT_EQ(ReadDate("1970-01-01"), 0);
    EXPECT_EQ(FormatDate(*ReadDate("2024-02-29")), "2024-02-29");
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-00-10", "24-01-01", "2024-1-01", "2024-01-01T",
                             "", "0000-01-01", "2024/01/01"})
        EXPECT_EQ(ReadDate(text), std::nullopt) << text;
}

TEST(Inputs, SettingsLookAsTheyShould) {
    EXPECT_TRUE(IsColor("#1a56DB"));
    for (const char* text : {"1a56db", "#1a56d", "#1a56dbf", "#1a56dg", "red", ""})
        EXPECT_FALSE(IsColor(text)) << text;
    EXPECT_TRUE(IsHttpsUrl("https://cdn.example.com/logo.png?v=2"));
    for (const char* text : {"http://example.com", "https://", "javascript:alert(1)",
                             "https://u:p@example.com/x", "//example.com", "https:example.com", ""})
        EXPECT_FALSE(IsHttpsUrl(text)) << text;
    EXPECT_TRUE(IsEmailAddress("billing+eu@mail.example.co"));
    for (const char* text :
         {"@example.com", "a@", "a@b", "a b@example.com", "a@example..com", "a@.example.com",
          "A <a@example.com>", "a@exa mple.com", "a@example.com\nBcc: x@example.com", ".a@example.com"})
        EXPECT_FALSE(IsEmailAddress(text)) << text;
    for (const char* text : {"en", "de-AT", "zh-Hant-TW", "es-419", "gsw"})
        EXPECT_TRUE(IsLocale(text)) << text;
    for (const char* text : {"", "e", "EN", "de-at", "de_AT", "de-", "en-US-x", "english"})
        EXPECT_FALSE(IsLocale(text)) << text;
    EXPECT_TRUE(IsCountry("AT"));
    EXPECT_FALSE(IsCountry("at"));
}

TEST(Inputs, ATimeZoneIsOneOfTheSystems) {
    for (const char* text : {"UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+5"})
        EXPECT_TRUE(IsTimeZone(text)) << text;
    for (const char* text : {"", "Europe", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/../UTC",
                             "posix/UTC", "zone.tab", "CEST-2"})
        EXPECT_FALSE(IsTimeZone(text)) << text;
}

http::Request Saying(std::string body) {
    http::Request request;
    request.body = std::move(body);
    return request;
}

std::string Refusal(const std::string& body) {
    try {
        Body read(Saying(body), {"name", "flag", "count", "inner"}, {"tier"});
        read.Text("name", 5);
        read.Flag("flag");
        read.Number("count", 1, 10);
        read.Object("inner", {"x"});
    } catch (const BadInput& bad) {
        return bad.code() + ": " + bad.what();
    }
    return "";
}

TEST(Body, TakesWhatFits) {
    EXPECT_EQ(Refusal(""), "");
    EXPECT_EQ(Refusal("{}"), "");
    EXPECT_EQ(Refusal(R"({"name": "a", "flag": true, "count": 10, "inner": {"x": null}})"), "");
}

TEST(Body, NamesWhatIsWrong) {
    EXPECT_EQ(Refusal(R"({"nam": 1})"), "unknown_member: Nobody knows the member \"nam\".");
    EXPECT_EQ(Refusal(R"({"inner": {"y": 1}})"), "unknown_member: Nobody knows the member \"inner.y\".");
    EXPECT_EQ(Refusal(R"({"tier": "PRO"})"), "read_only_member: \"tier\" is not changed here.");
    for (const char* name : {"[]", "null", "7", "{", "{\"name\":}", "\xff", "{\"name\":\"\xff\"}"})
        EXPECT_EQ(Refusal(name).substr(0, 13), "invalid_json:") << name;
    for (const char* text : {R"({"name": 7})", R"({"name": null})", R"({"name": "abcdef"})",
                             R"({"name": "a\u0000"})", R"({"name": "a\r\n"})", R"({"flag": "true"})",
                             R"({"flag": 1})", R"({"count": 0})", R"({"count": 11})", R"({"count": 1.5})",
                             R"({"count": "1"})", R"({"count": 1e30})", R"({"inner": []})"})
        EXPECT_EQ(Refusal(text).substr(0, 15), "invalid_member:") << text;
}

TEST(Body, DepthIsBounded) {
    std::string deep = R"({"name":)";
    for (int i = 0; i < 2000; ++i) deep += '[';
    EXPECT_EQ(Refusal(deep).substr(0, 13), "invalid_json:");
}

}  // namespace
}  // namespace citadel::api
