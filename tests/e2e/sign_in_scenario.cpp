// Clerk's words about its users, and the demo's own sign-in, against the program itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "crypto/svix.h"
#include "support/connected_engine.h"
#include "support/http.h"
#include "support/run.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Secret kClerkSecret("whsec_dGVzdC1vbmx5LWtleQ==");

class ClerksWords : public ::testing::Test {
  protected:
    http::Answer Send(const std::string& svix_id, const std::string& body,
                      const Secret& secret = kClerkSecret) {
        return world.Call("POST", "/api/webhooks/clerk", "", body,
                          {{"svix-id", svix_id},
                           {"svix-timestamp", std::to_string(ToUnixSeconds(world.now()))},
                           {"svix-signature", crypto::SignSvix(svix_id, body, secret, world.now())}});
    }
    std::string Tell(const std::string& svix_id, const std::string& type, json::object user) {
        json::object event{{"type", type}, {"object", "event"}, {"data", std::move(user)}};
        auto answer = Send(svix_id, json::serialize(event));
        if (answer.status != 200) return std::to_string(answer.status) + " " + answer.body;
        return std::string(json::parse(answer.body).at("result").at("action").as_string());
    }
    static json::object User(const std::string& id, const std::string& email, std::int64_t updated) {
        json::array addresses{
            {{"id", "idn_0"}, {"email_address", "old@example.com"}},
            {{"id", "idn_1"}, {"email_address", email}, {"verification", {{"status", "verified"}}}}};
        return {{"id", id},
                {"object", "user"},
                {"email_addresses", addresses},
                {"primary_email_address_id", "idn_1"},
                {"first_name", nullptr},
                {"updated_at", updated}};
    }
    std::string Emails() {
        return world.sql().Lines("select clerk_user_id, email from citadel.merchants order by 1");
    }

    ConnectedEngine world;
};

TEST_F(ClerksWords, TheAddressFollowsTheNewestWordInWhateverOrder) {
    EXPECT_EQ(Tell("msg_2", "user.updated", User("user_a", "second@example.com", 2000)), "processed");
    EXPECT_EQ(Tell("msg_1", "user.created", User("user_a", "first@example.com", 1000)), "processed");
    EXPECT_EQ(Emails(), "user_a | second@example.com\n");
    EXPECT_EQ(Tell("msg_3", "user.updated", User("user_a", "third@example.com", 3000)), "processed");
    EXPECT_EQ(Tell("msg_2", "user.updated", User("user_a", "second@example.com", 2000)), "duplicate");
    EXPECT_EQ(Emails(), "user_a | third@example.com\n");
    auto nameless = User("user_a", "x@example.com", 4000);
    nameless["primary_email_address_id"] = nullptr;
    EXPECT_EQ(Tell("msg_4", "user.updated", nameless), "processed");
    EXPECT_EQ(Emails(), "user_a | \n");
    auto unverified = User("user_a", "stolen@example.com", 5000);
    unverified["email_addresses"].as_array()[1].as_object()["verification"] = {{"status", "unverified"}};
    EXPECT_EQ(Tell("msg_5", "user.updated", unverified), "processed");
    EXPECT_EQ(Emails(), "user_a | \n") << "it might be anybody's";
}

TEST_F(ClerksWords, TheFirstCallAndTheFirstWordMakeOneMerchant) {
    world.Authorize("user_a");
    EXPECT_EQ(Tell("msg_1", "user.created", User("user_a", "a@example.com", 1000)), "processed");
    world.Authorize("user_a");
    EXPECT_EQ(Emails(), "user_a | a@example.com\n");
}

TEST_F(ClerksWords, ADeletedUserIsDisconnectedAndStaysDeleted) {
    auto account = world.NewAccount();
    Tell("msg_1", "user.created", User("user_a", "a@example.com", 1000));
    ASSERT_EQ(world.Connect("user_a", account), "connected=true");
    EXPECT_EQ(Tell("msg_3", "user.deleted", {{"id", "user_a"}, {"object", "user"}, {"deleted", true}}),
              "processed");
    EXPECT_EQ(Tell("msg_3", "user.deleted", {{"id", "user_a"}, {"object", "user"}, {"deleted", true}}),
              "duplicate");
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.stripe_credentials"), 0);
    EXPECT_EQ(
        world.sql().Number("select count(*) from citadel.stripe_accounts where disconnected_at is null"), 1)
        << "the platform's own row";
    EXPECT_EQ(Tell("msg_2", "user.updated", User("user_a", "late@example.com", 2000)), "processed");
    EXPECT_EQ(Emails(), "user_a | \n");
    // The end may overtake the beginning.
    EXPECT_EQ(Tell("msg_5", "user.deleted", {{"id", "user_b"}, {"object", "user"}, {"deleted", true}}),
              "processed");
    EXPECT_EQ(Tell("msg_4", "user.created", User("user_b", "b@example.com", 1000)), "processed");
    EXPECT_EQ(Emails(), "user_a | \n");
}

