#include <map>

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

class ConnectTest : public testing::Test {
  protected:
    std::string Merchant(const std::string& options = R"({"connected":false})") {
        return Rig::Text(rig.Sim("accounts", options), "id");
    }

    std::string CodeFor(const std::string& account) {
        return Rig::Text(rig.Sim("oauth", R"({"account":")" + account + R"("})"), "code");
    }

    http::Answer Token(const std::string& form) { return rig.Post("/oauth/token", form); }
    http::Answer Redeem(const std::string& code) {
        return Token("grant_type=authorization_code&code=" + code);
    }

    http::Answer GetWith(const std::string& key, const std::string& path, const std::string& account = {}) {
        auto call = rig.ApiCallTo("GET", path);
        call.headers.clear();
        call.headers.emplace_back("Authorization", "Bearer " + key);
        if (!account.empty()) call.headers.emplace_back("Stripe-Account", account);
        return rig.Send(std::move(call));
    }

    static std::string OAuthError(const http::Answer& answer) { return Rig::Text(Parsed(answer), "error"); }

    Rig rig;
};

TEST_F(ConnectTest, Code_GivesAKeyForThatAccountAlone) {
    auto account = Merchant();
    EXPECT_EQ(rig.Get("/v1/accounts/" + account).status, 403);
    auto tokens = Redeem(CodeFor(account));
    ASSERT_EQ(tokens.status, 200) << tokens.body;
    auto answer = Parsed(tokens);
    EXPECT_EQ(answer.at("stripe_user_id"), json::value(account));
    EXPECT_EQ(answer.at("scope"), "read_write");
    EXPECT_EQ(rig.Get("/v1/accounts/" + account).status, 200);
    auto access = Rig::Text(answer, "access_token");
    EXPECT_EQ(Parsed(GetWith(access, "/v1/account")).at("id"), json::value(account));
    EXPECT_EQ(GetWith(access, "/v1/account", account).status, 200);
    auto other = GetWith(access, "/v1/account", Merchant("{}"));
    EXPECT_EQ(other.status, 403);
    EXPECT_EQ(ErrorIn(other).at("code"), "account_invalid");
}

TEST_F(ConnectTest, CodeUsedTwice_IsRefusedAndItsTokensAreRevoked) {
    auto code = CodeFor(Merchant());
    auto access = Rig::Text(Parsed(Redeem(code)), "access_token");
    EXPECT_EQ(GetWith(access, "/v1/account").status, 200);
    auto again = Redeem(code);
    EXPECT_EQ(again.status, 400);
    EXPECT_EQ(OAuthError(again), "invalid_grant");
    EXPECT_EQ(GetWith(access, "/v1/account").status, 401);
}

TEST_F(ConnectTest, Code_LivesFiveMinutes) {
    auto first = CodeFor(Merchant()), second = CodeFor(Merchant());
    rig.Advance(std::chrono::seconds(299));
    EXPECT_EQ(Redeem(first).status, 200);
    rig.Advance(std::chrono::seconds(1));
    EXPECT_EQ(OAuthError(Redeem(second)), "invalid_grant");
}

TEST_F(ConnectTest, RefreshToken_GivesANewKey) {
    auto tokens = Parsed(Redeem(CodeFor(Merchant())));
    auto refresh = Rig::Text(tokens, "refresh_token");
    auto again = Token("grant_type=refresh_token&refresh_token=" + refresh);
    ASSERT_EQ(again.status, 200) << again.body;
    auto access = Rig::Text(Parsed(again), "access_token");
    EXPECT_NE(access, Rig::Text(tokens, "access_token"));
    EXPECT_EQ(GetWith(access, "/v1/account").status, 200);
}

TEST_F(ConnectTest, TokenCall_RefusesAsOAuthDoes) {
    const std::map<std::string, std::string> kCases = {
        {"grant_type=password", "unsupported_grant_type"},
        {"grant_type=authorization_code", "invalid_request"},
        {"grant_type=authorization_code&code=ac_none", "invalid_grant"},
        {"grant_type=refresh_token&refresh_token=rt_none", "invalid_grant"},
        {"grant_type=authorization_code&code=x&client_secret=sk_test_wrong", "invalid_client"}};
    for (const auto& [form, error] : kCases) EXPECT_EQ(OAuthError(Token(form)), error) << form;
}

