#include "stripe_sim/test_clocks.h"

#include <fmt/format.h>

#include "stripe_sim/network_limits.h"
#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::string_view kClocks = "/v1/test_helpers/test_clocks";

std::int64_t Seconds(std::string_view time) { return ToUnixSeconds(*ParseTime(time)); }

// A merchant with a test clock far in the simulator's future.
class TestClockTest : public testing::Test {
  protected:
    TestClockTest() {
        rig.account =
            Rig::Text(rig.Sim("accounts", R"({"retrySchedule":[3,5,7],"finalAction":"cancel"})"), "id");
        clock = Made(std::string(kClocks), fmt::format("frozen_time={}", Seconds("2030-01-31T10:00:00Z")));
    }
    std::string Made(const std::string& path, const std::string& form) {
        auto answer = rig.Post(path, form);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return Rig::Text(Parsed(answer), "id");
    }
    std::string MakePayer(const std::string& card) {
        return Made("/v1/customers", fmt::format("test_clock={}&payment_method={}&invoice_settings[default_"
                                                 "payment_method]={}",
                                                 clock, card, card));
    }
    std::string Subscribe(const std::string& customer, const std::string& more = {}) {
        return Made(
            "/v1/subscriptions",
            fmt::format("customer={}&items[0][price_data][currency]=usd&items[0][price_data][unit_amount]"
                        "=2000&items[0][price_data][recurring][interval]=month&items[0][price_data]"
                        "[product]={}{}",
                        customer, Made("/v1/products", "name=Bread"), more));
    }
    http::Answer Advance(std::string_view time) {
        return rig.Post(fmt::format("{}/{}/advance", kClocks, clock),
                        fmt::format("frozen_time={}", Seconds(time)));
    }
    void AdvanceFully(std::string_view time) {
        auto answer = Advance(time);
        ASSERT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(Parsed(answer).at("status"), "advancing");
        rig.Settle();
        auto now = Get(fmt::format("{}/{}", kClocks, clock));
        EXPECT_EQ(now.at("status"), "ready");
        EXPECT_EQ(now.at("frozen_time"), Seconds(time));
    }
    json::object Get(const std::string& path) { return Parsed(rig.Get(path)); }
    // The times at which the subscription's invoices were made, oldest first.
    std::vector<std::int64_t> InvoiceTimes(const std::string& subscription) {
        std::vector<std::int64_t> times;
        auto invoices = Get("/v1/invoices?limit=100&subscription=" + subscription);
        for (const auto& invoice : invoices.at("data").as_array())
            times.insert(times.begin(), invoice.at("created").as_int64());
        return times;
    }

    Rig rig;
    std::string clock;
};

TEST_F(TestClockTest, Advancing_RenewsEachMonthAtItsTimeInTheClocksTimeAlone) {
    auto subscription = Subscribe(MakePayer("pm_card_visa"));
    auto other = Subscribe(Made("/v1/customers",
                                "payment_method=pm_card_visa&invoice_settings[default_"
                                "payment_method]=pm_card_visa"));
    AdvanceFully("2030-03-31T10:00:00Z");
    std::vector<std::int64_t> expected{Seconds("2030-01-31T10:00:00Z"), Seconds("2030-02-28T10:00:00Z"),
                                       Seconds("2030-03-31T10:00:00Z")};
    EXPECT_EQ(InvoiceTimes(subscription), expected);
    EXPECT_EQ(InvoiceTimes(other), std::vector<std::int64_t>{Seconds("2026-01-01T00:00:00Z")});
    EXPECT_EQ(rig.Sim("state").at("now"), "2026-01-01T00:00:00Z");
    rig.Advance(std::chrono::days(40));
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("status"), "canceled")
        << "with its clock, in 30 days";
    EXPECT_EQ(InvoiceTimes(other).size(), 2u);
}

TEST_F(TestClockTest, Dunning_FollowsTheClockAndTheLedgerKnowsItsTime) {
    auto customer = MakePayer("pm_card_visa");
    auto subscription = Subscribe(customer);
    auto card = Rig::Text(Get("/v1/customers/" + customer).at("invoice_settings").as_object(),
                          "default_payment_method");
    rig.Sim("card", fmt::format(R"({{"account":"{}","paymentMethod":"{}","outcomes":["do_not_honor"]}})",
                                rig.account, card));
    AdvanceFully("2030-03-06T10:00:00Z");
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("status"), "past_due");
    AdvanceFully("2030-03-08T10:00:00Z");
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("status"), "canceled");
    std::vector<std::string> times;
    auto ledger = rig.Sim("ledger");
    for (const auto& row : ledger.at("attempts").as_array()) {
        times.emplace_back(row.at("time").as_string());
        EXPECT_EQ(row.at("testClock"), json::value(clock));
    }
    std::vector<std::string> expected{"2030-01-31T10:00:00Z", "2030-02-28T10:00:00Z", "2030-03-03T10:00:00Z",
                                      "2030-03-05T10:00:00Z", "2030-03-07T10:00:00Z"};
    EXPECT_EQ(times, expected);
    EXPECT_TRUE(rig.Sim("check").at("violations").as_array().empty());
}

