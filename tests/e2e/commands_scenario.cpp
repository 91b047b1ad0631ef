// The program's commands as processes: exit codes, messages that name the setting, replay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/program.h"
#include "support/state.h"
#include "support/stories.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kEncryptionKey(64, 'a');

struct Ended {
    int exit_code = -1;
    std::string output;
};

Ended RunCitadel(std::vector<std::string> arguments, Environment environment) {
    Program program(std::move(arguments), std::move(environment));
    auto exit_code = program.Wait(std::chrono::seconds(60));
    return {exit_code.value_or(-1), program.Output()};
}

Environment On(TestDatabase& database) {
    return {{"DATABASE_URL", database.url()}, {"ENCRYPTION_KEY", kEncryptionKey}};
}

std::string WriteFile(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
    auto path = (folder.path() / name).string();
    std::ofstream(path) << text;
    return path;
}

TEST(Commands, HelpEndsWithSuccessAndWrongUsageWithTwo) {
    EXPECT_EQ(RunCitadel({"--help"}, {}).exit_code, 0);
    for (const char* command : {"serve", "worker", "migrate", "demo", "stripe-sim", "replay"}) {
        EXPECT_EQ(RunCitadel({command, "--help"}, {}).exit_code, 0) << command;
    }
    EXPECT_EQ(RunCitadel({}, {}).exit_code, 2);
    EXPECT_EQ(RunCitadel({"dance"}, {}).exit_code, 2);
    EXPECT_EQ(RunCitadel({"serve", "--prot", "1"}, {}).exit_code, 2);
}

TEST(Commands, WrongConfigurationEndsWithTwoAndNamesTheSetting) {
    TestDatabase database;
    auto environment = On(database);
    environment["PORT"] = "eighty";
    auto port = RunCitadel({"serve"}, environment);
    EXPECT_EQ(port.exit_code, 2);
    EXPECT_THAT(port.output, AllOf(HasSubstr("PORT"), HasSubstr("--port"), HasSubstr("eighty")));

    auto no_key = RunCitadel({"serve"}, {{"DATABASE_URL", database.url()}});
    EXPECT_EQ(no_key.exit_code, 2);
    EXPECT_THAT(no_key.output, HasSubstr("ENCRYPTION_KEY"));

    auto live = On(database);
    live["STRIPE_SECRET_KEY"] = "sk_live_x";
    live["CITADEL_CLOCK"] = "fixed:2026-01-01T00:00:00Z";
    auto moved_clock = RunCitadel({"serve"}, live);
    EXPECT_EQ(moved_clock.exit_code, 2);
    EXPECT_THAT(moved_clock.output,
                AllOf(HasSubstr("CITADEL_CLOCK"), ::testing::Not(HasSubstr("sk_live_x"))));
}

TEST(Commands, ServeRefusesASchemaThatIsNotItsOwn) {
    TestDatabase database;
    database.sql().Run("insert into citadel.schema_migrations (version, name) values (999, '0999_future')");
    auto newer = RunCitadel({"serve", "--port", "0"}, On(database));
    EXPECT_EQ(newer.exit_code, 2);
    EXPECT_THAT(newer.output, HasSubstr("999"));
    database.sql().Run("delete from citadel.schema_migrations where version > 1");
    auto older = RunCitadel({"serve", "--port", "0"}, On(database));
    EXPECT_EQ(older.exit_code, 2);
    EXPECT_THAT(older.output, HasSubstr("citadel migrate"));
}

TEST(Commands, MigrateListsAndAppliesOnce) {
    TestDatabase database;
    auto status = RunCitadel({"migrate", "--status"}, On(database));
    EXPECT_EQ(status.exit_code, 0);
    EXPECT_THAT(status.output, HasSubstr("applied  0001_tenants"));
    auto again = RunCitadel({"migrate"}, On(database));
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_THAT(again.output, HasSubstr("0 migrations applied now"));
}

TEST(Commands, AFileOfSettingsIsReadAndABadKeyNamed) {
    TestDatabase database;
    TemporaryFolder folder;
    auto good = WriteFile(folder, "good.toml", "database_url = \"" + database.url() + "\"\nport = 0\n");
    EXPECT_EQ(RunCitadel({"migrate", "--status", "--config", good}, {}).exit_code, 0);
    auto bad = WriteFile(folder, "bad.toml", "port = 1\nprot = 2\n");
    auto refused = RunCitadel({"serve", "--config", bad}, {});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.output, AllOf(HasSubstr("line 2"), HasSubstr("prot")));
}

class ReplayTest : public ::testing::TestWithParam<const char*> {};

// Both forms of a file, each twice: the second time changes nothing.
TEST_P(ReplayTest, FeedsEventsThroughTheSameRoadOnce) {
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", 1);
    Story story(GetParam(), "acct_1", 1);
    std::vector<std::string> events = {story.Tell({"invoice.payment_failed"}), story.Tell({"invoice.paid"})};
    TemporaryFolder folder;
    auto one_line = [](std::string text) {
        std::erase(text, '\n');
        return text;
    };
    auto lines = WriteFile(folder, "lines", one_line(events[0]) + "\n\n" + one_line(events[1]) + "\n");
    auto list = WriteFile(
        folder, "list", R"({"object":"list","has_more":false,"data":[)" + events[0] + "," + events[1] + "]}");

    auto first = RunCitadel({"replay", lines}, On(database));
    EXPECT_EQ(first.exit_code, 0) << first.output;
    EXPECT_THAT(first.output, HasSubstr("events      2"));
    auto state = StateOf(database.sql());
    EXPECT_THAT(state, HasSubstr("recovered"));
    auto second = RunCitadel({"replay", list}, On(database));
    EXPECT_EQ(second.exit_code, 0) << second.output;
    EXPECT_THAT(second.output, HasSubstr("duplicate   2"));
    EXPECT_EQ(StateOf(database.sql()), state);
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

INSTANTIATE_TEST_SUITE_P(BothShapes, ReplayTest, ::testing::Values(kOldShape, kNewShape),
                         [](const auto& shape) {
                             return std::string(shape.param == kOldShape ? "old" : "new");
                         });

TEST(Commands, ReplayTellsWhichEventItCannotRead) {
    TestDatabase database;
    TemporaryFolder folder;
    auto file = WriteFile(folder, "broken", "{\"id\":\"evt_1\"}\nnot json\n");
    auto result = RunCitadel({"replay", file}, On(database));
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("event 1:"), HasSubstr("event 2:"), HasSubstr("unreadable  2")));
    EXPECT_EQ(RunCitadel({"replay", "/nowhere/at/all"}, On(database)).exit_code, 2);
}

}  // namespace
}  // namespace citadel::testing
