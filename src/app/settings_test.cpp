#include "app/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "app/config.h"
#include "base/error.h"
#include "support/temporary_folder.h"

namespace citadel::app {
namespace {

// An environment variable for the length of a test.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }

  private:
    const char* name_;
};

class SettingsTest : public ::testing::Test {
  protected:
    SettingsTest() {
        for (const auto& setting : AllSettings()) unsetenv(setting.env);
    }
    std::string File(const std::string& text) {
        auto path = (folder.path() / "citadel.toml").string();
        std::ofstream(path) << text;
        return path;
    }
    // What ReadConfig says of the defaults with one value changed.
    static std::string RefusalOf(const std::string& env, const std::string& value) {
        return RefusalOf(Values{{env, value}});
    }
    static std::string RefusalOf(const Values& flags) {
        try {
            ReadConfig(Resolve(flags, ""));
        } catch (const Trouble& trouble) {
            EXPECT_EQ(trouble.kind(), TroubleKind::kConfiguration);
            return trouble.what();
        }
        return "";
    }
    static std::string RefusalOfFile(const std::string& path) {
        try {
            Resolve({}, path);
        } catch (const Trouble& trouble) {
            EXPECT_EQ(trouble.kind(), TroubleKind::kConfiguration);
            return trouble.what();
        }
        return "";
    }

    testing::TemporaryFolder folder;
};

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
    auto file = File("port = 1001\nhost = \"::1\"\n");
    EXPECT_EQ(Resolve({}, "").at("PORT"), "8080");
    EXPECT_EQ(Resolve({}, file).at("PORT"), "1001");
    Variable environment("PORT", "1002");
    EXPECT_EQ(Resolve({}, file).at("PORT"), "1002");
    EXPECT_EQ(Resolve({{"PORT", "1003"}}, file).at("PORT"), "1003");
    EXPECT_EQ(Resolve({{"PORT", "1003"}}, file).at("HOST"), "::1");
}

TEST_F(SettingsTest, AnEmptyVariableCountsAsNotSet) {
    Variable environment("PORT", "");
    EXPECT_EQ(Resolve({}, File("port = 1001\n")).at("PORT"), "1001");
}

TEST_F(SettingsTest, EverySettingHasOneFlagAndOneVariable) {
    std::set<std::string> flags, variables;
    for (const auto& setting : AllSettings()) {
        EXPECT_TRUE(variables.insert(setting.env).second) << setting.env;
        bool secret = std::string(setting.flag).empty();
        EXPECT_TRUE(secret || flags.insert(setting.flag).second) << setting.flag;
    }
}

TEST_F(SettingsTest, AFileThatIsWrongIsNamedWithItsLine) {
    EXPECT_TRUE(Has(RefusalOfFile(File("port = 1\nprot = 2\n")), "line 2: prot"));
    EXPECT_TRUE(Has(RefusalOfFile(File("port = \n")), "line 1"));
    EXPECT_TRUE(Has(RefusalOfFile(File("port = [1]\n")), "port must be"));
    EXPECT_TRUE(Has(RefusalOfFile("/nowhere/citadel.toml"), "/nowhere/citadel.toml"));
}

