// A merchant leaves: at once and for good with us, whatever Stripe says; with Stripe as soon as it answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <thread>

#include "support/connected_engine.h"
#include "support/http.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Leaving : public ::testing::Test {
  protected:
    // A connected merchant with a recovery under way.
    void SetUp() override {
        account = world.NewAccount();
        ASSERT_EQ(world.Connect("user_a", account), "connected=true");
        world.simulator().SendWebhooksTo(world.engine());
        auto payer = world.simulator().AddPayer(account, "jenny", R"(["insufficient_funds","approve"])");
        world.simulator().Renew(payer);
        world.simulator().WaitUntilNothingIsDue();
        ASSERT_EQ(world.sql().Text("select status from citadel.recoveries"), "open");
        ASSERT_GE(OpenTasks(), 1);  // the recovery's; its digest too, once the janitor has come by
    }

    json::object Disconnect() {
        auto answer = world.Call("POST", "/api/stripe/disconnect", "user_a");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return json::parse(answer.body).as_object();
    }
    std::int64_t OpenTasks() {
        return world.sql().Number("select count(*) from citadel.scheduled_tasks where status = 'pending'");
    }
    std::int64_t Count(const std::string& table) {
        return world.sql().Number("select count(*) from citadel." + table);
    }
    // What the platform's key may still do there.
    int PlatformMayRead() {
        http::Call call;
        call.url = world.simulator().base() + "/v1/account";
        call.headers = {{"Authorization", std::string("Bearer ") + kStripeKey}, {"Stripe-Account", account}};
        return Fetch(std::move(call)).status;
    }
    void RefuseRevocations(int times) {
        world.simulator().Tell("/_sim/faults", {{"method", "POST"},
                                                {"path", "/oauth/deauthorize"},
                                                {"kind", "status"},
                                                {"status", 500},
                                                {"times", times}});
    }
    void ExpectGoneWithUs() {
        EXPECT_EQ(world.sql().Lines("select status, reason from citadel.recoveries"),
                  "stopped | disconnected\n");
        EXPECT_EQ(OpenTasks(), 0);
        EXPECT_EQ(Count("stripe_credentials"), 0) << "no token is left";
        EXPECT_EQ(world.sql().Number("select sum(stopped_count) from citadel.daily_metrics"), 1);
        EXPECT_EQ(BookDifferences(world.database_url()), 0);
    }

    ConnectedEngine world;
    std::string account;
};

TEST_F(Leaving, StopsEverythingWipesTheTokensAndRevokes) {
    EXPECT_EQ(PlatformMayRead(), 200);
    auto said = Disconnect();
    EXPECT_EQ(said.at("revoked"), true);
    EXPECT_EQ(said.at("stripeAccountId"), json::string(account));
    ExpectGoneWithUs();
    EXPECT_EQ(PlatformMayRead(), 403);
    EXPECT_EQ(Count("stripe_revocations"), 0);
    // Stripe tells us of it as well, and the merchant presses the button again: nothing changes any more.
    world.simulator().WaitUntilNothingIsDue();
    EXPECT_EQ(Disconnect().at("revoked"), true);
    ExpectGoneWithUs();
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.usage_logs where metric_type = 'stopped'"), 1);
}

TEST_F(Leaving, LooksInTheBooksAsIfStripeHadSaidSo) {
    auto other = world.NewAccount();
    ASSERT_EQ(world.Connect("user_b", other), "connected=true");
    world.simulator().Renew(
        world.simulator().AddPayer(other, "jenny", R"(["insufficient_funds","approve"])"));
    world.simulator().WaitUntilNothingIsDue();
    world.simulator().Tell("/_sim/deauthorize", {{"account", other}});
    world.simulator().WaitUntilNothingIsDue();
    Disconnect();
    // Stripe's word of the same may have come by now as well: how many events told it makes no difference.
    auto books = [this](const std::string& of) {
        auto state = StateOfAccount(world.sql(), of);
        return state.substr(0, state.find(" | events"));
    };
    EXPECT_EQ(books(account), books(other));
    EXPECT_EQ(Count("stripe_credentials"), 0) << "what Stripe ends is wiped as well";
    EXPECT_EQ(Count("stripe_revocations"), 0);
}

