// Started with nothing configured, the program brings its own PostgreSQL: what it acknowledged survives
// kill -9, and a second program on the same folder is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http.h"
#include "support/program.h"
#include "support/stories.h"
#include "support/temporary_folder.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");

Environment On(const TemporaryFolder& folder) {
    return {{"CITADEL_DATA_DIR", folder.path()},
            {"STRIPE_WEBHOOK_SECRET", kWebhookSecret},
            {"CITADEL_CLOCK", "fixed:" + FormatTime(kNow)},
            {"CITADEL_WORKERS", "0"},
            {"LOG_FORMAT", "json"},
            {"PORT", "0"}};
}

std::unique_ptr<Program> Serve(const TemporaryFolder& folder) {
    auto engine = std::make_unique<Program>(std::vector<std::string>{"serve"}, On(folder));
    engine->WaitUntilReady();
    return engine;
}

TEST(EmbeddedDatabase, KilledTogetherWithItsProgram_HasWhatWasAcknowledged) {
    TemporaryFolder folder;
    Story story(kNewShape, "acct_1", 1);
    Program add({"merchants", "add", "--account", "acct_1", "--name", "Test"}, On(folder));
    ASSERT_EQ(add.Wait(60s), 0) << add.Output();
    auto engine = Serve(folder);
    auto first = Deliver(engine->base(), {story.Tell({"invoice.payment_failed"})}, kNow, 1).front();
    EXPECT_EQ(ActionOf(first), "enqueued");
    engine->Kill();
    engine = Serve(folder);
    auto again = Deliver(engine->base(), {story.Tell({"invoice.payment_failed"})}, kNow, 1).front();
    EXPECT_EQ(ActionOf(again), "duplicate");
    engine->Signal(SIGTERM);
    EXPECT_EQ(engine->Wait(30s), 0) << engine->Output();
}

TEST(EmbeddedDatabase, ASecondProgramOnTheSameFolder_IsRefusedWithAWord) {
    TemporaryFolder folder;
    auto engine = Serve(folder);
    Program second({"serve"}, On(folder));
    EXPECT_EQ(second.Wait(30s), 2);
    EXPECT_THAT(second.Output(), ::testing::HasSubstr("CITADEL_DATA_DIR"));
    EXPECT_TRUE(engine->running());
    EXPECT_EQ(Get(engine->base() + "/readyz").status, 200);
    engine->Signal(SIGTERM);
    EXPECT_EQ(engine->Wait(30s), 0);
}

}  // namespace
}  // namespace citadel::testing
