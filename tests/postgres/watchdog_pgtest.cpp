// The janitor's watch over the tasks that schedule themselves: each merchant has one digest to come, never
// two, whatever ends at the same moment.
#include <gtest/gtest.h>

#include "support/run.h"
#include "support/self_scheduled.h"
#include "support/state.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

constexpr const char* kNowhere = "http://127.0.0.1:9";
const Time kBegin = *ParseTime("2026-01-01T00:00:00Z");

TEST(Watchdog, RestoresWhatIsMissing_WithoutEverMakingTwo) {
    TestDatabase database;
    auto& sql = database.sql();
    AddMerchants(sql, "acct_", 300);
    sql.Run("update citadel.merchants set platform_customer_id = 'cus_1' where merchant_id % 7 = 0");
    SelfScheduledWork one(database.url(), kBegin, kNowhere);
    upkeep::JanitorOptions watchful;
    watchful.rounds_between_watches = 1;
    upkeep::Janitor first(one.io, one.pool, one.clock, watchful, [] {});
    upkeep::Janitor second(one.io, one.pool, one.clock, watchful, [] {});
    Random dice(9);
    for (int round = 0; round < 40; ++round) {
        sql.Run(fmt::format("delete from citadel.scheduled_tasks where (merchant_id + {}) % 3 = 0",
                            dice.Below(3)));
        runtime::Nursery both(one.io);
        auto run = [](upkeep::Janitor& janitor) { return janitor.RunOnce(); };
        std::vector<boost::asio::awaitable<upkeep::JanitorRound>> rounds;
        rounds.push_back(run(first));
        rounds.push_back(run(second));
        std::int64_t restored = 0;
        int ended = 0;
        for (auto& each : rounds) {
            boost::asio::co_spawn(one.io, std::move(each),
                                  [&](std::exception_ptr failure, upkeep::JanitorRound done) {
                                      EXPECT_FALSE(failure);
                                      restored += done.tasks_restored;
                                      ++ended;
                                  });
        }
        one.io.restart();
        while (ended < 2) one.io.run_one();
        EXPECT_GT(restored, 0);
        constexpr const char* kOpen =
            "select task_type, count(*), count(distinct merchant_id) from citadel.scheduled_tasks "
            "where status in ('pending', 'running') group by 1 order by 1";
        EXPECT_EQ(sql.Lines(kOpen), "report_usage | 1 | 1\nsend_weekly_digest | 300 | 300\n");
    }
}

TEST(Watchdog, AndTheEndOfATaskAtTheSameMoment_MakeOneSuccessor) {
    TestDatabase database;
    auto& sql = database.sql();
    AddMerchants(sql, "acct_", 100);
    SelfScheduledWork work(database.url(), kBegin, kNowhere);
    work.RunJanitor();
    for (int week = 0; week < 10; ++week) {
        work.clock.Set(*work.NextDue());
        bool watching = true;
        int rounds = 0;
        std::function<void()> watch = [&] {
            boost::asio::co_spawn(work.io,
                                  store::RestoreSelfScheduledAcrossMerchants(work.pool, work.clock.Now()),
                                  [&](std::exception_ptr failure, std::int64_t) {
                                      EXPECT_FALSE(failure);
                                      ++rounds;
                                      if (watching) watch();
                                  });
        };
        watch();
        work.RunDue();
        watching = false;
        Await(work.io, store::RestoreSelfScheduledAcrossMerchants(work.pool, work.clock.Now()));
        EXPECT_GT(rounds, 0);
        constexpr const char* kOpen =
            "select count(*), count(distinct merchant_id) from "
            "citadel.scheduled_tasks where status in ('pending', 'running')";
        EXPECT_EQ(sql.Lines(kOpen), "100 | 100\n");
    }
}

}  // namespace
}  // namespace citadel::testing
