// The operator erases a merchant: revoked at Stripe first or not at all, and a line in the audit for every
// act.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>

#include "support/connected_engine.h"
#include "support/http.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kAdminKey = "admin-key";

class Erasing : public ::testing::Test {
  protected:
    // Two connected merchants, each with a recovery under way.
    void SetUp() override {
        world.Restart({{"ADMIN_KEY", kAdminKey}});
        world.simulator().SendWebhooksTo(world.engine());
        for (const char* user : {"user_a", "user_b"}) {
            account[user] = world.NewAccount();
            ASSERT_EQ(world.Connect(user, account[user]), "connected=true");
            auto payer =
                world.simulator().AddPayer(account[user], "jenny", R"(["insufficient_funds","approve"])");
            world.simulator().Renew(payer);
        }
        world.simulator().WaitUntilNothingIsDue();
        ASSERT_EQ(world.sql().Number("select count(*) from citadel.recoveries where status = 'open'"), 2);
        id = world.sql().Text("select merchant_id from citadel.merchants where clerk_user_id = 'user_a'");
    }

    http::Answer Erase(const std::string& key = kAdminKey) {
        return world.Call("DELETE", "/api/admin/merchants/" + id, "", "", {{"X-Admin-Key", key}});
    }
    std::string Audit() {
        return world.sql().Lines(
            "select action, subject, outcome from citadel.admin_audit order by audit_id");
    }
    std::string Export(const std::string& user) {
        auto answer = world.Call("GET", "/api/merchants/me/export", user);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.body;
    }
    // What the platform's key may still do there.
    int PlatformMayRead(const std::string& user) {
        http::Call call;
        call.url = world.simulator().base() + "/v1/account";
        call.headers = {{"Authorization", std::string("Bearer ") + kStripeKey},
                        {"Stripe-Account", account[user]}};
        return Fetch(std::move(call)).status;
    }

    ConnectedEngine world;
    std::map<std::string, std::string> account;
    std::string id;
};

TEST_F(Erasing, StripeRefusing_ErasesNothingAndSaysSo) {
    world.simulator().Tell("/_sim/faults", {{"method", "POST"},
                                            {"path", "/oauth/deauthorize"},
                                            {"kind", "status"},
                                            {"status", 500},
                                            {"times", 10}});
    auto answer = Erase();
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, HasSubstr("stripe_revoke_failed"));
    EXPECT_EQ(Audit(), "merchants.erase | " + id + " | begun\nmerchants.erase | " + id + " | refused\n");
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.merchants where merchant_id = " + id), 1);
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.recoveries where merchant_id = " + id), 1);
    EXPECT_EQ(PlatformMayRead("user_a"), 200);
}

TEST_F(Erasing, RevokesThenLeavesNothingOfThatMerchantAndAllOfTheOther) {
    auto theirs = StateOfAccount(world.sql(), account["user_b"]);
    EXPECT_EQ(Erase("guessed").status, 401);
    EXPECT_EQ(Audit(), "");
    auto answer = Erase();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json::parse(answer.body).at("id"), json::string(id));
    for (const auto& table : world.sql().Rows("select t::text from citadel.tenant_tables() t")) {
        EXPECT_EQ(world.sql().Number("select count(*) from " + table[0] + " where merchant_id = " + id), 0)
            << table[0];
    }
    EXPECT_EQ(PlatformMayRead("user_a"), 403);
    EXPECT_EQ(PlatformMayRead("user_b"), 200);
    EXPECT_EQ(StateOfAccount(world.sql(), account["user_b"]), theirs);
    EXPECT_EQ(Erase().status, 404);
    EXPECT_EQ(world.Call("GET", "/api/admin/merchants", "", "", {{"X-Admin-Key", kAdminKey}}).status, 200);
    EXPECT_EQ(Audit(), "merchants.erase | " + id + " | begun\nmerchants.erase | " + id +
                           " | done\nmerchants.list |  | done\n");
}

TEST_F(Erasing, WhatIsExportedIsTheMerchantsOwnAndAllOfIt) {
    auto text = Export("user_a");
    auto sections = json::parse(text).at("sections").as_object();
    EXPECT_THAT(text, HasSubstr(account["user_a"]));
    EXPECT_THAT(text, Not(HasSubstr(account["user_b"])));
    for (const char* secret : {"sk_test_", "rt_", "sealed"}) EXPECT_THAT(text, Not(HasSubstr(secret)));
    for (const char* section : {"recoveries", "tasks", "activity", "dailyMetrics"})
        EXPECT_FALSE(sections.at(section).as_array().empty()) << section;
}

}  // namespace
}  // namespace citadel::testing
