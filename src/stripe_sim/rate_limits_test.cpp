#include "stripe_sim/rate_limits.h"

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

class RateLimitsTest : public testing::Test {
  protected:
    // How many of `calls` requests are admitted; `refusal` keeps the last refusal's reason.
    int Admitted(RateLimiter& limits, const LimitedRequest& request, int calls) {
        int admitted = 0;
        for (int i = 0; i < calls; ++i) {
            auto reason = limits.Admit(request);
            admitted += !reason;
            if (reason) refusal = *reason;
        }
        return admitted;
    }
    static LimitedRequest To(const std::string& endpoint, const std::string& object = {}) {
        LimitedRequest request;
        request.account = "acct_1";
        request.endpoint = endpoint;
        request.object = object;
        return request;
    }

    ManualClock clock{StartOfYear()};
    std::string refusal;
};

TEST_F(RateLimitsTest, WithoutNumbers_NothingIsLimited) {
    RateLimiter limits(clock);
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 1000), 1000);
}

TEST_F(RateLimitsTest, Live_25ASecondForAnEndpointAnd100ForTheAccount) {
    RateLimiter limits(clock);
    limits.Use(LiveLimits());
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 30), 25);
    EXPECT_EQ(refusal, "endpoint-rate");
    for (auto endpoint : {"GET /v1/charges", "GET /v1/customers", "GET /v1/events"})
        EXPECT_EQ(Admitted(limits, To(endpoint), 25), 25);
    EXPECT_EQ(Admitted(limits, To("GET /v1/refunds"), 1), 0);
    EXPECT_EQ(refusal, "global-rate");
    auto other = To("GET /v1/refunds");
    other.account = "acct_2";
    EXPECT_EQ(Admitted(limits, other, 30), 25);
    clock.Advance(std::chrono::milliseconds(40));
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 5), 1);
    clock.Advance(std::chrono::seconds(1));
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 30), 25);
}

TEST_F(RateLimitsTest, MeterEventsAndSearch_HaveNumbersOfTheirOwn) {
    RateLimiter limits(clock);
    limits.Use(LiveLimits());
    EXPECT_EQ(Admitted(limits, To("POST /v1/billing/meter_events"), 1100), 1000);
    EXPECT_EQ(Admitted(limits, To("GET /v1/customers/search"), 30), 20);
    EXPECT_EQ(Admitted(limits, To("POST /v1/accounts"), 40), 30);
}

TEST_F(RateLimitsTest, SingleObjects_AreLimitedByTheHour) {
    RateLimiter limits(clock);
    LimitNumbers numbers;
    numbers.resources = true;
    limits.Use(numbers);
    EXPECT_EQ(Admitted(limits, To("POST /v1/payment_intents/{}/confirm", "pi_1"), 1100), 1000);
    EXPECT_EQ(refusal, "resource-specific");
    EXPECT_EQ(Admitted(limits, To("POST /v1/payment_intents/{}", "pi_2"), 1), 1);
    auto quantity = To("POST /v1/subscriptions/{}", "sub_1");
    quantity.changes_quantity = true;
    EXPECT_EQ(Admitted(limits, quantity, 300), 200);
    auto invoice = To("POST /v1/invoices");
    invoice.subscription = "sub_1";
    EXPECT_EQ(Admitted(limits, invoice, 15), 10);
    clock.Advance(std::chrono::minutes(1));
    EXPECT_EQ(Admitted(limits, invoice, 15), 10);
    clock.Advance(std::chrono::minutes(1));
    EXPECT_EQ(Admitted(limits, invoice, 15), 0);
    EXPECT_EQ(refusal, "resource-specific");
}

TEST_F(RateLimitsTest, FastClock_KeepsTheWallsPace) {
    class Fast final : public Clock {
      public:
        Time now = StartOfYear();
        Time Now() const override { return now; }
        double Rate() const override { return 1000; }
    } fast;
    RateLimiter limits(fast);
    limits.Use(SandboxLimits());
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 30), 25);
    fast.now += std::chrono::seconds(1);
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 30), 0);
    fast.now += std::chrono::seconds(999);
    EXPECT_EQ(Admitted(limits, To("GET /v1/invoices"), 30), 25);
}

TEST(RateLimitsOnTheWire, Refusal_IsStripesAndIsNotKept) {
    Rig rig;
    rig.Sim("limits", R"({"global":1})");
    EXPECT_EQ(rig.Post("/v1/customers", "name=x", "key-1").status, 200);
    auto refused = rig.Post("/v1/customers", "name=x", "key-2");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(ErrorIn(refused).at("code"), "rate_limit");
    EXPECT_EQ(refused.header("Stripe-Rate-Limited-Reason"), "global-rate");
    EXPECT_TRUE(refused.header("Retry-After").empty());
    rig.clock.Advance(std::chrono::seconds(1));
    auto later = rig.Post("/v1/customers", "name=x", "key-2");
    EXPECT_EQ(later.status, 200);
    EXPECT_TRUE(later.header("Idempotent-Replayed").empty());
}

TEST(RateLimitsOnTheWire, Concurrency_CountsWhatRuns) {
    Rig rig;
    rig.Sim("limits", R"({"globalConcurrency":2,"endpointConcurrency":1})");
    rig.Sim("faults", R"({"kind":"latency","path":"/v1/customers","millis":100,"times":1})");
    std::optional<http::Answer> slow;
    rig.Begin(rig.ApiCallTo("GET", "/v1/customers"), slow);
    rig.RunUntil([&] { return rig.simulator().world().limits.running() > 0; });
    auto refused = rig.Get("/v1/customers");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Stripe-Rate-Limited-Reason"), "endpoint-concurrency");
    EXPECT_EQ(rig.Get("/v1/charges").status, 200);
    rig.RunUntil([&] { return slow.has_value(); });
    EXPECT_EQ(slow->status, 200);
    EXPECT_EQ(rig.Get("/v1/customers").status, 200);
}

}  // namespace
}  // namespace citadel::stripe_sim
