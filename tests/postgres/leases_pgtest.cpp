// Promise 7: a lease fences. Whoever lost it changes nothing any more; whoever crashes with it gives it
// back by its own expiry, and work that always crashes its worker ends with a reason. Promise 4's heart
// is here too: a stop signal that committed first forbids charge and mail, even in the middle of a lock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "store/charges.h"
#include "store/mails.h"
#include "store/tasks.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"
#include "upkeep/janitor.h"

namespace citadel::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");

class Leases : public ::testing::Test {
  protected:
    Leases() {
        AddMerchants(database_.sql(), "acct_", 1);
        ingest_.StoreAtOnce({story_.Tell({"invoice.payment_failed"})});
    }

    store::Work Claim() {
        store::ClaimOrder order;
        order.now = ingest_.clock.Now();
        auto claimed = Await(ingest_.io, store::ClaimDueTasks(ingest_.pool, order));
        EXPECT_EQ(claimed.size(), 1U);
        return claimed.at(0);
    }

    upkeep::JanitorRound RunJanitor() {
        upkeep::Janitor janitor(ingest_.io, ingest_.pool, ingest_.clock, {}, [] {});
        return Await(ingest_.io, janitor.RunOnce());
    }

    // The same task, first in the hands of a worker that fell asleep, then in another's.
    store::Work LoseLease() {
        auto lost = Claim();
        ingest_.clock.Advance(3min);
        EXPECT_EQ(RunJanitor().rescued.returned, 1);
        return lost;
    }

    static store::ChargeIntent ChargeOf(const store::Work& work) {
        store::ChargeIntent intent;
        intent.task = work.task;
        intent.recovery_id = work.recovery.id;
        intent.amount = work.recovery.due;
        intent.card = {"pm_card", "fingerprint", "visa"};
        intent.limits = {{"visa", std::chrono::hours(720), 21, false, true}};
        return intent;
    }

    static store::MailIntent Letter() {
        store::MailIntent mail;
        mail.kind = "payment_failed";
        mail.to = "payer@example.com";
        return mail;
    }

    std::optional<store::ChargeSlot> OpenCharge(const store::Work& work) {
        std::vector<store::ChargeIntent> batch{ChargeOf(work)};
        return Await(ingest_.io, store::OpenCharges(ingest_.pool, std::move(batch), ingest_.clock.Now()))
            .at(0)
            .slot;
    }

    bool AskAgain(const store::Work& work) {
        return Await(ingest_.io,
                     store::AskAgain(ingest_.pool, work.task, work.recovery.id, 1, ingest_.clock.Now()));
    }

    bool IntendMail(const store::Work& work) {
        auto permit = Await(ingest_.io, store::IntendMail(ingest_.pool, work.task, work.recovery.id, Letter(),
                                                          ingest_.clock.Now()));
        return permit.verdict == store::MailVerdict::kStored;
    }

    store::SettleVerdict SettleAsRecovered(const store::Work& work) {
        store::Settlement settlement;
        settlement.task = work.task;
        settlement.recovery_id = work.recovery.id;
        settlement.recovery_end = store::RecoveryEnd::kRecovered;
        settlement.reason = "paid";
        settlement.cause = "retry";
        settlement.recovered = 2000;
        settlement.decisions.push_back({"charge", "test", "test", std::nullopt});
        settlement.next_task_type = store::kDunningRetry;
        settlement.next_run_at = ingest_.clock.Now();
        std::vector<store::Settlement> batch{settlement};
        return Await(ingest_.io, store::SettleTasks(ingest_.pool, std::move(batch), ingest_.clock.Now()))
            .at(0);
    }

    // Every row of every table that a task may change, as it is.
    std::string AllRows() {
        std::string text;
        for (const char* table : {"recoveries", "scheduled_tasks", "payment_attempts", "recovery_decisions",
                                  "emails", "usage_logs", "daily_metrics"}) {
            text += database_.sql().Lines(std::string("select to_jsonb(t) from citadel.") + table +
                                          " t order by 1");
        }
        return text;
    }

    TestDatabase database_;
    Ingest ingest_{database_.url(), kNow};
    Story story_{kNewShape, "acct_1", 1};
};

