#include "stripe_sim/faults.h"

#include <algorithm>
#include <cmath>

#include "stripe_sim/path_pattern.h"
#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

TEST(PathPatternTest, PrefixesStarsAndTemplates) {
    EXPECT_TRUE(FitsPath("", "/v1/invoices"));
    EXPECT_TRUE(FitsPath("/v1/invoices", "/v1/invoices/in_1/pay"));
    EXPECT_TRUE(FitsPath("/v1/*/pay", "/v1/invoices/in_1/pay"));
    EXPECT_FALSE(FitsPath("/v1/*/pay", "/v1/invoices/in_1/void"));
    EXPECT_TRUE(FitsPath("/v1/invoices/{}", "/v1/invoices/in_1"));
    EXPECT_FALSE(FitsPath("/v1/invoices/{}", "/v1/invoices/in_1/pay"));
    EXPECT_FALSE(FitsPath("/v1/invoices/{}", "/v1/invoices/"));
}

TEST(FaultPlanTest, Rule_SkipsAndStrikesAsOftenAsItSays) {
    FaultPlan plan(1);
    FaultRule rule;
    rule.kind = FaultKind::kStatus;
    rule.method = "POST";
    rule.skip = 1;
    rule.times = 1;
    plan.Add(rule);
    EXPECT_FALSE(plan.Strike("GET", "/v1/account").rule);
    EXPECT_FALSE(plan.Strike("POST", "/v1/account").rule);
    EXPECT_TRUE(plan.Strike("POST", "/v1/account").rule);
    EXPECT_FALSE(plan.Strike("POST", "/v1/account").rule);
    plan.Clear();
    EXPECT_EQ(plan.struck(), (std::map<std::string, std::int64_t>{{"status", 1}}));
}

TEST(FaultPlanTest, Latencies_AddUpBesideTheFirstOtherFault) {
    FaultPlan plan(1);
    for (auto kind : {FaultKind::kLatency, FaultKind::kDropAfter, FaultKind::kStatus, FaultKind::kLatency}) {
        FaultRule rule;
        rule.kind = kind;
        rule.millis = 7;
        plan.Add(rule);
    }
    auto strike = plan.Strike("GET", "/");
    EXPECT_EQ(strike.wait.count(), 14);
    EXPECT_TRUE(strike.Is(FaultKind::kDropAfter));
}

