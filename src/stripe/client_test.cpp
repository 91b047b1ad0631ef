// The client against a server that plays Stripe's bad days: what is sent, what is sent again, and what
// each answer means.
#include "stripe/client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "http/server.h"

namespace citadel::stripe {
namespace {

namespace asio = boost::asio;

const char* kPaidInvoice =
    R"({"id":"in_1","object":"invoice","status":"paid","currency":"usd","amount_due":2000,"amount_paid":2000,)"
    R"("amount_remaining":0,"attempt_count":1,"customer":"cus_1","billing_reason":"subscription_cycle"})";

http::Reply Declined() {
    return http::Json(
        402, R"({"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds",)"
             R"("advice_code":"try_again_later","message":"Your card has insufficient funds."}})");
}

http::Reply WithStatus(int status) { return http::Json(status, R"({"error":{"type":"api_error"}})"); }

// Answers with the given replies in turn, the last one for ever; keeps what it was asked.
class FakeStripe {
  public:
    explicit FakeStripe(std::vector<http::Reply> replies)
        : replies_(std::move(replies)),
          server_(io_, [this](http::Request request) { return Answer(std::move(request)); }), http_(io_) {
        server_.Listen("127.0.0.1", 0);
    }

    Client MakeClient() {
        ApiSettings settings;
        settings.base = "http://127.0.0.1:" + std::to_string(server_.port());
        settings.key = Secret("sk_test_key");
        settings.first_backoff = std::chrono::milliseconds(2);
        settings.deadline = std::chrono::milliseconds(2000);
        return Client(http_, settings, "acct_merchant", own_keys);
    }
    OwnKeys* own_keys = nullptr;

    Outcome<std::optional<std::string>> KeyOfCharge(const std::string& charge, Time created) {
        Client client = MakeClient();
        return Wait(client.KeyOfCharge(charge, created));
    }

    Outcome<Invoice> Pay(const std::string& payment_method = "") {
        Client client = MakeClient();
        return Wait(client.PayInvoice("in_1", "cit_7_8_1", payment_method));
    }

    const std::vector<http::Request>& requests() const { return requests_; }

  private:
    template <typename T>
    Outcome<T> Wait(asio::awaitable<Outcome<T>> call) {
        std::optional<Outcome<T>> result;
        asio::co_spawn(io_, std::move(call), [&](std::exception_ptr failure, Outcome<T> outcome) {
            if (!failure) result = std::move(outcome);
            io_.stop();
        });
        io_.restart();
        io_.run_for(std::chrono::seconds(20));
        return result.value();
    }

    asio::awaitable<http::Reply> Answer(http::Request request) {
        auto index = std::min(requests_.size(), replies_.size() - 1);
        requests_.push_back(std::move(request));
        co_return replies_[index];
    }

    asio::io_context io_{1};
    std::vector<http::Reply> replies_;
    std::vector<http::Request> requests_;
    http::Server server_;
    http::Client http_;
};

FailureKind KindOf(const Outcome<Invoice>& outcome) { return std::get<Failure>(outcome).kind; }

TEST(StripeClient, PayInvoice_SendsKeyAccountVersionAndForm) {
    FakeStripe stripe({http::Json(200, kPaidInvoice)});
    auto outcome = stripe.Pay("pm_1");
    ASSERT_TRUE(std::holds_alternative<Invoice>(outcome));
    EXPECT_EQ(std::get<Invoice>(outcome).amount_paid, 2000);
    ASSERT_EQ(stripe.requests().size(), 1u);
    const auto& request = stripe.requests().front();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/invoices/in_1/pay");
    EXPECT_EQ(request.body, "off_session=true&payment_method=pm_1");
    EXPECT_EQ(request.header("Authorization"), "Bearer sk_test_key");
    EXPECT_EQ(request.header("Stripe-Account"), "acct_merchant");
    EXPECT_EQ(request.header("Stripe-Version"), kApiVersion);
    EXPECT_EQ(request.header("Idempotency-Key"), "cit_7_8_1");
    EXPECT_EQ(request.header("Content-Type"), "application/x-www-form-urlencoded");
}

// Whose account it asks for, and what it answers; an empty text breaks.
class SomeKeys : public OwnKeys {
  public:
    explicit SomeKeys(std::string key) : key_(std::move(key)) {}
    asio::awaitable<Secret> KeyOf(std::string account) override {
        EXPECT_EQ(account, "acct_merchant");
        if (key_ == "broken") throw std::runtime_error("the database is away");
        co_return Secret(key_);
    }