TEST_F(ConnectTest, Deauthorize_EndsAccessAndTellsSo) {
    auto account = Merchant();
    auto access = Rig::Text(Parsed(Redeem(CodeFor(account))), "access_token");
    auto form = "client_id=ca_citadel_sim&stripe_user_id=" + account;
    EXPECT_EQ(Parsed(rig.Post("/oauth/deauthorize", form)).at("stripe_user_id"), json::value(account));
    rig.Settle();
    auto events = rig.Received("account.application.deauthorized");
    ASSERT_EQ(events.size(), 1u);
    auto event = json::parse(events[0].body).as_object();
    EXPECT_EQ(event.at("account"), json::value(account));
    EXPECT_EQ(event.at("data").at("object").at("id"), "ca_citadel_sim");
    EXPECT_EQ(GetWith(access, "/v1/account").status, 401);
    EXPECT_EQ(GetWith("sk_test_citadel_sim", "/v1/account", account).status, 403);
    EXPECT_EQ(OAuthError(rig.Post("/oauth/deauthorize", form)), "invalid_client");
}

TEST_F(ConnectTest, ReadOnlyScope_Reads) {
    auto account = Merchant();
    auto code = rig.Sim("oauth", R"({"account":")" + account + R"(","scope":"read_only"})");
    EXPECT_EQ(Redeem(Rig::Text(code, "code")).status, 200);
    rig.account = account;
    EXPECT_EQ(rig.Get("/v1/customers").status, 200);
    EXPECT_EQ(rig.Post("/v1/customers", "name=x").status, 403);
}

class AuthorizePage : public ConnectTest {
  protected:
    const std::string kAsk =
        "/oauth/authorize?response_type=code&client_id=ca_citadel_sim&scope=read_write&state=s%26t"
        "&redirect_uri=http%3A%2F%2Flocalhost%3A9999%2Fback";
    std::string Location(const http::Answer& answer) {
        EXPECT_EQ(answer.status, 302) << answer.body;
        return std::string(http::FindHeader(answer.headers, "Location"));
    }
};

TEST_F(AuthorizePage, ShowsAFormAndSendsBackACode) {
    auto account = Merchant();
    auto page = rig.Get(kAsk);
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find(account), std::string::npos);
    EXPECT_NE(page.body.find("value=\"s&amp;t\""), std::string::npos);
    auto answer = rig.Post("/oauth/authorize",
                           kAsk.substr(kAsk.find('?') + 1) + "&approve=" + account + "&action=connect");
    auto location = Location(answer);
    EXPECT_EQ(location.find("http://localhost:9999/back?scope=read_write&code=ac_"), 0u) << location;
    EXPECT_TRUE(location.ends_with("&state=s%26t"));
    auto from = location.find("ac_");
    EXPECT_EQ(Redeem(location.substr(from, location.find('&', from) - from)).status, 200);
}

TEST_F(AuthorizePage, Cancel_IsToldToThePlatform) {
    auto answer = rig.Post("/oauth/authorize", kAsk.substr(kAsk.find('?') + 1) + "&action=cancel");
    EXPECT_EQ(Location(answer),
              "http://localhost:9999/back?error=access_denied&error_description=The%20user%20"
              "denied%20your%20request&state=s%26t");
}

TEST_F(AuthorizePage, ApproveInTheQuery_AnswersAtOnce) {
    EXPECT_NE(Location(rig.Get(kAsk + "&approve=new")).find("code=ac_"), std::string::npos);
}

