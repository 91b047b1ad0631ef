// citadel rotate-keys beside an engine that serves, and the key file of the embedded database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "app/identity.h"
#include "base/error.h"
#include "support/connected_engine.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string kOld = "default:" + std::string(64, 'a');
const std::string kNew = "k2:" + std::string(64, 'b');

struct Ran {
    int exit = -1;
    std::string output;
};

Ran Rotate(const std::string& url, const std::string& keys) {
    Program program({"rotate-keys"},
                    {{"DATABASE_URL", url}, {"ENCRYPTION_KEY", keys}, {"LOG_LEVEL", "warn"}});
    auto exit = program.Wait(30s);
    return {exit.value_or(-1), program.Output()};
}

class Rotating : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* user : {"user_a", "user_b", "user_c"})
            ASSERT_EQ(world.Connect(user, world.NewAccount()), "connected=true");
    }
    std::string Keys() {
        return world.sql().Lines(
            "select key_id, count(*) from citadel.stripe_credentials group by 1 order by 1");
    }
    ConnectedEngine world;
};

TEST_F(Rotating, ReencryptsEverythingWhileOthersServe) {
    world.Restart({{"ENCRYPTION_KEY", kNew + "," + kOld}});
    EXPECT_EQ(world.Connect("user_d", world.NewAccount()), "connected=true");
    EXPECT_EQ(Keys(), "default | 3\nk2 | 1\n");
    auto ran = Rotate(world.database_url(), kNew + "," + kOld);
    EXPECT_EQ(ran.exit, 0) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr("3 secrets are now under key \"k2\""));
    EXPECT_EQ(Keys(), "k2 | 4\n");
    EXPECT_THAT(Rotate(world.database_url(), kNew + "," + kOld).output, HasSubstr("0 secrets are now"));
    EXPECT_EQ(world.Connect("user_e", world.NewAccount()), "connected=true") << "it served all the while";
    // The old key can go; an engine that has only that one does not start.
    world.Restart({{"ENCRYPTION_KEY", kNew}});
    Program late({"serve"}, {{"DATABASE_URL", world.database_url()},
                             {"ENCRYPTION_KEY", kOld},
                             {"PORT", "0"},
                             {"CITADEL_WORKERS", "0"}});
    EXPECT_EQ(late.Wait(20s), 2);
    EXPECT_THAT(late.Output(), HasSubstr("ENCRYPTION_KEY must list the key \"k2\": 5 stored secrets"));
}

TEST_F(Rotating, GoesOnWhereItStoppedAndSaysWhatItCannotOpen) {
    world.sql().Run(
        "update citadel.stripe_credentials set sealed_access = reverse(sealed_access) "
        "where merchant_id = (select max(merchant_id) from citadel.stripe_credentials)");
    auto ran = Rotate(world.database_url(), kNew + "," + kOld);
    EXPECT_EQ(ran.exit, 1);
    EXPECT_THAT(ran.output, HasSubstr("2 secrets are now under key \"k2\""));
    EXPECT_THAT(ran.output, HasSubstr("1 could not be opened"));
    EXPECT_EQ(Keys(), "default | 1\nk2 | 2\n") << "what cannot be opened is left as it is";
    auto without = Rotate(world.database_url(), "k3:" + std::string(64, 'c'));
    EXPECT_EQ(without.exit, 1);
    EXPECT_THAT(without.output, HasSubstr("ENCRYPTION_KEY must list the key \"k2\""));
}

TEST(EmbeddedKey, IsMadeOnceReadableByItsOwnerOnlyAndKept) {
    TemporaryFolder folder;
    app::Config config;
    config.data_dir = folder.path() / "data";
    auto first = app::LoadEncryptionKeys(config);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].id, "embedded");
    auto file = config.data_dir / "encryption.key";
    struct stat status{};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_TRUE(app::LoadEncryptionKeys(config)[0].bytes.Equals(first[0].bytes.Reveal()));
    config.encryption_keys = crypto::ParseEncryptionKeys(kNew);
    auto both = app::LoadEncryptionKeys(config);
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].id, "k2") << "what is configured seals, what is there still opens";
    EXPECT_EQ(both[1].id, "embedded");
    chmod(file.c_str(), 0644);
    EXPECT_THROW(app::LoadEncryptionKeys(config), Trouble);
    chmod(file.c_str(), 0600);
    std::filesystem::resize_file(file, 10);
    EXPECT_THROW(app::LoadEncryptionKeys(config), Trouble);
}

TEST(EmbeddedKey, WithADatabaseOfOnesOwnThereIsNone) {
    app::Config config;
    config.database_url = "postgresql:///x";
    EXPECT_TRUE(app::LoadEncryptionKeys(config).empty());
}

}  // namespace
}  // namespace citadel::testing