  private:
    std::string key_;
};

TEST(StripeClient, AMerchantsOwnKeyTakesThePlaceOfThePlatformsAndOfTheAccount) {
    FakeStripe stripe({http::Json(200, kPaidInvoice)});
    SomeKeys own("rk_test_own"), none("");
    stripe.own_keys = &own;
    EXPECT_TRUE(std::holds_alternative<Invoice>(stripe.Pay()));
    stripe.own_keys = &none;
    EXPECT_TRUE(std::holds_alternative<Invoice>(stripe.Pay()));
    ASSERT_EQ(stripe.requests().size(), 2u);
    EXPECT_EQ(stripe.requests()[0].header("Authorization"), "Bearer rk_test_own");
    EXPECT_EQ(stripe.requests()[0].header("Stripe-Account"), "");
    EXPECT_EQ(stripe.requests()[1].header("Authorization"), "Bearer sk_test_key");
    EXPECT_EQ(stripe.requests()[1].header("Stripe-Account"), "acct_merchant");
}

TEST(StripeClient, WithAKeyThatCannotBeReadNothingIsSent) {
    FakeStripe stripe({http::Json(200, kPaidInvoice)});
    SomeKeys broken("broken");
    stripe.own_keys = &broken;
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kUnavailable);
    EXPECT_EQ(stripe.requests().size(), 0u);
}

TEST(StripeClient, PayInvoice_ADeclineIsAnAnswerAndIsNotSentAgain) {
    FakeStripe stripe({Declined()});
    auto outcome = stripe.Pay();
    EXPECT_EQ(KindOf(outcome), FailureKind::kDeclined);
    EXPECT_EQ(std::get<Failure>(outcome).decline_code, "insufficient_funds");
    EXPECT_EQ(std::get<Failure>(outcome).advice_code, "try_again_later");
    EXPECT_EQ(stripe.requests().size(), 1u);
}

TEST(StripeClient, PayInvoice_AServerErrorIsSentAgainUnderTheSameKey) {
    FakeStripe stripe({WithStatus(500), WithStatus(503), http::Json(200, kPaidInvoice)});
    EXPECT_TRUE(std::holds_alternative<Invoice>(stripe.Pay()));
    ASSERT_EQ(stripe.requests().size(), 3u);
    for (const auto& request : stripe.requests()) EXPECT_EQ(request.header("Idempotency-Key"), "cit_7_8_1");
}

TEST(StripeClient, PayInvoice_LastingServerErrorsAreAnUnknownOutcome) {
    FakeStripe stripe({WithStatus(500)});
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kUnknown);
    EXPECT_EQ(stripe.requests().size(), 3u);
}

TEST(StripeClient, PayInvoice_ADroppedConnectionIsAnUnknownOutcome) {
    http::Reply dropped;
    dropped.wire = http::Reply::Wire::kDrop;
    FakeStripe stripe({dropped});
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kUnknown);
}

TEST(StripeClient, PayInvoice_ASuccessThatCannotBeReadIsAnUnknownOutcome) {
    FakeStripe stripe({http::Json(200, "<html>hello</html>")});
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kUnknown);
}

TEST(StripeClient, PayInvoice_ARateLimitIsNotSentAgainAtOnce) {
    FakeStripe stripe({WithStatus(429)});
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kRateLimited);
    EXPECT_EQ(stripe.requests().size(), 1u);
}

TEST(StripeClient, PayInvoice_ARunningKeyIsWaitedFor) {
    auto busy = http::Json(409, R"({"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}})");
    FakeStripe stripe({busy, http::Json(200, kPaidInvoice)});
    EXPECT_TRUE(std::holds_alternative<Invoice>(stripe.Pay()));
    EXPECT_EQ(stripe.requests().size(), 2u);
}

TEST(StripeClient, PayInvoice_ObeysStripeShouldRetryBeforeItsOwnRules) {
    auto final_error = WithStatus(500);
    final_error.headers.emplace_back("Stripe-Should-Retry", "false");
    FakeStripe told_no({final_error});
    EXPECT_EQ(KindOf(told_no.Pay()), FailureKind::kUnknown);
    EXPECT_EQ(told_no.requests().size(), 1u);

    auto passing = WithStatus(429);
    passing.headers.emplace_back("Stripe-Should-Retry", "true");
    FakeStripe told_yes({passing, http::Json(200, kPaidInvoice)});
    EXPECT_TRUE(std::holds_alternative<Invoice>(told_yes.Pay()));
}

TEST(StripeClient, PayInvoice_ARevokedAccountIsOutOfReach) {
    FakeStripe stripe(
        {http::Json(403, R"({"error":{"type":"invalid_request_error","code":"account_invalid"}})")});
    EXPECT_EQ(KindOf(stripe.Pay()), FailureKind::kOutOfReach);
    EXPECT_EQ(stripe.requests().size(), 1u);
}

http::Reply EventsPage(const std::string& rows, bool more) {
    return http::Json(
        200, R"({"object":"list","data":[)" + rows + R"(],"has_more":)" + (more ? "true}" : "false}"));
}

constexpr const char* kOurs = R"({"id":"evt_2","type":"charge.failed","data":{"object":{"id":"ch_2"}},
    "request":{"id":"req_1","idempotency_key":"cit_7_8_1"}})";
constexpr const char* kStripes = R"({"id":"evt_1","type":"charge.failed","data":{"object":{"id":"ch_1"}},
    "request":{"id":null,"idempotency_key":null}})";

TEST(StripeClient, KeyOfCharge_TellsUnderWhichKeyAChargeWasAskedFor) {
    auto created = *ParseTime("2026-03-06T18:00:00Z");
    FakeStripe found({EventsPage(kStripes, true), EventsPage(kOurs, false)});
    EXPECT_EQ(std::get<0>(found.KeyOfCharge("ch_2", created)), "cit_7_8_1");
    ASSERT_EQ(found.requests().size(), 2U);
    EXPECT_EQ(found.requests()[0].target,
              "/v1/events?limit=100&types[]=charge.failed&types[]=charge.succeeded"
              "&created[gte]=1772819998&created[lte]=1772820060");
    EXPECT_TRUE(found.requests()[1].target.ends_with("&starting_after=evt_1"));

    FakeStripe by_stripe({EventsPage(kStripes, false)});
    EXPECT_EQ(std::get<0>(by_stripe.KeyOfCharge("ch_1", created)), "");

    FakeStripe gone({EventsPage(kStripes, false)});
    EXPECT_EQ(std::get<0>(gone.KeyOfCharge("ch_9", created)), std::nullopt);

    FakeStripe forbidden({http::Json(403, R"({"error":{"type":"invalid_request_error"}})")});
    EXPECT_EQ(std::get<Failure>(forbidden.KeyOfCharge("ch_1", created)).kind, FailureKind::kOutOfReach);
}

}  // namespace
}  // namespace citadel::stripe
