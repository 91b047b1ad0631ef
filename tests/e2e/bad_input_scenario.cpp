// Senders that do not behave, against the program itself: each gets its clear answer, nothing of it is
// stored, nobody else is held up. What is about HTTP alone is in src/http/server_test.cpp.
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <memory>

#include "base/clock.h"
#include "stripe/signature.h"
#include "support/fixtures.h"
#include "support/program.h"
#include "support/raw_http.h"
#include "support/state.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

std::string Signed(const std::string& body, const std::string& more_headers = "",
                   const char* secret = kWebhookSecret) {
    auto header =
        "Stripe-Signature: " + stripe::SignPayload(body, Secret(secret), SystemClock().Now()) + "\r\n";
    return RawRequest("POST", "/api/webhooks/stripe", body, header + more_headers);
}

// A renewal failure of account bad_1, unique by `number`.
std::string RenewalFailure(int number, const std::string& account = "bad_1") {
    auto event =
        ReadFixture("stripe_events_2026-10-28.endive.json").at("events").at("invoice.payment_failed");
    event.as_object()["id"] = "evt_" + std::to_string(number);
    event.as_object()["account"] = account;
    event.at("data").at("object").as_object()["id"] = "in_" + std::to_string(number);
    event.at("data").at("object").as_object()["customer"] = "cus_" + std::to_string(number);
    return boost::json::serialize(event);
}

class BadInput : public ::testing::Test {
  protected:
    BadInput() {
        AddMerchants(database.sql(), "bad_", 1);
        EngineSettings settings;
        settings.database_url = database.url();
        engine = StartEngine(settings);
    }
    // One request over a connection of its own.
    RawAnswer Ask(const std::string& request) {
        RawConnection connection(engine->Port());
        connection.Send(request);
        return connection.Read();
    }
    std::int64_t Stored() {
        return database.sql().Number(
            "select (select count(*) from citadel.processed_events)"
            " + (select count(*) from citadel.recoveries)"
            " + (select count(*) from citadel.scheduled_tasks)"
            " + (select count(*) from citadel.usage_logs)");
    }
    // An honest event still gets through, and is the only one that left a trace.
    void ExpectNothingStoredAndStillServing() {
        EXPECT_EQ(Stored(), 0);
        auto answer = Ask(Signed(RenewalFailure(1)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_TRUE(answer.Says("\"action\":\"enqueued\"")) << answer.body;
        EXPECT_EQ(Stored(), 4);
        EXPECT_TRUE(engine->running());
    }

    TestDatabase database;
    std::unique_ptr<Program> engine;
};

TEST_F(BadInput, NeitherForgedNorBrokenEventsLeaveATrace) {
    auto body = RenewalFailure(7);
    EXPECT_EQ(Ask(Signed(body, "", "whsec_guessed")).status, 400);
    EXPECT_EQ(Ask(RawRequest("POST", "/api/webhooks/stripe", body)).status, 400);
    EXPECT_EQ(Ask(Signed("{\"id\": \"evt_7\"")).status, 400);
    EXPECT_EQ(Ask(Signed(R"({"object":"event","type":"invoice.paid","data":{"object":{}}})")).status, 400);
    auto huge = body;
    huge.replace(huge.find("\"amount_remaining\":2000"), 23, "\"amount_remaining\":99999999999999999999");
    EXPECT_EQ(Ask(Signed(huge)).status, 400);
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, AnUnknownAccountIsIgnoredWithAnAnswer) {
    auto answer = Ask(Signed(RenewalFailure(7, "acct_nobody")));
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.Says("\"received\":true"));
    EXPECT_TRUE(answer.Says("\"action\":\"ignored\"")) << answer.body;
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, TextsThatPostgresCannotHoldAreRefusedNotStored) {
    auto body = RenewalFailure(7);
    auto with_nul = body;
    with_nul.replace(with_nul.find("payer@example.com"), 5, "\\u0000");
    EXPECT_EQ(Ask(Signed(with_nul)).status, 400);
    auto not_utf8 = body;
    not_utf8.replace(not_utf8.find("payer@example.com"), 5, "\xff\xfe");
    EXPECT_EQ(Ask(Signed(not_utf8)).status, 400);
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, TwoMebibytesAreRefusedAtOnce) {
    auto answer = Ask(Signed(std::string(2 << 20, ' ')));
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.Says("body_too_large"));
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, ASenderWhoNeverFinishesDoesNotHoldUpOthers) {
    std::vector<std::unique_ptr<RawConnection>> slow;
    for (int i = 0; i < 300; ++i) {
        slow.push_back(std::make_unique<RawConnection>(engine->Port()));
        slow.back()->Send(Signed(RenewalFailure(7)).substr(0, 1 + static_cast<std::size_t>(i) * 7));
    }
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, WrongMethodsAndPathsAreTold) {
    auto method = Ask(RawRequest("GET", "/api/webhooks/stripe"));
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.header("allow"), "POST");
    auto path = Ask(RawRequest("GET", "/api/nothing"));
    EXPECT_EQ(path.status, 404);
    EXPECT_EQ(path.header("content-type"), "application/problem+json");
    EXPECT_TRUE(path.Says("\"code\":\"not_found\""));
    EXPECT_TRUE(path.Says("\"requestId\":\"" + path.header("x-request-id") + "\""));
    ExpectNothingStoredAndStillServing();
}

TEST_F(BadInput, OddButLegalSendersAreServed) {
    auto body = RenewalFailure(1);
    auto header =
        "Stripe-Signature: " + stripe::SignPayload(body, Secret(kWebhookSecret), SystemClock().Now()) +
        "\r\n";
    RawConnection connection(engine->Port());
    connection.Send("POST /api/stripe/webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" +
                    header + "\r\n");
    for (char byte : body) connection.Send(std::string("1\r\n") + byte + "\r\n");
    connection.Send("0\r\n\r\n" + Signed(body) + RawRequest("GET", "/healthz"));
    EXPECT_TRUE(connection.Read().Says("enqueued"));
    EXPECT_TRUE(connection.Read().Says("duplicate"));
    EXPECT_EQ(connection.Read().status, 200);
    EXPECT_EQ(Stored(), 4);
}

TEST_F(BadInput, TheDatabaseAwayIsNeverAFalseYesAndComesBack) {
    EXPECT_EQ(Ask(Signed(RenewalFailure(1))).status, 200);
    auto name = database.sql().Text("select current_database()");
    auto url = database.url();
    url.replace(url.find("/" + name), name.size() + 1, "/postgres");
    Sql outside(url);
    auto close = "alter database " + name + " with allow_connections false";
    outside.Run(close);
    outside.Run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
    for (int i = 2; i < 6; ++i) {
        auto answer = Ask(Signed(RenewalFailure(i)));
        EXPECT_EQ(answer.status, 503);
        EXPECT_NE(answer.header("retry-after"), "");
    }
    EXPECT_EQ(Ask(RawRequest("GET", "/api/health")).status, 503);
    EXPECT_EQ(Ask(RawRequest("GET", "/healthz")).status, 200);

    outside.Run("alter database " + name + " with allow_connections true");
    EXPECT_EQ(Ask(Signed(RenewalFailure(2))).status, 200);
    Sql inside(database.url());
    EXPECT_EQ(inside.Number("select count(*) from citadel.recoveries"), 2);
}

}  // namespace
}  // namespace citadel::testing