TEST_F(Leaving, StripeBeingAwayIsSaidAndMadeUpForLater) {
    RefuseRevocations(2);
    auto said = Disconnect();
    EXPECT_EQ(said.at("revoked"), false);
    EXPECT_THAT(std::string(said.at("detail").as_string()), HasSubstr("Stripe has not confirmed"));
    ExpectGoneWithUs();
    EXPECT_EQ(PlatformMayRead(), 200);
    // Until it is made up for, the account does not come back: the late revocation would end that too.
    auto answer = world.Call("POST", "/api/stripe/connect/authorize", "user_a");
    EXPECT_EQ(answer.status, 409);
    EXPECT_THAT(answer.body, HasSubstr("disconnect_pending"));
    EXPECT_EQ(Disconnect().at("revoked"), true);
    EXPECT_EQ(PlatformMayRead(), 403);
    world.Restart({}, world.now() + 1h);
    EXPECT_EQ(world.Connect("user_a", account), "connected=true");
}

class LeavingAndDying : public Leaving, public ::testing::WithParamInterface<const char*> {};

TEST_P(LeavingAndDying, LeavesNothingOpenAndTheNextProcessTellsStripe) {
    world.Restart({{"CITADEL_TEST_DIE_AT", GetParam()}});
    EXPECT_NE(world.Call("POST", "/api/stripe/disconnect", "user_a").status, 200);
    EXPECT_EQ(world.engine().Wait(20s), 137);
    ExpectGoneWithUs();
    EXPECT_EQ(Count("stripe_revocations"), 1);
    world.Restart({{"CITADEL_WORKERS", "1"}}, world.now() + 1h);
    auto deadline = std::chrono::steady_clock::now() + 30s;
    while (Count("stripe_revocations") > 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(20ms);
    EXPECT_EQ(Count("stripe_revocations"), 0);
    EXPECT_EQ(PlatformMayRead(), 403);
    ExpectGoneWithUs();
}

INSTANTIATE_TEST_SUITE_P(At, LeavingAndDying, ::testing::Values("disconnected", "stripe_revoked"),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(Leaving, ALateWordOfTheOldConnectionDoesNotEndTheNewOne) {
    world.simulator().Tell("/_sim/endpoint", {{"url", "http://127.0.0.1:9/nowhere"}});
    auto ended = world.now();
    Disconnect();
    world.Restart({}, world.now() + 1h);
    ASSERT_EQ(world.Connect("user_a", account), "connected=true");
    json::object event{{"id", "evt_late"},
                       {"object", "event"},
                       {"type", "account.application.deauthorized"},
                       {"account", account},
                       {"created", ToUnixSeconds(ended)},
                       {"data", {{"object", {{"id", "ca_citadel_sim"}, {"object", "application"}}}}}};
    EXPECT_EQ(Fetch(SignedWebhook(world.engine().base(), json::serialize(event), world.now())).status, 200);
    EXPECT_EQ(Count("stripe_credentials"), 1);
    EXPECT_EQ(
        world.sql().Number("select count(*) from citadel.stripe_accounts where disconnected_at is not null"),
        0);
    event["id"] = "evt_new";
    event["created"] = ToUnixSeconds(world.now());
    EXPECT_EQ(Fetch(SignedWebhook(world.engine().base(), json::serialize(event), world.now())).status, 200);
    EXPECT_EQ(Count("stripe_credentials"), 0);
    EXPECT_EQ(Count("stripe_revocations"), 0) << "Stripe knows already";
}

TEST_F(Leaving, IsForTheMerchantAlone) {
    EXPECT_EQ(world.Call("POST", "/api/stripe/disconnect", "").status, 401);
    auto said = world.Call("POST", "/api/stripe/disconnect", "user_b");
    EXPECT_EQ(said.status, 200);
    EXPECT_THAT(said.body, HasSubstr("\"stripeAccountId\":null"));
    EXPECT_EQ(world.sql().Text("select status from citadel.recoveries"), "open");
    EXPECT_EQ(PlatformMayRead(), 200);
}

}  // namespace
}  // namespace citadel::testing