TEST_F(ClerksWords, WhatIsNotSignedByClerkLeavesNoTrace) {
    auto body =
        json::serialize(json::object{{"type", "user.created"}, {"data", User("user_a", "a@example.com", 1)}});
    for (const auto& answer :
         {Send("msg_1", body, Secret("whsec_b3RoZXI=")), world.Call("POST", "/api/webhooks/clerk", "", body),
          world.Call("POST", "/api/webhooks/clerk", "user_a", body)}) {
        EXPECT_EQ(answer.status, 400);
        EXPECT_THAT(answer.body, HasSubstr("signature_invalid"));
    }
    EXPECT_EQ(Send("msg_1", "no JSON").status, 400);
    EXPECT_EQ(Send("msg_1", R"({"type":"user.created","data":{}})").status, 400);
    EXPECT_EQ(Send("msg_1", R"({"type":"session.created","data":{}})").status, 200);
    EXPECT_EQ(Tell("msg_1", "organization.created", {}), "ignored");
    EXPECT_EQ(Emails(), "");
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.clerk_events"), 0);
}

class DemoSignIn : public ClerksWords {
  protected:
    DemoSignIn() { world.Restart(kLocal); }
    TemporaryFolder folder;
    const std::map<std::string, std::string> kLocal = {{"CLERK_ISSUER", ""},
                                                       {"CLERK_JWKS_URL", ""},
                                                       {"CLERK_AUTHORIZED_PARTIES", ""},
                                                       {"CITADEL_LOCAL_ISSUER", "true"},
                                                       {"CITADEL_DATA_DIR", folder.path().string()}};
};

TEST_F(DemoSignIn, WalksTheRoadOfRealTokens) {
    auto origin = world.engine().base();
    auto answer =
        world.Call("POST", "/dev/sign-in", "", R"({"email":"ann@example.com"})", {{"Origin", origin}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    std::string cookie(answer.header("Set-Cookie"));
    EXPECT_THAT(cookie, StartsWith("__session=ey"));
    EXPECT_THAT(cookie, HasSubstr("HttpOnly"));
    cookie = cookie.substr(0, cookie.find(';'));
    auto authorize = [&](std::vector<http::Header> headers) {
        return world.Call("POST", "/api/stripe/connect/authorize", "", "", std::move(headers)).status;
    };
    EXPECT_EQ(authorize({{"Cookie", cookie}, {"Origin", origin}}), 200);
    EXPECT_EQ(authorize({{"Cookie", cookie}}), 403);
    EXPECT_EQ(authorize({{"Cookie", cookie}, {"Origin", "https://evil.example"}}), 403);
    auto token = std::string(json::parse(answer.body).at("token").as_string());
    EXPECT_EQ(authorize({{"Authorization", "Bearer " + token}}), 200);
    EXPECT_EQ(authorize({{"Authorization", "Bearer " + world.issuer.Token("user_a", world.now())}}), 401)
        << "another issuer's";
}

TEST_F(DemoSignIn, AnAddressThatIsAMerchantsOpensThatMerchant) {
    world.sql().Run(
        "insert into citadel.merchants (bucket, merchant_id, name, email, created_at) "
        "values (7, 77, 'Bakery', 'bakery@example.com', 'epoch')");
    EXPECT_EQ(Get(world.engine().base() + "/dev/accounts").body,
              R"({"data":[{"name":"Bakery","email":"bakery@example.com"}]})");
    auto answer = world.Call("POST", "/dev/sign-in", "", R"({"email":"bakery@example.com"})");
    auto token = std::string(json::parse(answer.body).at("token").as_string());
    world.Call("POST", "/api/stripe/connect/authorize", "", "", {{"Authorization", "Bearer " + token}});
    EXPECT_EQ(world.sql().Text("select merchant_id from citadel.oauth_states"), "77");
    EXPECT_EQ(world.sql().Number("select count(*) from citadel.merchants"), 1);
}

TEST_F(DemoSignIn, TakesNoStrangersAndNoNonsense) {
    EXPECT_EQ(
        world.Call("POST", "/dev/sign-in", "", R"({"email":"a@b"})", {{"Origin", "https://evil.example"}})
            .status,
        403);
    for (const char* bad : {"", "{}", R"({"email":"nobody"})", R"({"email":"a@b","more":1})"})
        EXPECT_EQ(world.Call("POST", "/dev/sign-in", "", bad).status, 400) << bad;
    auto out = world.Call("POST", "/dev/sign-out", "");
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(std::string(out.header("Set-Cookie")), HasSubstr("Max-Age=0"));
}

TEST_F(DemoSignIn, IsNotThereWhereRealUsersAre) {
    world.Restart();
    EXPECT_EQ(world.Call("POST", "/dev/sign-in", "", R"({"email":"a@b"})").status, 404);
    for (auto [name, value] : {std::pair{"CLERK_ISSUER", "https://clerk.example"},
                               {"STRIPE_SECRET_KEY", "sk_live_1"},
                               {"HOST", "0.0.0.0"}}) {
        Environment environment{{"CITADEL_LOCAL_ISSUER", "true"}, {name, value}};
        Program program({"serve"}, environment);
        EXPECT_EQ(program.Wait(std::chrono::seconds(20)), 2) << name;
        EXPECT_THAT(program.Output(), HasSubstr("CITADEL_LOCAL_ISSUER"));
    }
}

}  // namespace
}  // namespace citadel::testing
