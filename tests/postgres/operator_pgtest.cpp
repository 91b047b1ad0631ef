// Workers outside and the operator: one task to one caller, a completion that is told again, an erasure that
// leaves nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/admin.h"
#include "store/gauges.h"
#include "store/worker_api.h"
#include "support/tenants.h"

namespace citadel::testing {
namespace {

using store::LeaseVerdict;

class Operator : public ::testing::Test {
  protected:
    std::vector<store::OutsideTask> Claim(int limit = 100) {
        store::OutsideClaim claim;
        claim.limit = limit;
        claim.task_types = {"dunning_retry", "notify_action_required"};
        return t_.Do(store::ClaimAcrossMerchants(t_.worker_pool, claim, t_.now()));
    }
    static store::OutsideLease LeaseOf(const store::OutsideTask& task) {
        return {task.merchant, task.id, task.lease_token};
    }
    store::OutsideCompletion Complete(const store::OutsideTask& task, store::OutsideOutcome outcome) {
        return t_.Do(store::CompleteOutside(t_.worker_pool, LeaseOf(task), outcome, t_.now()));
    }
    static store::OutsideOutcome Recovered(std::int64_t amount) {
        return {.success = true, .recovered = Money{amount, "usd"}};
    }

    Tenants t_;
};

TEST_F(Operator, NoTwoCallersGetTheSameTask) {
    std::set<std::int64_t> ids;
    std::size_t claimed = 0;
    int ended = 0;
    for (int i = 0; i < 8; ++i) {
        store::OutsideClaim claim;
        claim.limit = 1;
        claim.task_types = {"dunning_retry"};
        boost::asio::co_spawn(t_.ingest.io, store::ClaimAcrossMerchants(t_.worker_pool, claim, t_.now()),
                              [&](std::exception_ptr failure, std::vector<store::OutsideTask> tasks) {
                                  EXPECT_FALSE(failure);
                                  for (const auto& task : tasks) ids.insert(task.id);
                                  claimed += tasks.size();
                                  ++ended;
                              });
    }
    t_.ingest.io.restart();
    while (ended < 8) t_.ingest.io.run_one();
    EXPECT_EQ(ids.size(), claimed);
    claimed += Claim().size();
    EXPECT_EQ(claimed, 6U);
    EXPECT_TRUE(Claim().empty());
}

TEST_F(Operator, AClaimIsFairBetweenMerchants) {
    std::map<std::int64_t, int> turns;
    for (const auto& task : Claim(4)) ++turns[task.merchant.id];
    EXPECT_EQ(turns, (std::map<std::int64_t, int>{{t_.mine.id, 2}, {t_.theirs.id, 2}}));
}

TEST_F(Operator, CompletingTwice_AnswersTheFirstAnswer) {
    auto task = Claim(1).at(0);
    auto first = Complete(task, Recovered(2000));
    EXPECT_EQ(first.status, "completed");
    EXPECT_EQ(first.recovery_status, "recovered");
    EXPECT_EQ(first.recovered, (Money{2000, "usd"}));
    auto state = StateOf(t_.sql());
    for (const auto& outcome : {Recovered(2000), store::OutsideOutcome{.error = "no"}}) {
        auto again = Complete(task, outcome);
        EXPECT_EQ(again.verdict, LeaseVerdict::kHeld);
        EXPECT_EQ(again.status, "completed");
        EXPECT_EQ(again.recovered, first.recovered);
    }
    EXPECT_EQ(StateOf(t_.sql()), state);
    t_.ExpectWholeState();
}

TEST_F(Operator, ALostLease_ChangesNothing) {
    auto task = Claim(1).at(0);
    t_.sql().Run(
        "update citadel.scheduled_tasks set lease_token = gen_random_uuid() where status = 'running'");
    auto state = StateOf(t_.sql());
    EXPECT_EQ(Complete(task, Recovered(2000)).verdict, LeaseVerdict::kLost);
    EXPECT_EQ(t_.Do(store::ExtendLease(t_.worker_pool, LeaseOf(task), t_.now())).verdict,
              LeaseVerdict::kLost);
    EXPECT_EQ(StateOf(t_.sql()), state);
    auto unknown = task;
    unknown.id = 999'999;
    EXPECT_EQ(Complete(unknown, Recovered(2000)).verdict, LeaseVerdict::kNoSuchTask);
    auto foreign = task;
    foreign.merchant = task.merchant == t_.mine ? t_.theirs : t_.mine;
    EXPECT_EQ(Complete(foreign, Recovered(2000)).verdict, LeaseVerdict::kNoSuchTask);
}

TEST_F(Operator, AHeartbeat_KeepsTheLease) {
    auto task = Claim(1).at(0);
    auto until = t_.now() + std::chrono::minutes(10);
    auto extended = t_.Do(store::ExtendLease(t_.worker_pool, LeaseOf(task), until));
    EXPECT_EQ(extended.verdict, LeaseVerdict::kHeld);
    EXPECT_EQ(extended.lease_expires_at, until);
}

TEST_F(Operator, ASuccessThatRecoversNothing_LeavesTheNextRunBehind) {
    auto task = Claim(1).at(0);
    store::OutsideOutcome outcome{.success = true, .run_again_at = t_.now() + std::chrono::hours(24)};
    auto completion = Complete(task, outcome);
    EXPECT_EQ(completion.recovery_status, "open");
    EXPECT_EQ(completion.runs_at, outcome.run_again_at);
    EXPECT_EQ(t_.CountOpenTasks(task.recovery->id), 1);
    t_.ExpectWholeState();
}

TEST_F(Operator, AFailure_RunsAgainOrEndsItsRecovery) {
    auto tasks = Claim();
    store::OutsideOutcome later{.error = "not yet", .run_again_at = t_.now() + std::chrono::minutes(5)};
    EXPECT_EQ(Complete(tasks.at(0), later).status, "pending");
    EXPECT_EQ(t_.StatusOf(tasks[0].recovery->id), "open");
    EXPECT_EQ(Complete(tasks.at(1), {.error = "never"}).status, "failed");
    EXPECT_EQ(t_.StatusOf(tasks[1].recovery->id), "stopped task_failed");
    t_.ExpectWholeState();
}

TEST_F(Operator, AnotherCurrency_IsRefusedAndChangesNothing) {
    auto task = Claim(1).at(0);
    auto state = StateOf(t_.sql());
    EXPECT_TRUE(Complete(task, {.success = true, .recovered = Money{2000, "eur"}}).wrong_currency);
    EXPECT_EQ(StateOf(t_.sql()), state);
    EXPECT_EQ(Complete(task, Recovered(2000)).status, "completed");
}

TEST_F(Operator, AnErasedMerchant_LeavesNoRow) {
    t_.sql().Run("update citadel.merchants set clerk_user_id = 'user_gone' where merchant_id = " +
                 std::to_string(t_.mine.id));
    auto claimed = Claim();
    Complete(claimed.at(0), Recovered(2000));
    auto theirs = StateOfAccount(t_.sql(), "acct_2");
    auto found = t_.Do(store::FindMerchantAcrossMerchants(t_.admin_pool, t_.mine.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key, t_.mine);
    EXPECT_GT(t_.Do(store::EraseMerchant(t_.admin_pool, t_.mine)), 9);
    for (const auto& table : t_.sql().Rows("select t::text from citadel.tenant_tables() t")) {
        EXPECT_EQ(t_.sql().Number(
                      fmt::format("select count(*) from {} where merchant_id = {}", table[0], t_.mine.id)),
                  0)
            << table[0];
    }
    EXPECT_EQ(StateOfAccount(t_.sql(), "acct_2"), theirs);
    EXPECT_FALSE(t_.Do(store::FindMerchantAcrossMerchants(t_.admin_pool, t_.mine.id)));
    t_.ingest.StoreAtOnce({Tenants::Told("acct_1", 9, "invoice.payment_failed")});
    EXPECT_EQ(t_.ingest.actions.back(), "ignored");
    for (const auto& task : claimed) {
        if (task.merchant == t_.mine)
            EXPECT_EQ(Complete(task, Recovered(1)).verdict, LeaseVerdict::kNoSuchTask);
    }
    t_.ExpectWholeState();
}

TEST_F(Operator, AllMerchantsAreListedPageByPage) {
    std::vector<std::int64_t> seen;
    MerchantKey after{-1, 0};
    for (int pages = 0; pages < 5; ++pages) {
        auto page = t_.Do(store::ListMerchantsForAdminAcrossMerchants(t_.admin_pool, after, 1));
        if (page.empty()) break;
        seen.push_back(page[0].key.id);
        after = page[0].key;
    }
    EXPECT_THAT(seen, ::testing::UnorderedElementsAre(t_.mine.id, t_.theirs.id));
}

TEST_F(Operator, TheAudit_CanBeWrittenAndNotUnwritten) {
    t_.Do(store::WriteAudit(t_.admin_pool, {"merchants.erase", "7", "done", "12 rows", "req_1", "127.0.0.1"},
                            t_.now()));
    EXPECT_EQ(t_.sql().Lines("select action, subject, outcome from citadel.admin_audit"),
              "merchants.erase | 7 | done\n");
    Sql admin(t_.database.url());
    admin.Run("set role citadel_admin");
    EXPECT_THROW(admin.Run("delete from citadel.admin_audit"), std::exception);
    EXPECT_THROW(admin.Run("update citadel.admin_audit set subject = ''"), std::exception);
}

TEST_F(Operator, Gauges_CountTheQueueAndTheDay) {
    t_.ingest.clock.Set(*ParseTime("2026-01-20T23:00:00Z"));
    t_.sql().Run("update citadel.scheduled_tasks set run_at = '2026-01-20 22:00+00'");
    auto gauges = t_.Do(store::ReadGaugesAcrossMerchants(t_.worker_pool, t_.now()));
    EXPECT_EQ(gauges.due, 6);
    EXPECT_EQ(gauges.failed, 6);
    EXPECT_EQ(gauges.oldest_due_age, std::chrono::hours(1));
}

}  // namespace
}  // namespace citadel::testing
