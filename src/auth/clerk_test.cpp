#include "auth/clerk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>

#include "support/fixtures.h"
#include "support/run.h"
#include "support/temporary_folder.h"

namespace citadel::auth {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

const Time kNow = FromUnixSeconds(1767225600);
constexpr const char* kOurs = "https://citadel.example";

const crypto::SigningKey& Issuer() {
    static const auto key = crypto::SigningKey::Generate("ins_ours");
    return key;
}

// An authenticator whose keys stand in a file.
class Door {
  public:
    explicit Door(const std::string& key_set, SessionRules rules, Time now = kNow) : clock_(now) {
        auto path = folder_.path() / "jwks.json";
        std::ofstream(path) << key_set;
        KeySource::Options options;
        options.url = "file://" + path.string();
        keys_.emplace(io_, http_, clock_, options);
        clerk_.emplace(*keys_, clock_, std::move(rules));
    }

    // The user's id, or the code of the refusal.
    std::string Ask(std::vector<http::Header> headers, const std::string& method = "GET") {
        return Text(testing::Await(io_, clerk_->Authenticate(Request(std::move(headers), method))));
    }
    std::string AskOnReturn(std::vector<http::Header> headers) {
        return Text(testing::Await(io_, clerk_->AuthenticateReturn(Request(std::move(headers), "GET"))));
    }
    std::string AskWith(const std::string& token) { return Ask({{"Authorization", "Bearer " + token}}); }

  private:
    static http::Request Request(std::vector<http::Header> headers, const std::string& method) {
        http::Request request;
        request.method = method;
        request.headers = std::move(headers);
        return request;
    }
    static std::string Text(const std::variant<Session, Refusal>& verdict) {
        if (auto refusal = std::get_if<Refusal>(&verdict)) return std::string(CodeOf(*refusal));
        return std::get<Session>(verdict).user_id;
    }

    testing::TemporaryFolder folder_;
    boost::asio::io_context io_{1};
    http::Client http_{io_};
    ManualClock clock_;
    std::optional<KeySource> keys_;
    std::optional<ClerkAuthenticator> clerk_;
};

SessionRules Rules() {
    SessionRules rules;
    rules.issuer = "https://clerk.example";
    rules.authorized_parties = {kOurs, "http://localhost:8080"};
    return rules;
}

std::string Token(const std::string& user = "user_1", seconds age = seconds(10)) {
    auto issued = ToUnixSeconds(kNow - age);
    return Issuer().Sign({{"iss", "https://clerk.example"},
                          {"sub", user},
                          {"sid", "sess_1"},
                          {"azp", kOurs},
                          {"iat", issued},
                          {"nbf", issued - 10},
                          {"exp", issued + 60}});
}

TEST(ClerkAuthenticator, EveryPublishedVectorGetsItsVerdict) {
    int seen = 0, accepted = 0;
    auto fixture = ReadFixture("clerk_jwt_vectors.json");
    for (const auto& vector : fixture.at("vectors").as_array()) {
        const auto& object = vector.as_object();
        SessionRules rules;
        rules.issuer = object.at("issuer").as_string();
        rules.authorized_parties = json::value_to<std::vector<std::string>>(object.at("authorized_parties"));
        auto set = fixture.at(object.contains("jwks") ? "jwks_rotated" : "jwks");
        Door door(json::serialize(set), rules, FromUnixSeconds(object.at("now").as_int64()));
        auto id = std::string(object.at("id").as_string());
        auto verdict = door.AskWith(std::string(object.at("token").as_string()));
        // RFC 7515 demands it, though Clerk's own library lets that one pass.
        bool refuse = object.at("expect") == "invalid" || object.contains("engine_must") || id == "s55-crit";
        EXPECT_EQ(verdict.starts_with("user_"), !refuse)
            << id << " was " << verdict << ": " << object.at("why");
        EXPECT_NE(verdict, "keys_unavailable") << id;
        ++seen;
        accepted += verdict.starts_with("user_") ? 1 : 0;
    }
    EXPECT_EQ(seen, 62);
    EXPECT_EQ(accepted, 13);
}

TEST(ClerkAuthenticator, TheBearerBeatsTheCookie) {
    Door door(Issuer().PublicSet(), Rules());
    auto cookie = "a=b; __session=" + Token("user_cookie") + "; c=d";
    EXPECT_EQ(door.Ask({{"Cookie", cookie}}), "user_cookie");
    EXPECT_EQ(door.Ask({{"Cookie", "x=y"}, {"cookie", cookie}}), "user_cookie");
    EXPECT_EQ(door.Ask({{"Cookie", cookie}, {"Authorization", "Bearer " + Token("user_bearer")}}),
              "user_bearer");
    EXPECT_EQ(door.Ask({{"Cookie", cookie}, {"Authorization", "bEARER   " + Token("user_bearer") + " "}}),
              "user_bearer");
    EXPECT_EQ(door.Ask({{"Cookie", cookie}, {"Authorization", "Bearer nonsense"}}), "token_invalid");
    EXPECT_EQ(door.Ask({{"Cookie", cookie}, {"Authorization", "Bearer "}}), "unauthenticated");
    EXPECT_EQ(door.Ask({{"Cookie", cookie}, {"Authorization", "Basic dTpw"}}), "user_cookie");
}

TEST(ClerkAuthenticator, OnlyTheExactCookieIsACredential) {
    Door door(Issuer().PublicSet(), Rules());
    for (const char* name : {"__session_ab12", "x__session", "__client_uat", "__SESSION", "__session "}) {
        EXPECT_EQ(door.Ask({{"Cookie", std::string(name) + "=" + Token()}}), "unauthenticated") << name;
    }
    EXPECT_EQ(door.Ask({}), "unauthenticated");
    EXPECT_EQ(door.Ask({{"Cookie", "__session="}}), "unauthenticated");
}

TEST(ClerkAuthenticator, WithTheCookieAnUnsafeMethodNeedsAnOriginOfOurs) {
    Door door(Issuer().PublicSet(), Rules());
    http::Header cookie{"Cookie", "__session=" + Token()};
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "ODD"}) {
        EXPECT_EQ(door.Ask({cookie}, method), "origin_not_allowed") << method;
        for (const char* foreign : {"https://evil.example", "https://citadel.example.evil.example", "null",
                                    "https://citadel.example/", "HTTPS://CITADEL.EXAMPLE", ""}) {
            EXPECT_EQ(door.Ask({cookie, {"Origin", foreign}}, method), "origin_not_allowed") << foreign;
        }
        EXPECT_EQ(door.Ask({cookie, {"Origin", kOurs}}, method), "user_1");
        EXPECT_EQ(door.Ask({{"Authorization", "Bearer " + Token()}}, method), "user_1")
            << "no browser adds that";
    }
    for (const char* method : {"GET", "HEAD", "OPTIONS"}) EXPECT_EQ(door.Ask({cookie}, method), "user_1");
}

