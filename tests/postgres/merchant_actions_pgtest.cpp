// What merchants do by hand keeps what always holds: the books balance, nothing stays open that nobody will
// look at again, the plan's limits hold under many calls at once, and a stop is a stop.
#include <gtest/gtest.h>

#include "store/activity.h"
#include "store/charges.h"
#include "store/recoveries_view.h"
#include "store/recovery_actions.h"
#include "store/tasks.h"
#include "store/tasks_api.h"
#include "support/tenants.h"

namespace citadel::testing {
namespace {

using store::ActionVerdict;
using store::TaskVerdict;

class MerchantActions : public ::testing::Test {
  protected:
    ActionVerdict Stop(std::int64_t recovery) {
        return t_.Do(store::StopByMerchant(pool_, t_.mine, recovery, t_.now()));
    }
    ActionVerdict Collect(std::int64_t recovery) {
        return t_.Do(store::CollectNow(pool_, t_.mine, recovery, t_.now()));
    }
    TaskVerdict Create(std::int64_t recovery, const char* type = "notify_action_required") {
        return t_.Do(store::CreateTask(pool_, t_.mine, type, {recovery, ""}, t_.now())).verdict;
    }
    TaskVerdict Retry(std::int64_t task) {
        return t_.Do(store::RetryTask(pool_, t_.mine, task, t_.now())).verdict;
    }
    TaskVerdict Delete(std::int64_t task) { return t_.Do(store::DeleteTask(pool_, t_.mine, task, t_.now())); }
    void SetPlan(int mails, int queue) {
        t_.sql().Run(
            fmt::format("update citadel.plans set mails_per_month = {}, queue_limit = {} where tier = 'PRO'",
                        mails, queue));
    }
    std::vector<store::Work> ClaimAll() {
        store::ClaimOrder order;
        order.now = t_.now();
        order.limit = 100;
        order.limit_per_merchant = 100;
        return t_.Do(store::ClaimDueTasks(t_.worker_pool, order));
    }
    store::Work ClaimTaskOf(std::int64_t recovery) {
        for (auto& work : ClaimAll()) {
            if (work.recovery.id == recovery) return work;
        }
        throw std::runtime_error("its task was not claimed");
    }

