#include "policy_lab/line_protocol.h"

#include <gtest/gtest.h>

// Parsed as an outsider would; the library's bodies come with citadel_policy_lab.
#include <boost/json.hpp>

namespace citadel::policy_lab {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFailedAt = 1'767'225'600;  // 2026-01-01T00:00:00Z, a Thursday
constexpr std::int64_t kDay = 86'400;

std::string Event(const std::string& ev, std::int64_t now, const std::string& code, int declines, int emails,
                  const std::string& more = "") {
    return R"({"ev":")" + ev + R"(","id":"in_1","now":)" + std::to_string(now) + R"(,"t0":)" +
           std::to_string(kFailedAt) + R"(,"deadline":)" + std::to_string(kFailedAt + 30 * kDay) +
           R"(,"tenant":"t","customer":"c","amount":2900,"country":"US","tz_min":-300,"brand":"visa","funding":"debit",)" +
           R"("issuer":"i","code":")" + code + R"(","net":"","mac":"","advice":"","declines":)" +
           std::to_string(declines) + R"(,"emails":)" + std::to_string(emails) + R"(,"paid_first_try":[])" +
           more + "}";
}

json::object Ask(LineProtocol& protocol, const std::string& line) {
    return json::parse(protocol.Answer(line)).as_object();
}

TEST(LineProtocol, GreetsWithTheNameOfThePolicy) {
    LineProtocol protocol("payday/1");
    auto hello = Ask(protocol, R"({"ev":"hello","protocol":1,"now":0})");
    EXPECT_EQ(hello.at("protocol"), 1);
    EXPECT_EQ(hello.at("policy"), "payday/1");
    EXPECT_TRUE(hello.at("version").is_string());
    EXPECT_TRUE(Ask(protocol, R"({"ev":"hello","protocol":2,"now":0})").contains("error"));
}

TEST(LineProtocol, AFailureIsAnsweredWithTheNextRetryAndMail) {
    LineProtocol protocol("classic/1");
    auto answer = Ask(protocol, Event("fail", kFailedAt, "insufficient_funds", 1, 0));
    EXPECT_EQ(answer.at("retry_at"), kFailedAt + 3 * kDay);
    EXPECT_EQ(answer.at("email_at"), kFailedAt);
    EXPECT_EQ(answer.at("give_up"), false);
    EXPECT_FALSE(answer.at("why").as_string().empty());
    answer = Ask(protocol, Event("emailed", kFailedAt, "insufficient_funds", 1, 1));
    EXPECT_EQ(answer.at("retry_at"), kFailedAt + 3 * kDay);
    EXPECT_TRUE(answer.at("email_at").is_null());
    answer = Ask(protocol, Event("fail", kFailedAt + 3 * kDay, "insufficient_funds", 2, 1));
    EXPECT_EQ(answer.at("retry_at"), kFailedAt + 8 * kDay);
    EXPECT_EQ(answer.at("email_at"), kFailedAt + 3 * kDay);
}

TEST(LineProtocol, ACardThatMayNotBeTriedAgainIsRetriedOnlyWhenAnotherCame) {
    LineProtocol protocol("payday/1");
    auto noon = kFailedAt + kDay / 2 + 18'000;
    auto answer = Ask(protocol, Event("fail", noon, "lost_card", 1, 0));
    EXPECT_TRUE(answer.at("retry_at").is_null());
    EXPECT_EQ(answer.at("email_at"), noon);
    answer = Ask(protocol, Event("card_updated", noon + 60, "lost_card", 1, 1));
    EXPECT_EQ(answer.at("retry_at"), noon + 60);
    answer = Ask(protocol, Event("fail", noon + 61, "insufficient_funds", 2, 1));
    EXPECT_GE(answer.at("retry_at").as_int64(), noon + 61 + 18 * 3600);
}

TEST(LineProtocol, TheNetworksDelayIsKept) {
    LineProtocol protocol("payday/1");
    auto line = Event("fail", kFailedAt, "insufficient_funds", 1, 0);
    auto put = [&line](const std::string& was, const std::string& is) {
        line.replace(line.find(was), was.size(), is);
    };
    put(R"("mac":"")", R"("mac":"28")");
    put(R"("brand":"visa")", R"("brand":"mastercard")");
    auto answer = Ask(protocol, line);
    EXPECT_GE(answer.at("retry_at").as_int64(), kFailedAt + 6 * kDay);
    EXPECT_LE(answer.at("retry_at").as_int64(), kFailedAt + 7 * kDay);
}

TEST(LineProtocol, AfterTheDeadlineItGivesUp) {
    LineProtocol protocol("payday/1");
    auto answer = Ask(protocol, Event("fail", kFailedAt + 31 * kDay, "insufficient_funds", 5, 4));
    EXPECT_EQ(answer.at("give_up"), true);
    EXPECT_TRUE(answer.at("retry_at").is_null());
    EXPECT_TRUE(answer.at("email_at").is_null());
}

TEST(LineProtocol, PaidAndClosedAreTakenNoteOf) {
    LineProtocol protocol("payday/1");
    Ask(protocol, Event("fail", kFailedAt, "insufficient_funds", 1, 0));
    EXPECT_EQ(
        protocol.Answer(Event("paid", kFailedAt + kDay, "insufficient_funds", 1, 1, R"(,"via":"retry")")),
        "{}");
    EXPECT_EQ(protocol.Answer(Event("closed", kFailedAt + kDay, "", 1, 1, R"(,"via":"deadline")")), "{}");
    // Closed means forgotten: the same id begins anew.
    auto answer = Ask(protocol, Event("fail", kFailedAt + 2 * kDay, "insufficient_funds", 1, 0));
    EXPECT_TRUE(answer.at("email_at").is_int64());
}

TEST(LineProtocol, UnknownIsAnsweredWithNothingAndNonsenseWithAnError) {
    LineProtocol protocol("payday/1");
    EXPECT_EQ(protocol.Answer(R"({"ev":"weather","now":1})"), "{}");
    for (const char* line :
         {"", "{", "[1]", "7", "null", R"({"now":1})", R"({"ev":"fail","id":"x"})",
          R"({"ev":"fail","now":1})", R"({"ev":"fail","id":"x","now":"soon"})",
          R"({"ev":"fail","id":"x","now":1e300})", R"({"ev":"fail","id":"x","now":-5})",
          R"({"ev":"fail","id":"x","now":1,"code":[]})", R"({"ev":"fail","id":"x","now":1,"tz_min":99999})",
          R"({"ev":"fail","id":"x","now":1,"paid_first_try":[true]})"}) {
        auto answer = json::parse(protocol.Answer(line)).as_object();
        EXPECT_EQ(answer.size(), 1u) << line;
        EXPECT_TRUE(answer.contains("error")) << line;
    }
    // The stream goes on, and a refused line has changed nothing.
    EXPECT_EQ(Ask(protocol, Event("fail", kFailedAt, "insufficient_funds", 1, 0)).at("give_up"), false);
}

TEST(LineProtocol, MembersThatAreLeftOutAreRememberedOrCounted) {
    LineProtocol protocol("classic/1");
    auto first = R"({"ev":"fail","id":7,"now":1767225600,"code":"insufficient_funds"})";
    EXPECT_EQ(Ask(protocol, first).at("retry_at"), kFailedAt + 3 * kDay);
    auto second = R"({"ev":"fail","id":7,"now":1767484800})";
    EXPECT_EQ(Ask(protocol, second).at("retry_at"), kFailedAt + 8 * kDay);
}

TEST(LineProtocol, TheSameLinesGiveTheSameAnswers) {
    LineProtocol one("payday/1"), other("payday/1");
    for (int i = 0; i < 5; ++i) {
        auto line =
            Event("fail", kFailedAt + i * 3 * kDay, i % 2 ? "do_not_honor" : "insufficient_funds", i + 1, 0);
        EXPECT_EQ(one.Answer(line), other.Answer(line));
    }
}

}  // namespace
}  // namespace citadel::policy_lab
