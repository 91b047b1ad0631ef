// Promise 1 and 2 under the hardest treatment: the process ends between any two steps of ingest, or at
// any instant at all, and Stripe sends again. What was answered 200 is there; the state is that of one
// clean delivery.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/random.h"
#include "support/http.h"
#include "support/program.h"
#include "support/state.h"
#include "support/stories.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");
constexpr int kMerchants = 8;

EngineSettings IngestOnly(const TestDatabase& database) {
    EngineSettings settings;
    settings.database_url = database.url();
    settings.clock = "fixed:" + FormatTime(kNow);
    return settings;
}

EngineSettings IngestOnly(const TestDatabase& database, const std::string& die_at) {
    auto settings = IngestOnly(database);
    settings.die_at = die_at;
    return settings;
}

// Stories that end in every way; each number is a customer of its own.
std::vector<std::string> Events(int stories) {
    static const std::vector<std::vector<Told>> kPlots = {
        {{"invoice.payment_failed"}},
        {{"invoice.payment_failed"}, {"invoice.payment_failed", 2}, {"invoice.paid", 3}},
        {{"invoice.payment_failed"}, {"invoice.voided"}},
        {{"invoice.payment_action_required"}, {"invoice.payment_failed"}},
        {{"invoice.payment_failed"}, {"customer.subscription.deleted"}},
        {{"invoice.payment_failed"}, {"invoice.paid"}, {"invoice.payment_succeeded"}, {"charge.refunded"}},
        {{"invoice.updated"}},
    };
    std::vector<std::string> events;
    for (int number = 0; number < stories; ++number) {
        auto shape = number % 2 ? kOldShape : kNewShape;
        auto account = "acct_" + std::to_string(number % kMerchants + 1);
        Story story(shape, account, number);
        for (const auto& told : kPlots[static_cast<std::size_t>(number) % kPlots.size()]) {
            events.push_back(story.Tell(told));
        }
    }
    return events;
}

std::string StateAfterOneCleanDelivery(const std::vector<std::string>& events) {
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", kMerchants);
    auto engine = StartEngine(IngestOnly(database));
    for (const auto& answer : Deliver(engine->base(), events, kNow, 16))
        EXPECT_EQ(answer.status, 200) << answer.body;
    return StateOf(database.sql());
}

std::string IdOf(const std::string& event) {
    auto begin = event.find("\"evt_") + 1;
    return event.substr(begin, event.find('"', begin) - begin);
}

// Ids of acknowledged events that the database does not know.
std::vector<std::string> Lost(Sql& sql, const std::vector<std::string>& events,
                              const std::vector<bool>& acknowledged) {
    std::vector<std::string> stored;
    for (const auto& row : sql.Rows("select event_id from citadel.processed_events"))
        stored.push_back(row[0]);
    std::sort(stored.begin(), stored.end());
    std::vector<std::string> lost;
    for (std::size_t i = 0; i < events.size(); ++i) {
        auto id = IdOf(events[i]);
        if (acknowledged[i] && !std::binary_search(stored.begin(), stored.end(), id)) lost.push_back(id);
    }
    return lost;
}

class IngestDiesAt : public ::testing::TestWithParam<const char*> {};