TEST_F(TestClockTest, ACard_ExpiresInTheClocksTime) {
    auto customer = MakePayer("pm_card_visa");
    auto subscription = Subscribe(customer);
    auto card = Rig::Text(Get("/v1/customers/" + customer).at("invoice_settings").as_object(),
                          "default_payment_method");
    Made("/v1/payment_methods/" + card, "card[exp_month]=2&card[exp_year]=2030");
    AdvanceFully("2030-03-30T10:00:00Z");
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("status"), "active") << "good until 28 February";
    AdvanceFully("2030-03-31T10:00:00Z");
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("status"), "past_due");
    auto charges = Get("/v1/charges?customer=" + customer);
    EXPECT_EQ(charges.at("data").at(0).at("failure_code"), "expired_card");
    EXPECT_EQ(charges.at("data").at(0).at("created"), Seconds("2026-01-01T00:00:00Z"));
}

TEST_F(TestClockTest, WhileAdvancing_NothingOfTheClockCanBeChanged) {
    auto customer = MakePayer("pm_card_visa");
    auto& account = *rig.simulator().world().FindAccount(rig.account);
    auto& advancing = *account.test_clocks.Find(clock);
    advancing.target = advancing.frozen_time + std::chrono::days(1);
    for (const auto& path : {"/v1/customers/" + customer, fmt::format("{}/{}/advance", kClocks, clock)}) {
        auto refused = rig.Post(path, "name=Jo");
        EXPECT_EQ(refused.status, 429);
        EXPECT_EQ(ErrorIn(refused).at("message"),
                  json::value("Test clock advancement underway - cannot perform modifications: " + clock));
    }
    EXPECT_EQ(rig.Get("/v1/customers/" + customer).status, 200);
    EXPECT_EQ(rig.Post("/v1/customers", "name=Jo").status, 200);
}

TEST_F(TestClockTest, Deleting_EndsWhatLivesOnItAndLeavesTheRest) {
    auto customer = MakePayer("pm_card_visa");
    auto subscription = Subscribe(customer);
    auto other = Made("/v1/customers", "name=Jo");
    rig.Send(rig.ApiCallTo("DELETE", fmt::format("{}/{}", kClocks, clock)));
    EXPECT_EQ(Get("/v1/customers/" + customer).at("deleted"), true);
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription).at("ended_at"), Seconds("2030-01-31T10:00:00Z"));
    EXPECT_EQ(Get("/v1/subscriptions/" + subscription + "?expand[]=test_clock").at("test_clock"),
              json::value(clock));
    EXPECT_EQ(rig.Get(fmt::format("{}/{}", kClocks, clock)).status, 404);
    EXPECT_FALSE(Get("/v1/customers/" + other).contains("deleted"));
}

TEST_F(TestClockTest, Refuses_BackwardsAndTooFar) {
    EXPECT_EQ(Advance("2030-01-31T10:00:00Z").status, 400);
    EXPECT_EQ(Advance("2032-01-31T10:00:01Z").status, 400);
    Subscribe(MakePayer("pm_card_visa"));
    EXPECT_EQ(Advance("2030-03-31T10:00:01Z").status, 400);
    AdvanceFully("2030-03-31T10:00:00Z");
}

TEST_F(TestClockTest, HasRoomForThreeCustomersOfThreeSubscriptionsEach) {
    auto customer = MakePayer("pm_card_visa");
    for (int i = 0; i < 3; ++i) Subscribe(customer);
    auto fourth = rig.Post("/v1/subscriptions", "customer=" + customer);
    EXPECT_EQ(ErrorIn(fourth).at("param"), "customer");
    MakePayer("pm_card_visa");
    MakePayer("pm_card_visa");
    auto too_many = rig.Post("/v1/customers", "test_clock=" + clock);
    EXPECT_EQ(too_many.status, 400);
    EXPECT_EQ(ErrorIn(too_many).at("param"), "test_clock");
}

TEST(NetworkLimitsTest, EachTestClocksTime_IsCountedApart) {
    std::vector<Attempt> attempts;
    for (int i = 0; i < 30; ++i) {
        Attempt attempt;
        attempt.brand = "visa";
        attempt.outcome = AttemptOutcome::kDeclined;
        attempt.test_clock = i % 2 == 0 ? "" : "clock_1";
        attempts.push_back(attempt);
    }
    EXPECT_TRUE(FindBreaches(attempts).empty());
    for (auto& attempt : attempts) attempt.test_clock.clear();
    EXPECT_EQ(FindBreaches(attempts).size(), 9u);
}

}  // namespace
}  // namespace citadel::stripe_sim
