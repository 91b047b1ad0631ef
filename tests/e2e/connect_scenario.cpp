// A merchant connects its Stripe account: the whole way by Stripe's page, each wrong turn with its clear end,
// and the other way with a restricted key of its own. Engine and simulator are processes; nothing is played.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <filesystem>

#include "support/connected_engine.h"
#include "support/http.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kCallback = "/api/stripe/connect/callback";

class Connecting : public ::testing::Test {
  protected:
    // "acct_…|oauth|connected" of the one credential there is; empty: there is none.
    std::string Stored() {
        auto lines = world.sql().Lines(
            "select c.stripe_account_id || '|' || c.kind || '|' || case when a.disconnected_at is null "
            "then 'connected' else 'gone' end from citadel.stripe_credentials c "
            "join citadel.stripe_accounts a using (stripe_account_id) order by c.created_at, 1");
        if (lines.ends_with('\n')) lines.pop_back();
        return lines;
    }
    std::string Query(const std::string& path, const std::string& name) {
        auto at = path.find(name + "=");
        if (at == path.npos) return "";
        at += name.size() + 1;
        return path.substr(at, path.find('&', at) - at);
    }
    std::string CodeOf(const http::Answer& answer) {
        json::error_code error;
        auto body = json::parse(answer.body, error);
        if (error || !body.is_object() || !body.as_object().contains("code"))
            return std::to_string(answer.status) + " " + answer.body;
        return std::to_string(answer.status) + " " + std::string(body.at("code").as_string());
    }

    ConnectedEngine world;
};

TEST_F(Connecting, TheWholeWayEndsConnectedWithSealedTokens) {
    auto account = world.NewAccount();
    auto url = world.Authorize("user_a");
    EXPECT_THAT(url, HasSubstr("response_type=code&client_id=ca_citadel_sim&scope=read_write&state="));
    EXPECT_EQ(Query(url, "state").size(), 64u) << "256 bits";
    auto back = world.AnswerPage(url, account);
    EXPECT_EQ(world.Return("user_a", back), "connected=true");
    EXPECT_EQ(Stored(), account + "|oauth|connected");
    // Neither a token nor a state is readable, in the database or in the log.
    auto row = world.sql().Text("select c::text from citadel.stripe_credentials c");
    EXPECT_THAT(row, Not(HasSubstr("sk_test_")));
    EXPECT_THAT(row, Not(HasSubstr("rt_")));
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.oauth_states where state_hash = '" +
                                 Query(url, "state") + "'"),
              0);
    auto log = world.engine().Output();
    EXPECT_THAT(log, Not(HasSubstr(Query(back, "code"))));
    EXPECT_THAT(log, Not(HasSubstr(Query(url, "state"))));
}

TEST_F(Connecting, AStateIsGoodOnceForItsUserForTenMinutes) {
    auto account = world.NewAccount();
    auto back = world.AnswerPage(world.Authorize("user_a"), account);
    auto forged = kCallback + "?code=ac_x&state=" + std::string(64, 'f');
    EXPECT_EQ(world.Return("user_a", forged), "error=state_invalid");
    EXPECT_EQ(world.Return("user_a", kCallback + "?code=ac_x"), "error=state_invalid");
    EXPECT_EQ(world.Return("user_a", kCallback), "error=state_invalid");
    EXPECT_EQ(world.Return("user_b", back), "error=state_invalid")
        << "somebody else's looks like a missing one";
    EXPECT_EQ(world.Return("user_a", back), "connected=true") << "and was not used up by that";
    EXPECT_EQ(world.Return("user_a", back), "error=state_used");
    EXPECT_EQ(Stored(), account + "|oauth|connected") << "a replay changes nothing";

    auto late = world.AnswerPage(world.Authorize("user_c"), world.NewAccount());
    auto last = world.AnswerPage(world.Authorize("user_d"), world.NewAccount());
    world.Restart({}, world.now() + 10min - 1s);
    EXPECT_EQ(world.Return("user_d", last), "connected=true");
    world.Restart({}, world.now() + 1s);
    EXPECT_EQ(world.Return("user_c", late), "error=state_expired");
}