    Tenants t_;
    postgres::Pool& pool_ = t_.tenant_pool;
};

TEST_F(MerchantActions, AStop_ClosesBooksAndTakesWhatWaits) {
    auto recovery = t_.Recovery(t_.mine);
    EXPECT_EQ(Stop(recovery), ActionVerdict::kDone);
    EXPECT_EQ(t_.StatusOf(recovery), "stopped stopped_by_merchant");
    EXPECT_EQ(t_.CountOpenTasks(recovery), 0);
    auto books = t_.sql().Lines("select sum(stopped_count) from citadel.daily_metrics");
    EXPECT_EQ(books, "1\n");
    EXPECT_EQ(Stop(recovery), ActionVerdict::kDone);
    EXPECT_EQ(t_.sql().Lines("select sum(stopped_count) from citadel.daily_metrics"), books);
    EXPECT_EQ(Collect(recovery), ActionVerdict::kClosed);
    t_.ExpectWholeState();
}

TEST_F(MerchantActions, AfterAStop_NoChargeOfThatInvoiceCanBeCommitted) {
    auto recovery = t_.Recovery(t_.mine);
    auto work = ClaimTaskOf(recovery);
    EXPECT_EQ(Stop(recovery), ActionVerdict::kDone);
    store::ChargeIntent intent;
    intent.task = work.task;
    intent.recovery_id = recovery;
    intent.amount = work.recovery.due;
    intent.card = {"pm_card", "fingerprint", "visa"};
    intent.limits = {{"visa", std::chrono::hours(720), 21, false, true}};
    auto opened = t_.Do(store::OpenCharges(t_.worker_pool, {intent}, t_.now()));
    EXPECT_FALSE(opened.at(0).slot);
    EXPECT_EQ(t_.sql().Number("select count(*) from citadel.payment_attempts"), 0);
}

TEST_F(MerchantActions, MoneyThatComesInAfterAStop_StillCounts) {
    auto recovery = t_.Recovery(t_.mine);
    EXPECT_EQ(Stop(recovery), ActionVerdict::kDone);
    t_.ingest.StoreAtOnce({Tenants::Told("acct_1", 1, "invoice.paid")});
    EXPECT_EQ(t_.StatusOf(recovery), "recovered paid");
    EXPECT_EQ(Stop(recovery), ActionVerdict::kClosed);
    t_.ExpectWholeState();
}

TEST_F(MerchantActions, CollectNow_MakesItsTaskDueAndSaysSo) {
    auto recovery = t_.Recovery(t_.mine);
    t_.sql().Run("update citadel.scheduled_tasks set run_at = '2026-03-01'");
    EXPECT_EQ(Collect(recovery), ActionVerdict::kDone);
    EXPECT_EQ(
        t_.sql().Number(fmt::format("select count(*) from citadel.scheduled_tasks where recovery_id = {} and "
                                    "status = 'pending' and run_at < '2026-02-01'",
                                    recovery)),
        1);
    EXPECT_EQ(t_.sql().Number("select count(*) from citadel.recoveries where collect_now_at is not null"), 1);
}

TEST_F(MerchantActions, CollectNow_IsRefusedWhereNothingMayBeCharged) {
    auto recovery = t_.Recovery(t_.mine);
    auto set = [&](const char* table, const char* what) {
        t_.sql().Run(fmt::format("update citadel.{} set {} where merchant_id = {}", table, what, t_.mine.id));
    };
    set("recoveries", "budget_free_at = '2030-01-01'");
    EXPECT_EQ(Collect(recovery), ActionVerdict::kNetworkLimit);
    set("recoveries", "needs_customer = true");
    EXPECT_EQ(Collect(recovery), ActionVerdict::kCustomerNeeded);
    set("stripe_accounts", "disconnected_at = now()");
    EXPECT_EQ(Collect(recovery), ActionVerdict::kNotConnected);
    set("merchants", "retry_mode = 'observe'");
    EXPECT_EQ(Collect(recovery), ActionVerdict::kObserveOnly);
    EXPECT_EQ(t_.sql().Number("select count(*) from citadel.recoveries where collect_now_at is not null"), 0);
}

TEST_F(MerchantActions, TasksAreMadeWithinThePlan) {
    auto recovery = t_.Recovery(t_.mine);
    EXPECT_EQ(Create(recovery, "dunning_retry"), TaskVerdict::kExists);
    SetPlan(0, 100);
    EXPECT_EQ(Create(recovery), TaskVerdict::kUsageLimit);
    SetPlan(20, 3);  // three wait already
    EXPECT_EQ(Create(recovery), TaskVerdict::kQueueLimit);
    SetPlan(20, 4);
    EXPECT_EQ(Create(recovery), TaskVerdict::kDone);
    EXPECT_EQ(Create(t_.Recovery(t_.mine, 2)), TaskVerdict::kQueueLimit);
    SetPlan(20, 5);
    EXPECT_EQ(Create(recovery), TaskVerdict::kExists);
    EXPECT_EQ(Stop(t_.Recovery(t_.mine, 3)), ActionVerdict::kDone);
    EXPECT_EQ(Create(t_.Recovery(t_.mine, 3)), TaskVerdict::kRecoveryClosed);
    t_.ExpectWholeState();
}

TEST_F(MerchantActions, TwoCallsAtOnce_CannotBothTakeTheLastPlace) {
    SetPlan(20, 4);
    std::vector<TaskVerdict> verdicts;
    for (int n = 1; n <= 3; ++n) {
        auto work = store::CreateTask(pool_, t_.mine, "notify_action_required", {t_.Recovery(t_.mine, n), ""},
                                      t_.now());
        boost::asio::co_spawn(t_.ingest.io, std::move(work),
                              [&](std::exception_ptr failure, store::TaskChange change) {
                                  EXPECT_FALSE(failure);
                                  verdicts.push_back(change.verdict);
                              });
    }
    t_.ingest.io.restart();
    while (verdicts.size() < 3) t_.ingest.io.run_one();
    EXPECT_EQ(std::count(verdicts.begin(), verdicts.end(), TaskVerdict::kDone), 1);
}

TEST_F(MerchantActions, DeletingTheLastWaitingTask_StopsItsRecovery) {
    auto recovery = t_.Recovery(t_.mine);
    EXPECT_EQ(Delete(t_.Task(t_.mine)), TaskVerdict::kDone);
    EXPECT_EQ(t_.StatusOf(recovery), "stopped stopped_by_merchant");
    t_.ExpectWholeState();
    auto other = t_.Recovery(t_.mine, 2);
    EXPECT_EQ(Create(other), TaskVerdict::kDone);
    auto page = t_.Do(store::ListTasks(pool_, t_.mine, {}, {}));
    EXPECT_EQ(Delete(page.rows.front().id), TaskVerdict::kDone);
    EXPECT_EQ(t_.StatusOf(other), "open");
}

TEST_F(MerchantActions, ARunningTask_IsNeitherDeletedNorRetried) {
    auto work = ClaimTaskOf(t_.Recovery(t_.mine));
    EXPECT_EQ(Delete(work.task.id), TaskVerdict::kRunning);
    EXPECT_EQ(Retry(work.task.id), TaskVerdict::kRunning);
    EXPECT_EQ(t_.Do(store::ReadTask(pool_, t_.mine, work.task.id))->status, "running");
}

TEST_F(MerchantActions, RetryingAFailedTask_OpensWhatItsFailureStopped) {
    auto recovery = t_.Recovery(t_.mine);
    auto work = ClaimTaskOf(recovery);
    t_.ingest.clock.Advance(std::chrono::hours(1));
    t_.sql().Run("update citadel.scheduled_tasks set tries = 5 where status = 'running'");
    t_.Do(store::RescueExpiredAcrossMerchants(t_.worker_pool, t_.now(), 5));
    EXPECT_EQ(t_.StatusOf(recovery), "stopped task_failed");
    EXPECT_EQ(Retry(work.task.id), TaskVerdict::kDone);
    EXPECT_EQ(t_.StatusOf(recovery), "open");
    EXPECT_EQ(t_.Do(store::ReadTask(pool_, t_.mine, work.task.id))->status, "pending");
    EXPECT_EQ(t_.sql().Lines("select sum(stopped_count) from citadel.daily_metrics where merchant_id = " +
                             std::to_string(t_.mine.id)),
              "2\n");  // the two others, whose tasks failed as well
    t_.ExpectWholeState();
}

TEST_F(MerchantActions, AStopSignalThatCameLater_ForbidsTheRetry) {
    auto recovery = t_.Recovery(t_.mine);
    auto work = ClaimTaskOf(recovery);
    t_.ingest.clock.Advance(std::chrono::hours(1));
    t_.sql().Run("update citadel.scheduled_tasks set tries = 5 where status = 'running'");
    t_.Do(store::RescueExpiredAcrossMerchants(t_.worker_pool, t_.now(), 5));
    t_.ingest.StoreAtOnce({Tenants::Told("acct_1", 1, "invoice.voided")});
    EXPECT_EQ(t_.StatusOf(recovery), "stopped voided");
    EXPECT_EQ(Retry(work.task.id), TaskVerdict::kRecoveryClosed);
}

TEST_F(MerchantActions, AWaitingTask_IsHastened) {
    t_.sql().Run("update citadel.scheduled_tasks set run_at = '2026-03-01'");
    EXPECT_EQ(Retry(t_.Task(t_.mine)), TaskVerdict::kDone);
    EXPECT_EQ(t_.Do(store::ReadTask(pool_, t_.mine, t_.Task(t_.mine)))->run_at, t_.now());
}

TEST_F(MerchantActions, CompletedTasks_AreForgottenAndNoOthers) {
    t_.sql().Run(
        "update citadel.scheduled_tasks set status = 'completed', finished_at = now() where task_id in "
        "(select min(task_id) from citadel.scheduled_tasks group by merchant_id)");
    EXPECT_EQ(t_.Do(store::DeleteCompletedTasks(pool_, t_.mine)), 1);
    EXPECT_EQ(t_.sql().Number("select count(*) from citadel.scheduled_tasks"), 5);
    EXPECT_EQ(t_.Do(store::DeleteCompletedTasks(pool_, t_.mine)), 0);
}

TEST_F(MerchantActions, PagesShowEachRowOnce) {
    std::vector<std::int64_t> seen;
    store::PageOrder order{.limit = 2};
    for (int pages = 0; pages < 5; ++pages) {
        auto page = t_.Do(store::ListTasks(pool_, t_.mine, {}, order));
        for (const auto& task : page.rows) seen.push_back(task.id);
        if (!page.has_more) break;
        order.before = page.next;
    }
    EXPECT_EQ(seen, (std::vector{t_.Task(t_.mine, 3), t_.Task(t_.mine, 2), t_.Task(t_.mine, 1)}));
    auto closed = t_.Recovery(t_.mine, 2);
    EXPECT_EQ(Stop(closed), ActionVerdict::kDone);
    auto stopped = t_.Do(store::ListRecoveries(pool_, t_.mine, "stopped", {}));
    ASSERT_EQ(stopped.rows.size(), 1U);
    EXPECT_EQ(stopped.rows[0].id, closed);
    auto activity = t_.Do(store::ListActivity(pool_, t_.mine, "stopped", {}));
    ASSERT_EQ(activity.rows.size(), 1U);
    EXPECT_EQ(activity.rows[0].recovery_id, closed);
    EXPECT_FALSE(activity.has_more);
}

TEST_F(MerchantActions, ATimeline_TellsWhatHappenedInOrder) {
    auto recovery = t_.Recovery(t_.mine);
    EXPECT_EQ(Stop(recovery), ActionVerdict::kDone);
    auto story = t_.Do(store::ReadRecoveryStory(pool_, t_.mine, recovery));
    ASSERT_TRUE(story);
    std::string told;
    for (const auto& entry : story->timeline)
        told += entry.kind + " " + entry.name + ": " + entry.reason + "\n";
    EXPECT_EQ(told,
              "event invoice.payment_failed: the payment failed: recovery opened\n"
              "decision stop: stopped by hand\n");
}

}  // namespace
}  // namespace citadel::testing
