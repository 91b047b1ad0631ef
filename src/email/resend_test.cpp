#include "email/resend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>

#include <deque>

#include "http/server.h"
#include "support/fixtures.h"

namespace citadel::email {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;
using Kind = ResendReading::Kind;
using Result = Sent::Result;

http::Answer AnswerOf(int status, std::string body, std::vector<http::Header> headers = {}) {
    http::Answer answer;
    answer.kind = http::Answer::Kind::kReply;
    answer.status = status;
    answer.body = std::move(body);
    answer.headers = std::move(headers);
    return answer;
}

std::string Error(const std::string& name) {
    return json::serialize(json::object{{"statusCode", 0}, {"name", name}, {"message", "m"}});
}

TEST(ReadResendAnswer, KnowsEveryPublishedError) {
    auto fixture = ReadFixture("resend_api.json");
    std::map<std::string, Kind> wanted = {{"validation_error/400", Kind::kRefused},
                                          {"invalid_idempotency_key", Kind::kRefused},
                                          {"missing_api_key", Kind::kHoldConfiguration},
                                          {"restricted_api_key", Kind::kHoldConfiguration},
                                          {"invalid_api_key", Kind::kHoldConfiguration},
                                          {"validation_error/403", Kind::kHoldConfiguration},
                                          {"not_found", Kind::kHoldConfiguration},
                                          {"invalid_idempotent_request", Kind::kSent},
                                          {"concurrent_idempotent_requests", Kind::kAgain},
                                          {"missing_required_field", Kind::kRefused},
                                          {"invalid_parameter", Kind::kRefused},
                                          {"rate_limit_exceeded", Kind::kAgain},
                                          {"daily_quota_exceeded", Kind::kHoldQuota},
                                          {"monthly_quota_exceeded", Kind::kHoldQuota},
                                          {"application_error", Kind::kAgain},
                                          {"internal_server_error", Kind::kAgain}};
    for (const auto& error : fixture.at("errors").as_array()) {
        auto status = static_cast<int>(error.at("status").as_int64());
        auto body = error.as_object().if_contains("body");
        if (!body) {
            auto reading = ReadResendAnswer(AnswerOf(status, std::string(error.at("raw").as_string())));
            EXPECT_EQ(reading.kind, Kind::kAgain) << status;
            EXPECT_TRUE(reading.in_doubt);
            continue;
        }
        std::string name(body->at("name").as_string());
        auto found = wanted.find(name == "validation_error" ? name + "/" + std::to_string(status) : name);
        ASSERT_NE(found, wanted.end()) << name;
        auto reading = ReadResendAnswer(AnswerOf(status, json::serialize(*body)));
        EXPECT_EQ(reading.kind, found->second) << name;
        EXPECT_EQ(reading.in_doubt, status == 500 || name == "concurrent_idempotent_requests") << name;
        EXPECT_THAT(reading.error, ::testing::HasSubstr(name));
    }
}

TEST(ReadResendAnswer, OnlyAnIdMakesASuccess) {
    EXPECT_EQ(ReadResendAnswer(AnswerOf(200, R"({"id":"49a3999c"})")).provider_id, "49a3999c");
    for (auto body : {"", "{}", "[]", R"({"id":7})", "<html>"}) {
        auto reading = ReadResendAnswer(AnswerOf(200, body));
        EXPECT_EQ(reading.kind, Kind::kAgain) << body;
        EXPECT_TRUE(reading.in_doubt) << body;
    }
}

TEST(ReadResendAnswer, ALostAnswerIsInDoubtAndAConnectionNeverMadeIsNot) {
    http::Answer answer;
    answer.kind = http::Answer::Kind::kUnknown;
    EXPECT_TRUE(ReadResendAnswer(answer).in_doubt);
    answer.kind = http::Answer::Kind::kNotSent;
    EXPECT_EQ(ReadResendAnswer(answer).kind, Kind::kAgain);
    EXPECT_FALSE(ReadResendAnswer(answer).in_doubt);
}

// Resend as a script of answers; what was asked is kept.
class Scripted : public ::testing::Test {
  protected:
    Scripted() : server_(io_, [this](http::Request request) { return Answer(std::move(request)); }) {
        server_.Listen("127.0.0.1", 0);
        settings_.base = "http://127.0.0.1:" + std::to_string(server_.port());
        settings_.key = Secret("re_test_only");
        settings_.requests_per_second = 1000;
        settings_.first_backoff = 1ms;
    }

    asio::awaitable<http::Reply> Answer(http::Request request) {
        asked_.push_back(std::move(request));
        http::Reply reply = http::Json(200, R"({"id":"49a3999c-0ce1"})");
        if (!script_.empty()) {
            reply = std::move(script_.front());
            script_.pop_front();
        }
        co_return reply;
    }

    template <typename T>
    T Run(asio::awaitable<T> work) {
        auto future = asio::co_spawn(io_, std::move(work), asio::use_future);
        io_.restart();
        while (future.wait_for(0s) != std::future_status::ready) io_.run_one();
        return future.get();
    }

