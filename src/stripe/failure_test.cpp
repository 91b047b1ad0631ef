#include "stripe/failure.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>
#include <string>

#include "support/fixtures.h"

namespace citadel::stripe {
namespace {

namespace json = boost::json;
using enum FailureKind;

// A row of stripe_errors.json as the answer that the client gets.
http::Answer AnswerOf(const json::value& row) {
    http::Answer answer;
    answer.kind = http::Answer::Kind::kReply;
    answer.status = static_cast<int>(row.at("status").as_int64());
    const auto& fields = row.as_object();
    if (fields.contains("body")) answer.body = json::serialize(row.at("body"));
    if (fields.contains("raw")) answer.body = json::value_to<std::string>(row.at("raw"));
    if (!fields.contains("headers")) return answer;
    for (const auto& [name, value] : row.at("headers").as_object()) {
        answer.headers.emplace_back(std::string(name), json::value_to<std::string>(value));
    }
    return answer;
}

http::Answer AnswerNamed(const std::string& name) {
    return AnswerOf(ReadFixture("stripe_errors.json").at("other").at(name));
}

TEST(Failure, EveryCardDeclineIsOneAndKeepsItsCodes) {
    auto fixture = ReadFixture("stripe_errors.json");
    const auto& rows = fixture.at("card_declines").as_object();
    EXPECT_GE(rows.size(), 50u);
    for (const auto& [name, row] : rows) {
        auto failure = ReadFailure(AnswerOf(row));
        ASSERT_TRUE(failure) << name;
        bool asks = name == "authentication_required";
        EXPECT_EQ(failure->kind, asks ? kNeedsAction : kDeclined) << name;
        EXPECT_EQ(failure->status, 402) << name;
        EXPECT_EQ(failure->decline_code, name);
        const auto& error = row.at("body").at("error").as_object();
        EXPECT_EQ(failure->message, error.at("message").as_string()) << name;
        EXPECT_EQ(failure->code, error.at("code").as_string()) << name;
        for (auto [member, value] : {std::pair{"advice_code", failure->advice_code},
                                     {"network_decline_code", failure->network_decline_code},
                                     {"network_advice_code", failure->network_advice_code}}) {
            auto given = error.if_contains(member);
            EXPECT_EQ(value, given && given->is_string() ? std::string(given->as_string()) : "")
                << name << " " << member;
        }
    }
}

TEST(Failure, EveryOtherAnswerHasItsKind) {
    const std::map<std::string, FailureKind> kinds = {
        {"invoice_payment_intent_requires_action", kNeedsAction},
        {"card_decline_rate_limit_exceeded", kDeclined},
        {"unknown_decline_code", kDeclined},
        {"decline_without_decline_code", kDeclined},
        {"resource_missing", kNotFound},
        {"parameter_unknown", kInvalid},
        {"parameter_missing", kInvalid},
        {"invoice_already_paid", kInvalid},
        {"invoice_not_open", kInvalid},
        {"no_payment_method", kInvalid},
        {"idempotency_mismatch", kInvalid},
        {"v2_temporary_session_expired", kInvalid},
        {"idempotency_key_in_use", kBusy},
        {"lock_timeout", kBusy},
        {"rate_limit_global", kRateLimited},
        {"rate_limit_endpoint", kRateLimited},
        {"rate_limit_concurrency", kRateLimited},
        {"invalid_api_key", kAuthentication},
        {"api_key_expired", kAuthentication},
        {"account_revoked", kOutOfReach},
        {"restricted_key_permission", kOutOfReach},
        {"api_error_500", kUnknown},
        {"api_error_500_retry", kUnknown},
        {"bad_gateway_html", kUnknown},
        {"service_unavailable_empty", kUnknown},
        // OAuth's errors are texts, not objects.
        {"oauth_invalid_grant", kInvalid},
        {"oauth_code_reused", kInvalid},
        {"oauth_not_connected", kInvalid},
        {"oauth_unsupported_grant", kInvalid},
        {"oauth_invalid_client", kAuthentication},
    };
    auto fixture = ReadFixture("stripe_errors.json");
    for (const auto& [name, row] : fixture.at("other").as_object()) {
        if (name == "truncated_json") continue;  // a success by its status: the reader of its body finds out
        SCOPED_TRACE(std::string(name));
        auto expected = kinds.find(std::string(name));
        ASSERT_NE(expected, kinds.end()) << "no row for this answer";
        auto failure = ReadFailure(AnswerOf(row));
        ASSERT_TRUE(failure);
        EXPECT_EQ(NameOf(failure->kind), NameOf(expected->second));
        EXPECT_EQ(failure->status, row.at("status").as_int64());
    }
}

TEST(Failure, ASuccessIsNone) {
    http::Answer answer;
    answer.kind = http::Answer::Kind::kReply;
    answer.status = 200;
    EXPECT_FALSE(ReadFailure(answer));
}

TEST(Failure, WhatWasNeverSentIsApartFromWhatNobodyKnows) {
    http::Answer answer;
    answer.error = "refused";
    answer.kind = http::Answer::Kind::kNotSent;
    EXPECT_EQ(ReadFailure(answer)->kind, kUnavailable);
    answer.kind = http::Answer::Kind::kUnknown;
    answer.status = 200;  // came before the answer broke off
    EXPECT_EQ(ReadFailure(answer)->kind, kUnknown);
    EXPECT_EQ(ReadFailure(answer)->message, "refused");
}

http::Answer Reply(int status, const char* body) {
    http::Answer answer;
    answer.kind = http::Answer::Kind::kReply;
    answer.status = status;
    answer.body = body;
    return answer;
}

TEST(Failure, AnErrorWithLittleInItIsReadForWhatItSays) {
    for (const char* body : {R"({"error":"invalid_grant"})", R"({"error":{"code":7,"message":null}})"}) {
        EXPECT_EQ(ReadFailure(Reply(400, body))->kind, kInvalid) << body;
        EXPECT_EQ(ReadFailure(Reply(400, body))->code, "") << body;
    }
}

// Its code may be one that forbids another try, so the question is put again under the same key.
TEST(Failure, WithABodyThatCannotBeReadNobodyKnowsWhatHappened) {
    for (const char* body :
         {"", "null", "[]", "\"x\"", "{}", R"({"error":null})", "{\"error\":{", "\xff\xfe", "<html>"}) {
        for (int status : {400, 402, 403, 404, 500}) {
            auto failure = ReadFailure(Reply(status, body));
            ASSERT_TRUE(failure) << status << body;
            EXPECT_EQ(failure->kind, kUnknown) << status << body;
            EXPECT_TRUE(ShouldResend(Reply(status, body))) << status << body;
        }
        EXPECT_EQ(ReadFailure(Reply(401, body))->kind, kAuthentication);
        EXPECT_EQ(ReadFailure(Reply(409, body))->kind, kBusy);
        EXPECT_EQ(ReadFailure(Reply(429, body))->kind, kRateLimited);
    }
}

TEST(Failure, IsSentAgainByTheRulesOfStripesLibraries) {
    for (const char* again : {"api_error_500_retry", "bad_gateway_html", "service_unavailable_empty",
                              "idempotency_key_in_use", "lock_timeout"}) {
        EXPECT_TRUE(ShouldResend(AnswerNamed(again))) << again;
    }
    for (const char* never :
         {"api_error_500", "rate_limit_global", "resource_missing", "invoice_already_paid", "invalid_api_key",
          "account_revoked", "unknown_decline_code"}) {
        EXPECT_FALSE(ShouldResend(AnswerNamed(never))) << never;
    }
    http::Answer unknown;
    EXPECT_TRUE(ShouldResend(unknown));
}

}  // namespace
}  // namespace citadel::stripe