TEST_F(Leases, WhoLostItsLease_ChangesNothing) {
    auto lost = LoseLease();
    auto held = Claim();
    ASSERT_EQ(held.task.id, lost.task.id);
    auto before = AllRows();
    EXPECT_EQ(SettleAsRecovered(lost), store::SettleVerdict::kLeaseLost);
    EXPECT_FALSE(OpenCharge(lost));
    EXPECT_FALSE(IntendMail(lost));
    Await(ingest_.io, store::ReleaseTask(ingest_.pool, lost.task));
    EXPECT_EQ(AllRows(), before);
    EXPECT_EQ(SettleAsRecovered(held), store::SettleVerdict::kSettled);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

TEST_F(Leases, AnExpiredLeaseThatNobodyTookYet_OpensNoCharge) {
    auto work = Claim();
    ingest_.clock.Advance(3min);
    EXPECT_FALSE(OpenCharge(work));
}

TEST_F(Leases, ASlotInDoubtIsAskedAgainByTheLeasesHolderAlone_AndTheTimesAreKept) {
    ASSERT_TRUE(OpenCharge(Claim()));
    ingest_.clock.Advance(3min);
    RunJanitor();
    auto lost = LoseLease();
    auto held = Claim();
    auto now = ingest_.clock.Now();
    EXPECT_FALSE(AskAgain(lost));
    EXPECT_TRUE(AskAgain(held));
    EXPECT_TRUE(AskAgain(held));
    ingest_.clock.Advance(3min);
    RunJanitor();
    auto again = Claim();
    ASSERT_TRUE(again.unsettled);
    EXPECT_EQ(again.unsettled->asked_again_at, (std::vector<Time>{now, now}));
    EXPECT_EQ(again.unsettled->intended_at, kNow);
}

TEST_F(Leases, TheJanitorForgetsTasksThatEndedLongAgo_AndNoOthers) {
    EXPECT_EQ(SettleAsRecovered(Claim()), store::SettleVerdict::kSettled);
    ingest_.clock.Advance(std::chrono::days(60));
    Story later(kNewShape, "acct_1", 2);
    ingest_.StoreAtOnce({later.Tell({"invoice.payment_failed"})});
    ingest_.clock.Advance(std::chrono::days(30));
    EXPECT_EQ(RunJanitor().tasks_dropped, 0) << "to the day";
    ingest_.clock.Advance(1s);
    EXPECT_EQ(RunJanitor().tasks_dropped, 1);
    EXPECT_EQ(
        database_.sql().Lines("select status from citadel.scheduled_tasks where recovery_id is not null"),
        "pending\n");
    EXPECT_EQ(RunJanitor().tasks_dropped, 0);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

// Else a task that can do nothing would be made with every round of the janitor, for ever.
TEST_F(Leases, ASlotInDoubtOfAMerchantWhoLeft_WaitsForHisReturn) {
    auto work = Claim();
    ASSERT_TRUE(OpenCharge(work));
    ingest_.StoreAtOnce({story_.Tell({"account.application.deauthorized"})});
    store::Settlement done;
    done.task = work.task;
    done.recovery_id = work.recovery.id;
    Await(ingest_.io, store::SettleTasks(ingest_.pool, {done}, ingest_.clock.Now()));
    ingest_.clock.Advance(24h);
    EXPECT_EQ(RunJanitor().doubts_queued, 0);
    database_.sql().Run("update citadel.stripe_accounts set disconnected_at = null");
    EXPECT_EQ(RunJanitor().doubts_queued, 1);
    EXPECT_TRUE(Claim().unsettled);
}

TEST_F(Leases, ALeaseIsSettledOnce) {
    auto work = Claim();
    EXPECT_EQ(SettleAsRecovered(work), store::SettleVerdict::kSettled);
    auto before = AllRows();
    EXPECT_EQ(SettleAsRecovered(work), store::SettleVerdict::kLeaseLost);
    EXPECT_EQ(AllRows(), before);
}

TEST_F(Leases, TheJanitorLeavesALeaseThatStillRuns) {
    Claim();
    ingest_.clock.Advance(119s);
    EXPECT_EQ(RunJanitor().rescued.returned, 0);
    ingest_.clock.Advance(1s);
    EXPECT_EQ(RunJanitor().rescued.returned, 1);
}

TEST_F(Leases, WorkThatAlwaysCrashesItsWorker_EndsWithAReasonAndStrandsNothing) {
    for (int round = 1; round <= 5; ++round) {
        EXPECT_EQ(Claim().task.tries, round);
        ingest_.clock.Advance(3min);
        auto rescued = RunJanitor().rescued;
        EXPECT_EQ(rescued.returned, round < 5 ? 1 : 0);
        EXPECT_EQ(rescued.failed, round < 5 ? 0 : 1);
    }
    auto& sql = database_.sql();
    EXPECT_EQ(sql.Lines("select status, result from citadel.scheduled_tasks where recovery_id is not null"),
              "failed | its worker was lost 5 times\n");
    EXPECT_EQ(sql.Lines("select status, reason from citadel.recoveries"), "stopped | task_failed\n");
    EXPECT_EQ(Stranded(sql), 0);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

TEST_F(Leases, AHandedBackTask_IsAsIfItHadNeverBeenClaimed) {
    auto before = AllRows();
    auto work = Claim();
    Await(ingest_.io, store::ReleaseTask(ingest_.pool, work.task));
    EXPECT_EQ(AllRows(), before);
}

struct Signal {
    const char* name;
    Told told;
};

class StopSignal : public Leases, public ::testing::WithParamInterface<Signal> {};

TEST_P(StopSignal, CommittedAfterTheClaim_ForbidsChargeAndMail) {
    auto work = Claim();
    ingest_.StoreAtOnce({story_.Tell(GetParam().told)});
    EXPECT_NE(database_.sql().Text("select status from citadel.recoveries"), "open");
    EXPECT_FALSE(OpenCharge(work));
    EXPECT_FALSE(IntendMail(work));
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.payment_attempts"), 0);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.emails"), 0);
}

TEST_P(StopSignal, CommittedWhileAChargeIsInDoubt_ForbidsToSendItAgain) {
    auto work = Claim();
    ASSERT_TRUE(OpenCharge(work));
    EXPECT_TRUE(AskAgain(work));
    ingest_.StoreAtOnce({story_.Tell(GetParam().told)});
    EXPECT_FALSE(AskAgain(work));
}

TEST_P(StopSignal, LeavesNoWorkBehind) {
    ingest_.StoreAtOnce({story_.Tell(GetParam().told)});
    EXPECT_EQ(
        database_.sql().Number("select count(*) from citadel.scheduled_tasks where status <> 'completed'"),
        0);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

INSTANTIATE_TEST_SUITE_P(Each, StopSignal,
                         ::testing::Values(Signal{"Paid", {"invoice.paid"}},
                                           Signal{"Succeeded", {"invoice.payment_succeeded"}},
                                           Signal{"Voided", {"invoice.voided"}},
                                           Signal{"Uncollectible", {"invoice.marked_uncollectible"}},
                                           Signal{"SubscriptionDeleted", {"customer.subscription.deleted"}},
                                           Signal{"Deauthorized", {"account.application.deauthorized"}}),
                         [](const auto& info) { return std::string(info.param.name); });

// The stop holds the recovery's row and has not committed yet when the charge (or the mail) asks for it:
// the one who waits must look again at what was committed meanwhile.
class StopInTheMiddle : public Leases {
  protected:
    void Race(asio::awaitable<void> work) {
        Sql stop(database_.url());
        stop.Run("begin");
        stop.Run("update citadel.recoveries set status = 'stopped', reason = 'voided', closed_at = 'epoch'");
        bool ended = false;
        asio::co_spawn(ingest_.io, std::move(work), [&](std::exception_ptr failure) {
            EXPECT_FALSE(failure);
            ended = true;
        });
        ingest_.io.restart();
        auto waiting =
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
            "and datname = current_database()";
        while (!ended && database_.sql().Number(waiting) == 0) ingest_.io.run_for(5ms);
        EXPECT_FALSE(ended) << "it did not wait for the row";
        stop.Run("commit");
        while (!ended) ingest_.io.run_one();
    }

    asio::awaitable<void> Charge(std::vector<store::ChargeIntent> batch) {
        auto slots = co_await store::OpenCharges(ingest_.pool, std::move(batch), kNow);
        allowed_ = slots.at(0).slot.has_value();
    }
    asio::awaitable<void> Write(store::Work work, store::MailIntent mail) {
        auto permit =
            co_await store::IntendMail(ingest_.pool, work.task, work.recovery.id, std::move(mail), kNow);
        allowed_ = permit.verdict == store::MailVerdict::kStored;
    }

    bool allowed_ = true;
};

TEST_F(StopInTheMiddle, OfACharge_Wins) {
    Race(Charge({ChargeOf(Claim())}));
    EXPECT_FALSE(allowed_);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.payment_attempts"), 0);
}

TEST_F(StopInTheMiddle, OfAMail_Wins) {
    Race(Write(Claim(), Letter()));
    EXPECT_FALSE(allowed_);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.emails"), 0);
}

}  // namespace
}  // namespace citadel::testing