TEST(FaultPlanTest, Latency_HasTheMedianAndTheTailAskedFor) {
    FaultRule rule;
    rule.millis = 100;
    rule.p99_millis = 2000;
    Random random(7);
    std::vector<std::int64_t> drawn;
    for (int i = 0; i < 20'000; ++i) drawn.push_back(DrawLatency(rule, random).count());
    std::ranges::sort(drawn);
    EXPECT_NEAR(drawn[10'000], 100, 5);
    EXPECT_NEAR(drawn[19'800], 2000, 200);
    EXPECT_LE(drawn.back(), 60'000);
}

// Over a real socket: what a client sees of each fault, and whether the call took effect.
class FaultsOnTheWire : public testing::Test {
  protected:
    // Our client comes again once when a kept connection turns out to be closed.
    http::Answer Create(const std::string& fault, const std::string& key = {}) {
        rig.Sim("faults", R"({"method":"POST","path":"/v1/customers",)" + fault + "}");
        auto answer = rig.Post("/v1/customers", "name=x", key);
        rig.Sim("faults", R"({"clear":true})");
        return answer;
    }
    std::size_t Customers() { return Parsed(rig.Get("/v1/customers")).at("data").as_array().size(); }
    static bool IsJson(const std::string& body) {
        boost::system::error_code error;
        json::parse(body, error);
        return !error;
    }
    json::object LastRequest() {
        return rig.Sim("requests?method=POST").at("requests").as_array().back().as_object();
    }

    Rig rig;
};

TEST_F(FaultsOnTheWire, Status_DoesNothing) {
    auto answer = Create(R"("kind":"status","status":500)");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(ErrorIn(answer).at("type"), "api_error");
    EXPECT_EQ(Customers(), 0u);
    EXPECT_EQ(LastRequest().at("fault"), "status");
}

TEST_F(FaultsOnTheWire, Status_SpeaksHtmlOrNothing) {
    auto html = Create(R"("kind":"status","status":502,"body":"html")");
    EXPECT_EQ(html.status, 502);
    EXPECT_EQ(html.body.find("<html>"), 0u);
    auto empty = Create(R"("kind":"status","status":503,"body":"empty")");
    EXPECT_EQ(empty.status, 503);
    EXPECT_EQ(empty.body, "");
}

TEST_F(FaultsOnTheWire, Status_KnowsConflictsLocksAndLimits) {
    auto conflict = Create(R"("kind":"status","status":409)");
    EXPECT_EQ(ErrorIn(conflict).at("type"), "idempotency_error");
    auto lock = Create(R"("kind":"status","status":429,"code":"lock_timeout")");
    EXPECT_EQ(ErrorIn(lock).at("code"), "lock_timeout");
    EXPECT_TRUE(lock.header("Stripe-Rate-Limited-Reason").empty());
    EXPECT_EQ(lock.header("Stripe-Should-Retry"), "true");
    auto limit = Create(R"("kind":"status","status":429,"reason":"endpoint-concurrency")");
    EXPECT_EQ(ErrorIn(limit).at("code"), "rate_limit");
    EXPECT_EQ(limit.header("Stripe-Rate-Limited-Reason"), "endpoint-concurrency");
}

TEST_F(FaultsOnTheWire, StatusKept_StaysTheAnswerOfItsKey) {
    EXPECT_EQ(Create(R"("kind":"status_kept","status":500)", "key-1").status, 500);
    auto again = rig.Post("/v1/customers", "name=x", "key-1");
    EXPECT_EQ(again.status, 500);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(Customers(), 0u);
    EXPECT_EQ(rig.Post("/v1/customers", "name=x", "key-2").status, 200);
}

TEST_F(FaultsOnTheWire, StatusAfter_HidesTheEffect) {
    EXPECT_EQ(Create(R"("kind":"status_after","status":502)", "key-1").status, 502);
    EXPECT_EQ(Customers(), 1u);
    EXPECT_EQ(rig.Post("/v1/customers", "name=x", "key-1").status, 200);
    EXPECT_EQ(Customers(), 1u);
}

TEST_F(FaultsOnTheWire, Drop_BeforeOrAfterTheEffect) {
    EXPECT_EQ(Create(R"("kind":"drop_before")").status, 0);
    EXPECT_EQ(Customers(), 0u);
    EXPECT_EQ(Create(R"("kind":"drop_after")").status, 0);
    EXPECT_GE(Customers(), 1u);
}

TEST_F(FaultsOnTheWire, TruncatedAndMalformedAnswers_HaveHadTheirEffect) {
    auto half = Create(R"("kind":"truncate")");
    EXPECT_FALSE(half.ok() && half.error.empty());
    auto garbled = Create(R"("kind":"malformed")");
    EXPECT_EQ(garbled.status, 200);
    EXPECT_FALSE(IsJson(garbled.body));
    EXPECT_EQ(Customers(), 2u);
}

TEST_F(FaultsOnTheWire, Stall_EndsWhenItsTimeIsOver) {
    auto stalled = Create(R"("kind":"stall","millis":50)");
    EXPECT_FALSE(stalled.ok() && stalled.error.empty());
    EXPECT_EQ(Customers(), 1u);
    auto silent = Create(R"("kind":"silence","millis":50)");
    EXPECT_EQ(silent.status, 0);
    EXPECT_EQ(Customers(), 1u);
}

TEST_F(FaultsOnTheWire, Latency_MakesAnAnswerLate) {
    auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(Create(R"("kind":"latency","millis":60)").status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(60));
}

TEST_F(FaultsOnTheWire, TwoCallsOnOneObject_LockTimeout) {
    auto id = Rig::Text(Parsed(rig.Post("/v1/customers", "name=x")), "id");
    rig.Sim("faults", R"({"kind":"latency","path":"/v1/customers/{}","millis":80,"times":1})");
    std::optional<http::Answer> slow;
    rig.Begin(rig.ApiCallTo("POST", "/v1/customers/" + id, "name=slow"), slow);
    rig.RunUntil([&] { return rig.simulator().world().limits.running() > 0; });
    auto quick = rig.Post("/v1/customers/" + id, "name=quick", "key-1");
    EXPECT_EQ(quick.status, 429);
    EXPECT_EQ(ErrorIn(quick).at("code"), "lock_timeout");
    EXPECT_EQ(rig.Get("/v1/customers/" + id).status, 200);
    rig.RunUntil([&] { return slow.has_value(); });
    EXPECT_EQ(slow->status, 200);
    EXPECT_EQ(Parsed(rig.Post("/v1/customers/" + id, "name=quick", "key-1")).at("name"), "quick");
}

}  // namespace
}  // namespace citadel::stripe_sim