TEST_F(Connecting, OnlyTheSignedInMayComeBackAndAnExpiredSessionIsEnoughForThat) {
    auto back = world.AnswerPage(world.Authorize("user_a"), world.NewAccount());
    EXPECT_EQ(CodeOf(world.Call("GET", back, "")), "401 unauthenticated");
    EXPECT_EQ(CodeOf(world.Call("POST", "/api/stripe/connect/authorize", "")), "401 unauthenticated");
    auto token = world.issuer.Token("user_a", world.now());
    world.Restart({}, world.now() + 9min);  // the merchant took its time on Stripe's page
    std::vector<http::Header> cookie{{"Cookie", "__session=" + token}};
    EXPECT_EQ(CodeOf(world.Call("POST", "/api/stripe/connect/authorize", "", "",
                                {{"Authorization", "Bearer " + token}})),
              "401 token_expired");
    auto answer = world.Call("GET", back, "", "", cookie);
    EXPECT_EQ(answer.status, 302) << answer.body;
    EXPECT_THAT(std::string(answer.header("Location")), HasSubstr("connected=true"));
}

TEST_F(Connecting, ACodeIsRedeemedOnce) {
    auto first = world.AnswerPage(world.Authorize("user_a"), world.NewAccount());
    EXPECT_EQ(world.Return("user_a", first), "connected=true");
    auto state = Query(world.Authorize("user_b"), "state");
    auto again = kCallback + "?code=" + Query(first, "code") + "&state=" + state;
    EXPECT_EQ(world.Return("user_b", again), "error=code_invalid");
    auto unknown = kCallback + "?code=ac_never&state=" + Query(world.Authorize("user_b"), "state");
    EXPECT_EQ(world.Return("user_b", unknown), "error=code_invalid");
    auto none = kCallback + "?state=" + Query(world.Authorize("user_b"), "state");
    EXPECT_EQ(world.Return("user_b", none), "error=code_invalid");
}

TEST_F(Connecting, AMerchantMayChangeItsMindOnStripesPage) {
    auto back = world.AnswerPage(world.Authorize("user_a"), "");
    EXPECT_EQ(world.Return("user_a", back), "error=access_denied");
    EXPECT_EQ(world.Return("user_a", back), "error=state_used");
    EXPECT_EQ(Stored(), "");
}

TEST_F(Connecting, StripesTroubleIsSaidAndLeavesNothingHalfDone) {
    auto account = world.NewAccount();
    auto fault = [&](json::object rule) {
        rule["method"] = "POST";
        rule["path"] = "/oauth/token";
        world.simulator().Tell("/_sim/faults", rule);
    };
    for (const json::object& rule :
         {json::object{{"kind", "status"}, {"status", 500}, {"body", "html"}, {"times", 1}},
          json::object{{"kind", "status"}, {"status", 503}, {"body", "empty"}, {"times", 1}},
          json::object{{"kind", "malformed"}, {"times", 1}}}) {
        fault(rule);
        EXPECT_EQ(world.Connect("user_a", account), "error=stripe_unavailable") << json::serialize(rule);
        EXPECT_EQ(Stored(), "");
    }
    EXPECT_EQ(world.Connect("user_a", account), "connected=true");
    world.Restart({{"STRIPE_SECRET_KEY", "sk_test_unknown"}});
    EXPECT_EQ(world.Connect("user_b", world.NewAccount()), "error=stripe_refused");
}

TEST_F(Connecting, AnAccountBelongsToOneMerchantAndAMerchantHasOneAccount) {
    auto account = world.NewAccount(), other = world.NewAccount();
    EXPECT_EQ(world.Connect("user_a", account), "connected=true");
    EXPECT_EQ(world.Connect("user_b", account), "error=account_in_use");
    EXPECT_EQ(world.Connect("user_a", other), "error=other_account_connected");
    EXPECT_EQ(world.Connect("user_a", account), "connected=true") << "again is fine";
    EXPECT_EQ(Stored(), account + "|oauth|connected");
}

TEST_F(Connecting, NothingThatIsAskedChoosesWhereTheBrowserIsSent) {
    auto url = world.Authorize("user_a");
    auto back = world.AnswerPage(url, world.NewAccount());
    auto answer = world.Call("GET", back + "&redirect_uri=https://evil.example&next=//evil.example", "user_a",
                             "", {{"Host", "evil.example"}, {"X-Forwarded-Host", "evil.example"}});
    EXPECT_EQ(answer.header("Location"), world.engine().base() + "/?connected=true");
    world.Restart({{"PUBLIC_URL", "https://app.example/citadel/"}});
    EXPECT_THAT(
        world.Authorize("user_b"),
        HasSubstr("redirect_uri=https%3A%2F%2Fapp.example%2Fcitadel%2Fapi%2Fstripe%2Fconnect%2Fcallback"));
    auto there = world.Call("GET", kCallback + "?error=%0d%0aSet-Cookie:x=y&state=x", "user_a");
    EXPECT_EQ(there.header("Location"), "https://app.example/citadel/?error=state_invalid");
}