    static Envelope Letter() {
        Envelope envelope;
        envelope.from = "Acme <billing@example.com>";
        envelope.to = "payer@example.com";
        envelope.reply_to = "help@example.com";
        envelope.entity_ref_id = envelope.idempotency_key = "cit-1-2-payment_failed-1";
        envelope.tags = {{"merchant", "1"}, {"mail", "7"}};
        envelope.mail = {"Your payment", "<p>…</p>", "…"};
        return envelope;
    }

    asio::io_context io_{1};
    http::Server server_;
    http::Client http_{io_};
    ResendSettings settings_;
    std::deque<http::Reply> script_;
    std::vector<http::Request> asked_;
};

TEST_F(Scripted, SendsWhatResendReads) {
    ResendSender sender(http_, settings_);
    auto sent = Run(sender.Send(Letter()));
    EXPECT_EQ(sent.result, Result::kSent);
    EXPECT_EQ(sent.provider_id, "49a3999c-0ce1");
    ASSERT_EQ(asked_.size(), 1u);
    const auto& request = asked_.front();
    EXPECT_EQ(request.method + " " + request.path, "POST /emails");
    EXPECT_EQ(request.header("authorization"), "Bearer re_test_only");
    EXPECT_EQ(request.header("idempotency-key"), "cit-1-2-payment_failed-1");
    EXPECT_EQ(request.header("content-type"), "application/json");
    EXPECT_TRUE(request.header("user-agent").starts_with("citadel/"));
    EXPECT_EQ(json::parse(request.body),
              json::parse(R"({"from":"Acme <billing@example.com>","to":["payer@example.com"],
        "subject":"Your payment","html":"<p>…</p>","text":"…","reply_to":"help@example.com",
        "headers":{"X-Entity-Ref-ID":"cit-1-2-payment_failed-1"},
        "tags":[{"name":"merchant","value":"1"},{"name":"mail","value":"7"}]})"));
}

TEST_F(Scripted, ALostAnswerIsAskedForWithTheSameWords) {
    http::Reply lost = http::Json(200, R"({"id":"49a3999c-0ce1"})");
    lost.wire = http::Reply::Wire::kDrop;
    script_.push_back(lost);
    script_.push_back(http::Json(500, Error("internal_server_error")));
    ResendSender sender(http_, settings_);
    EXPECT_EQ(Run(sender.Send(Letter())).result, Result::kSent);
    ASSERT_EQ(asked_.size(), 3u);
    for (const auto& request : asked_) {
        EXPECT_EQ(request.body, asked_.front().body);
        EXPECT_EQ(request.header("idempotency-key"), "cit-1-2-payment_failed-1");
    }
}

TEST_F(Scripted, WhatNobodyKnowsStaysInDoubt) {
    for (int i = 0; i < 3; ++i) script_.push_back(http::Json(500, Error("application_error")));
    ResendSender sender(http_, settings_);
    auto sent = Run(sender.Send(Letter()));
    EXPECT_EQ(sent.result, Result::kTryLater);
    EXPECT_TRUE(sent.in_doubt);
}

TEST_F(Scripted, AWrongKeyHoldsAllMailsWithoutAskingForEach) {
    script_.push_back(http::Json(401, Error("restricted_api_key")));
    ResendSender sender(http_, settings_);
    EXPECT_EQ(Run(sender.Send(Letter())).result, Result::kHeld);
    EXPECT_EQ(Run(sender.Send(Letter())).result, Result::kHeld);
    EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(Scripted, ABadAddressIsRefusedForGood) {
    script_.push_back(http::Json(422, Error("invalid_parameter")));
    ResendSender sender(http_, settings_);
    auto sent = Run(sender.Send(Letter()));
    EXPECT_EQ(sent.result, Result::kRefused);
    EXPECT_THAT(sent.error, ::testing::HasSubstr("invalid_parameter"));
    EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(Scripted, ALongRetryAfterIsLeftToTheTask) {
    auto busy = http::Json(429, Error("rate_limit_exceeded"));
    busy.headers.emplace_back("Retry-After", "3600");
    script_.push_back(busy);
    ResendSender sender(http_, settings_);
    auto sent = Run(sender.Send(Letter()));
    EXPECT_EQ(sent.result, Result::kTryLater);
    EXPECT_FALSE(sent.in_doubt);
    EXPECT_EQ(asked_.size(), 1u);
}

TEST_F(Scripted, RequestsAreSpacedByTheTeamsLimit) {
    settings_.requests_per_second = 50;
    ResendSender sender(http_, settings_);
    auto began = std::chrono::steady_clock::now();
    std::vector<std::future<Sent>> all;
    for (int i = 0; i < 6; ++i) all.push_back(asio::co_spawn(io_, sender.Send(Letter()), asio::use_future));
    io_.restart();
    for (auto& each : all) {
        while (each.wait_for(0s) != std::future_status::ready) io_.run_one();
    }
    // Five gaps of 20 ms.
    EXPECT_GE(std::chrono::steady_clock::now() - began, 100ms);
    EXPECT_EQ(asked_.size(), 6u);
}

}  // namespace
}  // namespace citadel::email