TEST_P(IngestDiesAt, AndARedeliveryGivesTheStateOfOneCleanDelivery) {
    auto events = Events(7);
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", kMerchants);
    std::vector<bool> acknowledged(events.size());
    auto healthy = StartEngine(IngestOnly(database));
    for (std::size_t i = 0; i < events.size(); ++i) {
        auto doomed = StartEngine(IngestOnly(database, GetParam()));
        auto answer = Deliver(doomed->base(), {events[i]}, kNow, 1).front();
        EXPECT_NE(answer.status, 200) << "it died before it could answer";
        EXPECT_EQ(doomed->Wait(10s), 137);
        acknowledged[i] = Deliver(healthy->base(), {events[i]}, kNow, 1).front().status == 200;
        EXPECT_TRUE(acknowledged[i]);
    }
    EXPECT_THAT(Lost(database.sql(), events, acknowledged), ::testing::IsEmpty());
    EXPECT_EQ(StateOf(database.sql()), StateAfterOneCleanDelivery(events));
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

INSTANTIATE_TEST_SUITE_P(EachStep, IngestDiesAt,
                         ::testing::Values("signature_checked", "event_received", "batch_committed"),
                         [](const auto& info) { return std::string(info.param); });

// Kills while events come in over several connections, at an instant nobody chose: inside a commit as
// likely as anywhere. Notes what had been acknowledged by then.
void DeliverUntilKilled(const TestDatabase& database, const std::vector<std::string>& events,
                        std::vector<bool>& acknowledged, Random& random) {
    auto engine = StartEngine(IngestOnly(database));
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!acknowledged[i]) open.push_back(i);
    }
    std::vector<std::string> bodies;
    for (auto i : open) bodies.push_back(events[i]);
    auto kill_after = 50 + random.Below(600);
    bool killed = false;
    auto answers = Deliver(engine->base(), bodies, kNow, 16, [&](std::size_t answered) {
        if (killed || answered < kill_after) return;
        killed = true;
        engine->Signal(SIGKILL);
    });
    for (std::size_t k = 0; k < open.size(); ++k) {
        if (answers[k].status == 200) acknowledged[open[k]] = true;
    }
    engine->Kill();
}

TEST(Ingest, KilledAtRandomInstantsUnderLoad_LosesNothingAndCountsNothingTwice) {
    auto events = Events(1400);
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", kMerchants);
    std::vector<bool> acknowledged(events.size());
    Random random(20260120);
    for (int round = 0; round < 6; ++round) {
        DeliverUntilKilled(database, events, acknowledged, random);
        EXPECT_THAT(Lost(database.sql(), events, acknowledged), ::testing::IsEmpty()) << "round " << round;
    }
    EXPECT_GT(std::count(acknowledged.begin(), acknowledged.end(), false), 0)
        << "all came through: no kill mattered";
    auto engine = StartEngine(IngestOnly(database));
    for (const auto& answer : Deliver(engine->base(), events, kNow, 16))
        EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(StateOf(database.sql()), StateAfterOneCleanDelivery(events));
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

TEST(Ingest, TheSameEventFiftyTimesAtOnce_IsTakenInOnce) {
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", 1);
    auto engine = StartEngine(IngestOnly(database));
    std::vector<std::string> same(50, Story(kNewShape, "acct_1", 1).Tell({"invoice.payment_failed"}));
    std::map<std::string, int> actions;
    for (const auto& answer : Deliver(engine->base(), same, kNow, 50)) ++actions[ActionOf(answer)];
    EXPECT_EQ(actions, (std::map<std::string, int>{{"enqueued", 1}, {"duplicate", 49}}));
    auto& sql = database.sql();
    EXPECT_EQ(sql.Number("select count(*) from citadel.scheduled_tasks"), 1);
    EXPECT_EQ(sql.Number("select count(*) from citadel.usage_logs"), 1);
    EXPECT_EQ(sql.Number("select sum(failed_count) from citadel.daily_metrics"), 1);
}

TEST(Ingest, TwoProcessesTakingInTheSameEventsAtOnce_GiveTheStateOfOneCleanDelivery) {
    auto events = Events(420);
    TestDatabase database;
    AddMerchants(database.sql(), "acct_", kMerchants);
    auto one = StartEngine(IngestOnly(database)), other = StartEngine(IngestOnly(database));
    auto reversed = events;
    std::reverse(reversed.begin(), reversed.end());
    std::vector<http::Answer> answers_of_other;
    std::thread thread([&] { answers_of_other = Deliver(other->base(), reversed, kNow, 24); });
    auto answers = Deliver(one->base(), events, kNow, 24);
    thread.join();
    std::map<std::string, std::size_t> actions;
    for (const auto& answer : answers) ++actions[ActionOf(answer)];
    for (const auto& answer : answers_of_other) ++actions[ActionOf(answer)];
    EXPECT_EQ(actions["duplicate"], events.size());
    EXPECT_EQ(actions[""], 0U);
    EXPECT_EQ(StateOf(database.sql()), StateAfterOneCleanDelivery(events));
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

}  // namespace
}  // namespace citadel::testing