TEST(ClerkAuthenticator, WithoutConfiguredPartiesNoCookieChangesAnything) {
    auto rules = Rules();
    rules.authorized_parties.clear();
    Door door(Issuer().PublicSet(), rules);
    http::Header cookie{"Cookie", "__session=" + Token()};
    EXPECT_EQ(door.Ask({cookie, {"Origin", kOurs}}, "POST"), "origin_not_allowed");
    EXPECT_EQ(door.Ask({cookie, {"Origin", ""}}, "POST"), "origin_not_allowed");
    EXPECT_EQ(door.Ask({cookie}), "user_1");
}

TEST(ClerkAuthenticator, AnExpiredTokenIsToldFromAForgedOne) {
    Door door(Issuer().PublicSet(), Rules());
    EXPECT_EQ(door.AskWith(Token("user_1", seconds(64))), "user_1");
    EXPECT_EQ(door.AskWith(Token("user_1", seconds(65))), "token_expired");
    EXPECT_EQ(door.AskWith(Token("user_1", seconds(-6))), "token_invalid");
    EXPECT_EQ(door.AskWith(crypto::SigningKey::Generate("ins_ours").Sign({})), "token_invalid");
}

TEST(ClerkAuthenticator, TheWayBackFromStripeMayTakeTenMinutes) {
    Door door(Issuer().PublicSet(), Rules());
    auto cookie = [](seconds age) { return http::Header{"Cookie", "__session=" + Token("user_1", age)}; };
    EXPECT_EQ(door.AskOnReturn({cookie(seconds(60 + 604))}), "user_1");
    EXPECT_EQ(door.AskOnReturn({cookie(seconds(60 + 605))}), "token_expired");
    EXPECT_EQ(door.Ask({cookie(seconds(60 + 604))}), "token_expired");
    EXPECT_EQ(door.AskOnReturn({}), "unauthenticated");
}

TEST(ClerkAuthenticator, WithoutAnyKeysNobodyIsCalledAnImpostor) {
    Door door("this is no key set", Rules());
    EXPECT_EQ(door.AskWith(Token()), "keys_unavailable");
    EXPECT_EQ(door.Ask({}), "unauthenticated");
}

}  // namespace
}  // namespace citadel::auth
