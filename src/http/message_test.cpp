#include "http/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/json.hpp>

namespace citadel::http {
namespace {

TEST(Message, HeadersAreFoundWithoutCaseAndTheFirstCounts) {
    std::vector<Header> headers = {{"Content-Type", "a"}, {"content-type", "b"}};
    EXPECT_EQ(FindHeader(headers, "CONTENT-TYPE"), "a");
    EXPECT_EQ(FindHeader(headers, "Content"), "");
}

TEST(Message, PercentDecodingKeepsWhatIsNoEscape) {
    EXPECT_EQ(PercentDecode("%41+b%2f%2F", false), "A+b//");
    EXPECT_EQ(PercentDecode("%41+b", true), "A b");
    EXPECT_EQ(PercentDecode("100%", false), "100%");
    EXPECT_EQ(PercentDecode("%4", false), "%4");
    EXPECT_EQ(PercentDecode("%zz%4g", false), "%zz%4g");
    EXPECT_EQ(PercentDecode("%00", false), std::string(1, '\0'));
}

RC_GTEST_PROP(Message, WhatIsEncodedDecodesToItself, ()) {
    auto text = *rc::gen::arbitrary<std::string>();
    auto encoded = PercentEncode(text);
    RC_ASSERT(PercentDecode(encoded, true) == text);
    RC_ASSERT(encoded.find_first_of(" &=+#?/\r\n") == std::string::npos);
}

TEST(Message, FormsAreReadInOrderWithBracketsAndEmptyValues) {
    std::vector<Header> wanted = {{"a[b]", "1 2"}, {"c", ""}, {"d", "x=y"}, {"a[b]", "3"}};
    EXPECT_EQ(ParseForm("a%5Bb%5D=1+2&&c&d=x=y&a[b]=3"), wanted);
    EXPECT_TRUE(ParseForm("").empty());
}

TEST(Message, AProblemIsJsonWhateverTheDetailSays) {
    auto reply = Problem(400, "event_invalid", "not \"this\" \\ \n that");
    EXPECT_EQ(reply.content_type, "application/problem+json");
    auto body = boost::json::parse(reply.body);
    EXPECT_EQ(body.at("type").as_string(), "about:blank");
    EXPECT_EQ(body.at("title").as_string(), "Bad Request");
    EXPECT_EQ(body.at("status").as_int64(), 400);
    EXPECT_EQ(body.at("code").as_string(), "event_invalid");
    EXPECT_EQ(body.at("detail").as_string(), "not \"this\" \\ \n that");
}

TEST(Message, AskingForALaterTrySaysWhen) {
    EXPECT_EQ(FindHeader(Problem(503, "overloaded", "").headers, "Retry-After"), "2");
    EXPECT_EQ(FindHeader(Problem(500, "internal_error", "").headers, "Retry-After"), "");
}

TEST(Message, EveryStatusThatWeAnswerHasAReason) {
    for (int status : {200, 302, 400, 401, 402, 403, 404, 405, 408, 409, 413, 429, 431, 500, 502, 503}) {
        EXPECT_NE(ReasonPhrase(status), "Status") << status;
    }
}

}  // namespace
}  // namespace citadel::http
