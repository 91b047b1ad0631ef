#include "api/webhook_routes.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "stripe/signature.h"
#include "support/fixtures.h"
#include "support/raw_http.h"
#include "support/server_thread.h"

namespace citadel::api {
namespace {

using testing::RawAnswer;
using testing::RawConnection;
using testing::RawRequest;

const Time kNow = *ParseTime("2026-01-01T00:00:00Z");
const Secret kSecret("whsec_test");

std::string RenewalFailure() {
    auto fixture = ReadFixture("stripe_events_2026-10-28.endive.json");
    return boost::json::serialize(fixture.at("events").at("invoice.payment_failed"));
}

std::string SignatureHeader(const std::string& body, Time signed_at = kNow, const Secret& secret = kSecret) {
    return "Stripe-Signature: " + stripe::SignPayload(body, secret, signed_at) + "\r\n";
}

postgres::ConnectionOptions NobodyListens() {
    postgres::ConnectionOptions options;
    options.url = "postgresql://citadel@127.0.0.1:1/citadel";
    return options;
}

// The webhook's route without a database: whatever gets as far as the commit is answered 503.
class Route {
  public:
    explicit Route(std::size_t waiting_max = 10)
        : pool_(io_, NobodyListens(), 1), inbox_(io_, pool_, clock_, Options(waiting_max), [] {}),
          webhook_(inbox_, clock_, {Secret("whsec_older"), kSecret}),
          server_(io_, [this](http::Request request) { return webhook_.Receive(std::move(request)); }) {}

    RawAnswer Post(const std::string& body, const std::string& headers) {
        RawConnection connection(server_.port());
        connection.Send(RawRequest("POST", "/api/webhooks/stripe", body, headers));
        return connection.Read();
    }

  private:
    static inbox::Inbox::Options Options(std::size_t waiting_max) {
        inbox::Inbox::Options options;
        options.waiting_max = waiting_max;
        return options;
    }

    boost::asio::io_context io_{1};
    ManualClock clock_{kNow};
    postgres::Pool pool_;
    inbox::Inbox inbox_;
    StripeWebhook webhook_;
    testing::ServerThread server_;
};

void ExpectRefused(const RawAnswer& answer, const std::string& code) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_TRUE(answer.Says("\"code\":\"" + code + "\"")) << answer.body;
    EXPECT_TRUE(answer.Says("\"requestId\":\"" + answer.header("x-request-id") + "\""));
}

TEST(StripeWebhookRoute, RefusesWhatIsNotSignedByUs) {
    Route route;
    auto body = RenewalFailure();
    ExpectRefused(route.Post(body, ""), "signature_invalid");
    ExpectRefused(route.Post(body, "Stripe-Signature: nonsense\r\n"), "signature_invalid");
    ExpectRefused(route.Post(body, SignatureHeader(body, kNow, Secret("whsec_other"))), "signature_invalid");
    ExpectRefused(route.Post(body + " ", SignatureHeader(body)), "signature_invalid");
    ExpectRefused(route.Post("", SignatureHeader("")), "signature_invalid");
}

TEST(StripeWebhookRoute, RefusesASignatureThatIsOlderThanFiveMinutes) {
    Route route;
    auto body = RenewalFailure();
    ExpectRefused(route.Post(body, SignatureHeader(body, kNow - std::chrono::seconds(301))),
                  "signature_invalid");
    EXPECT_EQ(route.Post(body, SignatureHeader(body, kNow - std::chrono::seconds(300))).status, 503);
}

TEST(StripeWebhookRoute, RefusesABodyThatIsNoEventAndSaysWhatIsMissing) {
    Route route;
    for (auto [body, what] : {std::pair{"{\"id\":", "JSON"},
                              {"[]", "JSON object"},
                              {"null", "JSON object"},
                              {"\xff\xfe", "JSON"},
                              {R"({"object":"event","type":"invoice.paid","data":{"object":{}}})", "id"},
                              {R"({"id":"evt_1","object":"event","data":{"object":{}}})", "type"},
                              {R"({"id":"evt_1","object":"event","type":"invoice.paid"})", "data"}}) {
        auto answer = route.Post(body, SignatureHeader(body));
        ExpectRefused(answer, "event_invalid");
        EXPECT_TRUE(answer.Says(what)) << answer.body;
    }
}

TEST(StripeWebhookRoute, RefusesAnAmountBeyondSixtyFourBits) {
    Route route;
    auto body = RenewalFailure();
    auto at = body.find("\"amount_remaining\":2000");
    ASSERT_NE(at, std::string::npos);
    for (const char* amount : {"18446744073709551616", "9223372036854775808", "1e30", "20.5", "\"2000\""}) {
        auto changed = body;
        changed.replace(at, 23, std::string("\"amount_remaining\":") + amount);
        auto answer = route.Post(changed, SignatureHeader(changed));
        ExpectRefused(answer, "event_invalid");
        EXPECT_TRUE(answer.Says("amount_remaining")) << answer.body;
    }
}

TEST(StripeWebhookRoute, TheDatabaseAwayIsNeverAFalseYes) {
    Route route;
    auto body = RenewalFailure();
    for (int i = 0; i < 3; ++i) {
        auto answer = route.Post(body, SignatureHeader(body));
        EXPECT_EQ(answer.status, 503);
        EXPECT_NE(answer.header("retry-after"), "");
        EXPECT_TRUE(answer.Says("database_unavailable"));
    }
}

TEST(StripeWebhookRoute, AFullQueueAsksForALaterTry) {
    Route route(0);
    auto body = RenewalFailure();
    auto answer = route.Post(body, SignatureHeader(body));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.header("retry-after"), "");
    EXPECT_TRUE(answer.Says("\"code\":\"overloaded\""));
}

}  // namespace
}  // namespace citadel::api