TEST_F(SettingsTest, TheDefaultsAreAllowed) {
    auto config = ReadConfig(Resolve({}, ""));
    EXPECT_TRUE(config.embedded());
    EXPECT_EQ(config.port, 8080);
    EXPECT_EQ(config.host, "127.0.0.1");
    EXPECT_EQ(config.stripe_api_base, "https://api.stripe.com");
    EXPECT_EQ(config.stripe_deadline.count(), 30'000);
    EXPECT_EQ(config.stripe_backoff.count(), 500);
}

TEST_F(SettingsTest, ARefusalNamesVariableFlagAndWhatIsExpected) {
    for (const char* port : {"", "x", "-1", "65536", "80 ", "8080.0"}) {
        auto refusal = RefusalOf("PORT", port);
        EXPECT_TRUE(Has(refusal, "PORT (--port) must be a whole number from 0 to 65535")) << refusal;
    }
    EXPECT_TRUE(Has(RefusalOf("CITADEL_WORKERS", "many"), "CITADEL_WORKERS (--workers)"));
    EXPECT_TRUE(
        Has(RefusalOf("CITADEL_MIGRATE", "perhaps"), "CITADEL_MIGRATE (--migrate) must be true or false"));
    EXPECT_TRUE(Has(RefusalOf("CITADEL_STATEMENTS", "none"), "prepared or unnamed"));
    EXPECT_TRUE(
        Has(RefusalOf("CITADEL_STRIPE_DEADLINE_MS", "30001"),
            "CITADEL_STRIPE_DEADLINE_MS (--stripe-deadline-ms) must be a whole number from 10 to 30000"));
    EXPECT_TRUE(Has(RefusalOf("CITADEL_STRIPE_BACKOFF_MS", "0"), "from 1 to 5000"));
    EXPECT_TRUE(Has(RefusalOf("LOG_LEVEL", "loud"), "LOG_LEVEL"));
    EXPECT_TRUE(Has(RefusalOf("LOG_FORMAT", "xml"), "LOG_FORMAT"));
    EXPECT_TRUE(Has(RefusalOf("CITADEL_CLOCK", "sundial"), "CITADEL_CLOCK"));
}

TEST_F(SettingsTest, PlainHttpGoesToLoopbackOnly) {
    for (const char* base :
         {"http://api.stripe.com", "http://127.0.0.1.evil.com", "http://localhost.evil.com",
          "ftp://127.0.0.1", "api.stripe.com", "http://10.0.0.1", ""}) {
        EXPECT_TRUE(Has(RefusalOf("STRIPE_API_BASE", base), "STRIPE_API_BASE (--stripe-api-base)")) << base;
    }
    for (const char* base :
         {"https://api.stripe.com", "http://127.0.0.1:12111", "http://localhost:1/", "http://[::1]:1"}) {
        EXPECT_EQ(RefusalOf("STRIPE_API_BASE", base), "") << base;
    }
}

TEST_F(SettingsTest, AnotherClockIsRefusedWithALiveKey) {
    for (const char* key : {"sk_live_1", "rk_live_1"}) {
        for (const char* clock : {"fixed:2026-01-01T00:00:00Z", "fast:2026-01-01T00:00:00Z:60"}) {
            auto refusal = RefusalOf({{"STRIPE_SECRET_KEY", key}, {"CITADEL_CLOCK", clock}});
            EXPECT_TRUE(Has(refusal, "CITADEL_CLOCK must be real")) << refusal;
            EXPECT_FALSE(Has(refusal, key)) << "a secret in a message";
        }
        EXPECT_EQ(RefusalOf({{"STRIPE_SECRET_KEY", key}}), "");
    }
    EXPECT_EQ(
        RefusalOf({{"STRIPE_SECRET_KEY", "sk_test_1"}, {"CITADEL_CLOCK", "fixed:2026-01-01T00:00:00Z"}}), "");
}

TEST_F(SettingsTest, EncryptionKeysAreSixtyFourHexCharactersAndNeverShown) {
    auto key = std::string(64, 'a');
    for (const std::string& bad : {std::string("abc"), std::string(63, 'a'), std::string(65, 'a'),
                                   std::string(64, 'g'), key + ",short", "k1:" + std::string(63, 'a')}) {
        auto refusal = RefusalOf("ENCRYPTION_KEY", bad);
        EXPECT_TRUE(Has(refusal, "ENCRYPTION_KEY must be 64 hex characters")) << bad;
        EXPECT_FALSE(Has(refusal, bad)) << "a secret in a message";
    }
    for (const std::string& good : {key, "k1:" + key, "k2:" + key + ", k1:" + key}) {
        EXPECT_EQ(RefusalOf("ENCRYPTION_KEY", good), "") << good;
    }
}

TEST_F(SettingsTest, ADatabaseOfOnesOwnNeedsAnEncryptionKey) {
    auto config = ReadConfig(Resolve({{"DATABASE_URL", "postgresql:///x"}}, ""));
    EXPECT_THROW(RequireForServing(config), Trouble);
    auto with_key = ReadConfig(
        Resolve({{"DATABASE_URL", "postgresql:///x"}, {"ENCRYPTION_KEY", std::string(64, 'a')}}, ""));
    EXPECT_NO_THROW(RequireForServing(with_key));
}

TEST_F(SettingsTest, TheIssuersKeysAreAtItsOwnAddressUnlessSaidOtherwise) {
    auto config = ReadConfig(Resolve({{"CLERK_ISSUER", "https://clerk.example/"}}, ""));
    EXPECT_EQ(config.clerk_issuer, "https://clerk.example");
    EXPECT_EQ(config.clerk_jwks_url, "https://clerk.example/.well-known/jwks.json");
    auto file = ReadConfig(
        Resolve({{"CLERK_ISSUER", "https://clerk.example"}, {"CLERK_JWKS_URL", "file:///keys.json"}}, ""));
    EXPECT_EQ(file.clerk_jwks_url, "file:///keys.json");
    EXPECT_TRUE(ReadConfig(Resolve({}, "")).clerk_jwks_url.empty());
    for (const char* bad : {"clerk.example", "http://clerk.example", "ftp://clerk.example"}) {
        EXPECT_TRUE(Has(RefusalOf("CLERK_ISSUER", bad), "CLERK_ISSUER")) << bad;
        EXPECT_TRUE(Has(RefusalOf("CLERK_JWKS_URL", bad), "CLERK_JWKS_URL")) << bad;
    }
    EXPECT_TRUE(Has(RefusalOf("CLERK_JWKS_URL", "file://relative.json"), "CLERK_JWKS_URL"));
}

TEST_F(SettingsTest, AuthorizedPartiesAreOriginsAsBrowsersWriteThem) {
    auto config =
        ReadConfig(Resolve({{"CLERK_AUTHORIZED_PARTIES", "https://app.example, http://localhost:8080"}}, ""));
    ASSERT_EQ(config.clerk_authorized_parties.size(), 2u);
    EXPECT_EQ(config.clerk_authorized_parties[1], "http://localhost:8080");
    for (const char* bad :
         {"app.example", "https://app.example/", "https://app.example/x", "https://a.example?b"})
        EXPECT_TRUE(Has(RefusalOf("CLERK_AUTHORIZED_PARTIES", bad), "origins such as")) << bad;
}

TEST_F(SettingsTest, AWebhookSecretOfClerkIsOneOfSvix) {
    EXPECT_EQ(RefusalOf("CLERK_WEBHOOK_SECRET", "whsec_dGVzdA==, whsec_b3RoZXI="), "");
    auto refusal = RefusalOf("CLERK_WEBHOOK_SECRET", "whsec_dGVzdA==,whsec_!!");
    EXPECT_TRUE(Has(refusal, "CLERK_WEBHOOK_SECRET must be"));
    EXPECT_FALSE(Has(refusal, "dGVzdA")) << "a secret in a message";
}

TEST_F(SettingsTest, TheLocalIssuerIsRefusedWhereRealUsersOrMoneyAre) {
    EXPECT_EQ(RefusalOf("CITADEL_LOCAL_ISSUER", "true"), "");
    for (auto [env, value] : {std::pair{"CLERK_ISSUER", "https://clerk.example"},
                              {"STRIPE_SECRET_KEY", "sk_live_1"},
                              {"HOST", "0.0.0.0"}}) {
        auto refusal = RefusalOf({{"CITADEL_LOCAL_ISSUER", "true"}, {env, value}});
        EXPECT_TRUE(Has(refusal, "CITADEL_LOCAL_ISSUER")) << env;
    }
}

TEST_F(SettingsTest, ThePublicAddressIsOneThatPathsCanBeAddedTo) {
    EXPECT_EQ(ReadConfig(Resolve({{"PUBLIC_URL", "http://app.internal/citadel/"}}, "")).public_url,
              "http://app.internal/citadel");
    for (const char* bad :
         {"app.example", "ftp://app.example", "https://app.example?x=y", "javascript:alert(1)"})
        EXPECT_TRUE(Has(RefusalOf("PUBLIC_URL", bad), "PUBLIC_URL")) << bad;
}

TEST_F(SettingsTest, WebhookSecretsAreAList) {
    auto config = ReadConfig(Resolve({{"STRIPE_WEBHOOK_SECRET", " whsec_a, whsec_b ,,"}}, ""));
    ASSERT_EQ(config.stripe_webhook_secrets.size(), 2u);
    EXPECT_EQ(config.stripe_webhook_secrets[0].Reveal(), "whsec_a");
    EXPECT_EQ(config.stripe_webhook_secrets[1].Reveal(), "whsec_b");
}

}  // namespace
}  // namespace citadel::app