TEST_F(Connecting, WithoutAClientIdThereIsNoPageToSendAnybodyTo) {
    world.Restart({{"STRIPE_CLIENT_ID", ""}});
    EXPECT_EQ(CodeOf(world.Call("POST", "/api/stripe/connect/authorize", "user_a")),
              "503 connect_not_configured");
}

class WithAKey : public Connecting {
  protected:
    std::string KeyFor(const std::string& account, const std::vector<std::string>& permissions) {
        auto made = world.simulator().Tell(
            "/_sim/keys",
            {{"account", account}, {"kind", "restricted"}, {"permissions", json::value_from(permissions)}});
        return std::string(made.at("key").as_string());
    }
    http::Answer Give(const std::string& user, const std::string& key) {
        return world.Call("POST", "/api/stripe/connect/restricted-key", user,
                          json::serialize(json::object{{"key", key}}));
    }
    const std::vector<std::string> kEnough = {"account_read",        "invoice_read",       "invoice_write",
                                              "customer_read",       "subscription_read",  "charge_read",
                                              "payment_intent_read", "payment_method_read"};
};

TEST_F(WithAKey, ARestrictedKeyIsCheckedAtStripeThenStoredSealed) {
    auto account = world.NewAccount();
    auto key = KeyFor(account, kEnough);
    auto answer = Give("user_a", key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, R"({"connected":true,"stripeAccountId":")" + account + "\"}");
    EXPECT_EQ(Stored(), account + "|restricted_key|connected");
    EXPECT_THAT(world.sql().Text("select c::text from citadel.stripe_credentials c"), Not(HasSubstr(key)));
    EXPECT_THAT(world.engine().Output(), Not(HasSubstr(key)));
    EXPECT_EQ(CodeOf(Give("user_b", key)), "409 account_in_use");
}

TEST_F(WithAKey, AKeyThatStripeDoesNotKnowOrThatMayTooLittleIsNotStored) {
    auto account = world.NewAccount();
    EXPECT_EQ(CodeOf(Give("user_a", "rk_test_unknown")), "400 key_invalid");
    EXPECT_EQ(CodeOf(Give("user_a", kStripeKey)), "400 key_invalid") << "a secret key may far too much";
    EXPECT_EQ(CodeOf(Give("user_a", "")), "400 key_invalid");
    EXPECT_EQ(CodeOf(Give("user_a", KeyFor(account, {"account_read", "invoice_read"}))),
              "400 key_permissions");
    EXPECT_EQ(CodeOf(Give("user_a", "rk_live_1")), "409 live_key_not_allowed")
        << "the clock is not the real one";
    auto post = [&](const std::string& body) {
        return CodeOf(world.Call("POST", "/api/stripe/connect/restricted-key", "user_a", body));
    };
    for (const char* bad : {"", "[]", "{}", R"({"key":7})", R"({"key":"rk_test_1","more":1})"})
        EXPECT_EQ(post(bad), "400 body_invalid") << bad;
    EXPECT_EQ(CodeOf(world.Call("POST", "/api/stripe/connect/restricted-key", "", R"({"key":"rk_test_1"})")),
              "401 unauthenticated");
    EXPECT_EQ(Stored(), "");
}

// The platform has no access to this account at all: only the merchant's own key can have charged it.
TEST_F(WithAKey, TheEngineWorksWithTheMerchantsOwnKey) {
    auto& simulator = world.simulator();
    auto account = world.NewAccount(true);
    EXPECT_EQ(Give("user_a", KeyFor(account, kEnough)).status, 200);
    simulator.SendWebhooksTo(world.engine());
    auto invoice =
        simulator.Renew(simulator.AddPayer(account, "healed", R"(["insufficient_funds","approve"])"));
    simulator.WaitUntilNothingIsDue();
    ASSERT_EQ(world.sql().Text("select status from citadel.recoveries"), "open");
    simulator.Tell("/_sim/endpoint", {{"url", "http://127.0.0.1:9/nowhere"}});
    simulator.Tell("/_sim/deauthorize", {{"account", account}});

    Time later = world.now() + std::chrono::days(20);
    simulator.SetClock(later);
    for (int i = 0; i < 20 && world.sql().Text("select status from citadel.recoveries") == "open"; ++i) {
        later += std::chrono::days(1);
        simulator.SetClock(later);
        world.Restart({{"CITADEL_WORKERS", "4"}}, later);
        WaitUntilIdle(world.sql(), later);
    }
    EXPECT_EQ(world.sql().Lines("select status, cause from citadel.recoveries"), "recovered | retry\n");
    EXPECT_THAT(simulator.Attempts(invoice), HasSubstr("engine approved"));
}

}  // namespace
}  // namespace citadel::testing