TEST_F(AuthorizePage, UntrustedAddress_IsNeverRedirectedTo) {
    auto ask = [&](const std::string& client, const std::string& uri) {
        return rig.Get("/oauth/authorize?response_type=code&approve=new&client_id=" + client +
                       "&redirect_uri=" + uri);
    };
    EXPECT_EQ(ask("ca_other", "http://localhost/x").status, 400);
    for (auto uri : {"", "http://evil.example/x", "http://localhost.evil.example", "http://localhost:80@evil",
                     "javascript:alert(1)"}) {
        auto answer = ask("ca_citadel_sim", uri);
        EXPECT_EQ(answer.status, 400) << uri;
        EXPECT_TRUE(http::FindHeader(answer.headers, "Location").empty());
    }
    rig.Sim("oauth", R"({"redirectUris":["https://shop.example/back"]})");
    EXPECT_EQ(ask("ca_citadel_sim", "http://localhost/x").status, 400);
    EXPECT_EQ(ask("ca_citadel_sim", "https://shop.example/back").status, 302);
    EXPECT_EQ(ask("ca_citadel_sim", "").status, 302);
}

TEST_F(ConnectTest, AccountCalls_TellWhatTriggerExpects) {
    auto made = Parsed(rig.Post("/v1/accounts", "type=standard&country=DE&email=a%40b.c"));
    auto id = Rig::Text(made, "id");
    EXPECT_EQ(made.at("charges_enabled"), false);
    EXPECT_EQ(made.at("default_currency"), "eur");
    EXPECT_EQ(Parsed(rig.Post("/v1/accounts/" + id, "metadata[foo]=bar")).at("metadata").at("foo"), "bar");
    rig.Sim("account", R"({"account":")" + id + R"(","chargesEnabled":true})");
    auto events = Parsed(GetWith("sk_test_citadel_sim", "/v1/events?type=account.updated", id));
    const auto& updates = events.at("data").as_array();
    ASSERT_EQ(updates.size(), 2u);
    EXPECT_EQ(updates[0].at("data").at("previous_attributes").at("charges_enabled"), false);
    EXPECT_EQ(updates[1].at("data").at("previous_attributes").at("metadata"), json::object());
    auto gone = Parsed(rig.Send(rig.ApiCallTo("DELETE", "/v1/accounts/" + id)));
    EXPECT_EQ(gone.at("deleted"), true);
    EXPECT_EQ(rig.Get("/v1/accounts/" + id).status, 403);
    EXPECT_EQ(Parsed(rig.Get("/v1/accounts")).at("data").as_array().size(), 0u);
}

TEST_F(ConnectTest, Keys_OpenWhatTheyMay) {
    auto put = [&](const std::string& body) { return Rig::Text(rig.Sim("keys", body), "key"); };
    auto restricted = put(R"({"kind":"restricted","permissions":["customer_write","charge_read"]})");
    EXPECT_EQ(GetWith(restricted, "/v1/customers").status, 200);
    EXPECT_EQ(GetWith(restricted, "/v1/charges").status, 200);
    auto refused = GetWith(restricted, "/v1/invoices");
    EXPECT_EQ(refused.status, 403);
    EXPECT_NE(Rig::Text(ErrorIn(refused), "message").find("'rak_invoice_read'"), std::string::npos);
    EXPECT_EQ(Rig::Text(ErrorIn(refused), "message").find(restricted), std::string::npos);

    auto publishable = GetWith(put(R"({"kind":"publishable"})"), "/v1/customers");
    EXPECT_EQ(publishable.status, 403);
    EXPECT_EQ(ErrorIn(publishable).at("code"), "secret_key_required");

    auto passing = put(R"({"expiresAt":"2026-01-01T01:00:00Z"})");
    EXPECT_EQ(GetWith(passing, "/v1/customers").status, 200);
    rig.Advance(std::chrono::hours(1));
    auto expired = GetWith(passing, "/v1/customers");
    EXPECT_EQ(expired.status, 401);
    EXPECT_EQ(ErrorIn(expired).at("code"), "api_key_expired");
}

TEST_F(ConnectTest, MerchantsOwnKey_SeesNoOtherAccount) {
    auto account = Merchant("{}");
    auto key = Rig::Text(rig.Sim("keys", R"({"account":")" + account + R"("})"), "key");
    EXPECT_EQ(Parsed(GetWith(key, "/v1/account")).at("id"), json::value(account));
    EXPECT_EQ(GetWith(key, "/v1/account", Merchant("{}")).status, 403);
}

}  // namespace
}  // namespace citadel::stripe_sim
