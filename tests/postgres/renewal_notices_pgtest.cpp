// Renewals to come in a real database: a task each and no more, a letter a card and expiry and no more,
// nothing where a recovery writes already, and nothing of it counts against the plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/renewal_notices.h"
#include "store/retention.h"
#include "store/self_scheduled.h"
#include "store/suppressions.h"
#include "store/tasks.h"
#include "store/tasks_api.h"
#include "store/tracking.h"
#include "store/worker_api.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"
#include "support/tenants.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;
using store::MailVerdict;

const Time kNow = *ParseTime("2026-03-25T12:00:00Z");
const store::NoticedCard kCard{"fp_1", "2026-03"};

class RenewalNotices : public ::testing::Test {
  protected:
    RenewalNotices() {
        AddMerchants(database_.sql(), "acct_", 2);
        database_.sql().Run("update citadel.merchants set retry_mode = 'weave'");
    }

    static store::Intake Foreseen(int event, int customer, int subscription,
                                  const std::string& account = "acct_1") {
        store::Intake intake;
        intake.event_id = "evt_" + std::to_string(event);
        intake.account = account;
        intake.type = "invoice.upcoming";
        intake.created = kNow;
        intake.kind = store::IntakeKind::kForesee;
        intake.reason = "a renewal is near";
        intake.customer_id = "cus_" + std::to_string(customer);
        intake.subscription_id = "sub_" + std::to_string(subscription);
        intake.amount = 2000;
        intake.currency = "usd";
        intake.stripe_next_attempt = kNow + 24h * 7;
        return intake;
    }
    store::IntakeResult Store(const store::Intake& intake) {
        return Await(ingest_.io, store::CommitEvents(ingest_.pool, {intake}, ingest_.clock.Now())).at(0);
    }
    std::vector<store::Work> ClaimAll() {
        store::ClaimOrder order;
        order.now = ingest_.clock.Now();
        order.lease = 24h * 365;
        return Await(ingest_.io, store::ClaimDueTasks(ingest_.pool, order));
    }
    store::RenewalNotice NoticeOf(const store::Work& work) {
        return *Await(ingest_.io, store::ReadRenewalNotice(ingest_.pool, work.task));
    }
    store::MailPermit Intend(const store::Work& work, store::NoticedCard card = kCard,
                             const std::string& to = "payer@example.com") {
        store::MailIntent mail;
        mail.kind = "card_expiring";
        mail.entity_ref_id = "ref";
        mail.to = to;
        auto notice = NoticeOf(work);
        return Await(ingest_.io, store::IntendNotice(ingest_.pool, work.task, notice.id, std::move(card),
                                                     std::move(mail), ingest_.clock.Now()));
    }
    void Settle(const store::Work& work, const store::MailPermit& permit) {
        Await(ingest_.io, store::SettleMail(ingest_.pool, work.task.merchant, permit.mail.email_id, "re_1",
                                            "", ingest_.clock.Now()));
    }
    std::int64_t Count(const std::string& table) {
        return database_.sql().Number("select count(*) from citadel." + table);
    }

    TestDatabase database_;
    Ingest ingest_{database_.url(), kNow, 4};
};

TEST_F(RenewalNotices, OneRenewalIsOneTask_HoweverOftenItIsTold) {
    auto first = Store(Foreseen(1, 1, 1));
    EXPECT_EQ(first.action, store::IntakeResult::Action::kEnqueued);
    EXPECT_EQ(Store(Foreseen(1, 1, 1)).action, store::IntakeResult::Action::kDuplicate);
    auto again = Store(Foreseen(2, 1, 1));
    EXPECT_EQ(again.action, store::IntakeResult::Action::kProcessed) << "another event about the same";
    EXPECT_EQ(again.task_id, std::nullopt);
    auto next = Foreseen(3, 1, 1);
    *next.stripe_next_attempt += 24h * 30;
    EXPECT_EQ(Store(next).action, store::IntakeResult::Action::kEnqueued) << "the one after";
    EXPECT_EQ(Store(Foreseen(4, 1, 1, "acct_2")).action, store::IntakeResult::Action::kEnqueued);
    EXPECT_EQ(Store(Foreseen(5, 1, 1, "acct_9")).action, store::IntakeResult::Action::kIgnored);
    EXPECT_EQ(Count("scheduled_tasks"), 3);
    EXPECT_EQ(Count("recoveries"), 0);
    EXPECT_EQ(Count("usage_logs"), 0);
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 3u);
    EXPECT_EQ(works[0].task.type, store::kNotifyActionRequired);
    EXPECT_EQ(works[0].recovery.id, 0);
    auto notice = NoticeOf(works[0]);
    EXPECT_EQ(notice.customer_id, "cus_1");
    EXPECT_EQ(notice.subscription_id, "sub_1");
    EXPECT_EQ(notice.due.minor, 2000);
    EXPECT_EQ(notice.due.currency, "usd");
    EXPECT_EQ(Await(ingest_.io, store::ReadRenewalNotice(ingest_.pool, works[0].task))->id, notice.id);
    EXPECT_EQ(database_.sql().Number("select task_id from citadel.scheduled_tasks order by task_id limit 1"),
              first.task_id);
}

TEST_F(RenewalNotices, WhoHasARecoveryOpenIsLeftAlone_WhicheverComesFirst) {
    Story story(kNewShape, "acct_1", 1);
    ingest_.StoreAtOnce({story.Tell({"invoice.payment_failed"})});
    auto customer = database_.sql().Text("select customer_id from citadel.recoveries");
    auto foreseen = Foreseen(1, 1, 1);
    foreseen.customer_id = customer;
    EXPECT_EQ(Store(foreseen).action, store::IntakeResult::Action::kProcessed);
    EXPECT_EQ(Count("renewal_notices"), 0);

    Store(Foreseen(2, 2, 2));
    auto works = ClaimAll();
    auto late = std::ranges::find(works, 0, [](const auto& work) { return work.recovery.id; });
    ASSERT_NE(late, works.end());
    EXPECT_FALSE(NoticeOf(*late).recovery_open);
    database_.sql().Run("update citadel.recoveries set customer_id = 'cus_2'");
    EXPECT_TRUE(NoticeOf(*late).recovery_open);
    EXPECT_EQ(Intend(*late).verdict, MailVerdict::kStopped);
    EXPECT_EQ(Count("emails"), 0);
}

TEST_F(RenewalNotices, ACardIsAskedForOnce_WhateverItPaysAndHoweverOftenItRenews) {
    Store(Foreseen(1, 1, 1));
    Store(Foreseen(2, 1, 2));
    Store(Foreseen(3, 2, 3));
    auto works = ClaimAll();
    ASSERT_EQ(works.size(), 3u);
    auto first = Intend(works[0]);
    ASSERT_EQ(first.verdict, MailVerdict::kStored);
    EXPECT_FALSE(first.mail.settled);
    auto doubled = Intend(works[0]);
    EXPECT_EQ(doubled.mail.email_id, first.mail.email_id) << "after a crash: the stored one";
    EXPECT_EQ(Intend(works[1]).mail.email_id, first.mail.email_id) << "the same card, another subscription";
    Settle(works[0], first);
    EXPECT_TRUE(Intend(works[1]).mail.settled);
    EXPECT_EQ(Intend(works[2]).verdict, MailVerdict::kPutOff) << "another customer at that address, that day";
    ingest_.clock.Advance(24h * 30);
    EXPECT_TRUE(Intend(works[1]).mail.settled) << "nor a month later";
    auto renewed = Intend(works[1], {"fp_1", "2026-04"});
    EXPECT_EQ(renewed.verdict, MailVerdict::kStored);
    EXPECT_NE(renewed.mail.email_id, first.mail.email_id) << "the same card with another date";
    EXPECT_EQ(Intend(works[0], {"fp_2", "2026-03"}).verdict, MailVerdict::kStopped)
        << "a notice has one letter";
    EXPECT_EQ(Count("emails"), 2);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.emails where recovery_id is null"), 2);
}

TEST_F(RenewalNotices, NothingIsIntendedForAWatcherALostLeaseAGoneAccountOrASuppressedAddress) {
    Store(Foreseen(1, 1, 1));
    auto work = ClaimAll().at(0);
    auto& sql = database_.sql();
    auto stopped_by = [&](const std::string& change, const std::string& back) {
        sql.Run(change);
        auto verdict = Intend(work).verdict;
        sql.Run(back);
        return verdict;
    };
    EXPECT_EQ(stopped_by("update citadel.merchants set retry_mode = 'observe'",
                         "update citadel.merchants set retry_mode = 'weave'"),
              MailVerdict::kStopped);
    EXPECT_EQ(stopped_by("update citadel.stripe_accounts set disconnected_at = 'epoch'",
                         "update citadel.stripe_accounts set disconnected_at = null"),
              MailVerdict::kStopped);
    auto without_lease = work;
    without_lease.task.lease_token = "00000000-0000-0000-0000-000000000000";
    EXPECT_EQ(Intend(without_lease).verdict, MailVerdict::kStopped);
    sql.Run(
        "insert into citadel.email_addresses select bucket, merchant_id, 'payer@example.com', 'infinity' "
        "from citadel.merchants where merchant_id = " +
        std::to_string(work.task.merchant.id));
    EXPECT_EQ(Intend(work).verdict, MailVerdict::kSuppressed);
    EXPECT_EQ(Count("emails"), 0);
    EXPECT_EQ(Intend(work, kCard, "other@example.com").verdict, MailVerdict::kStored);
}

TEST_F(RenewalNotices, ItsSendingOpeningClickAndBounceAreCountedOnce_AndNotAgainstThePlan) {
    Store(Foreseen(1, 1, 1));
    auto work = ClaimAll().at(0);
    auto permit = Intend(work);
    Settle(work, permit);
    Settle(work, permit);
    store::LetterKey key{work.task.merchant, NoticeOf(work).id, "card_expiring", 1};
    for (int i = 0; i < 2; ++i) {
        Await(ingest_.io, store::RecordOpen(ingest_.pool, key, kNow));
        auto clicked = Await(ingest_.io, store::RecordClick(ingest_.pool, key, kNow));
        ASSERT_TRUE(clicked);
        EXPECT_EQ(clicked->customer_id, "cus_1");
        EXPECT_EQ(clicked->account, "acct_1");
    }
    store::LetterKey foreign = key;
    foreign.merchant.id += 1;
    EXPECT_FALSE(Await(ingest_.io, store::RecordClick(ingest_.pool, foreign, kNow)));
    store::MailWord word;
    word.merchant = work.task.merchant;
    word.email_id = permit.mail.email_id;
    word.provider_id = "re_1";
    word.word_id = "msg_1";
    word.type = "complained";
    word.said_at = kNow;
    EXPECT_EQ(Await(ingest_.io, store::BookMailWord(ingest_.pool, word, kNow)),
              store::MailWordVerdict::kBooked);
    auto& sql = database_.sql();
    EXPECT_EQ(sql.Lines("select metric_type, sum(quantity) from citadel.usage_logs group by 1 order by 1"),
              "email_clicked | 1\nemail_complained | 1\nemail_opened | 1\nnotice_sent | 1\n");
    EXPECT_EQ(sql.Lines("select sum(emails_sent), sum(notices_sent), sum(opens), sum(clicks) from "
                        "citadel.daily_metrics"),
              "1 | 1 | 1 | 1\n");
    EXPECT_EQ(Count("email_suppressions"), 1);
    EXPECT_EQ(BookDifferences(database_.url()), 0);

    // The month's one mail is still the merchant's to use.
    sql.Run("update citadel.plans set mails_per_month = 1, queue_limit = 1");
    Store(Foreseen(2, 2, 2));  // waits in the queue, and takes nobody's place there
    ingest_.StoreAtOnce({Story(kNewShape, "acct_1", 7).Tell({"invoice.payment_failed"})});
    sql.Run("delete from citadel.scheduled_tasks where recovery_id is not null");
    auto recovery = sql.Number("select recovery_id from citadel.recoveries");
    auto made = Await(ingest_.io, store::CreateTask(ingest_.pool, work.task.merchant, "dunning_retry",
                                                    {recovery, ""}, kNow));
    EXPECT_EQ(made.verdict, store::TaskVerdict::kDone);
}

TEST_F(RenewalNotices, SettlingALetterlessTaskTouchesNoRecovery) {
    Store(Foreseen(1, 1, 1));
    auto work = ClaimAll().at(0);
    store::Settlement settlement;
    settlement.task = work.task;
    settlement.result = "no letter: the card is good for the renewal";
    auto verdicts = Await(ingest_.io, store::SettleTasks(ingest_.pool, {settlement}, kNow));
    EXPECT_EQ(verdicts.at(0), store::SettleVerdict::kSettled);
    EXPECT_EQ(
        database_.sql().Lines("select status, result, recovery_id is null from citadel.scheduled_tasks"),
        "completed | no letter: the card is good for the renewal | t\n");
    EXPECT_EQ(BookDifferences(database_.url()), 0);
    // Forgotten with the event that told of it; a notice with a letter stays.
    EXPECT_EQ(Await(ingest_.io, store::DropRenewalNoticesAcrossMerchants(ingest_.pool, kNow, 10)), 0);
    EXPECT_EQ(Await(ingest_.io, store::DropRenewalNoticesAcrossMerchants(ingest_.pool, kNow + 1s, 10)), 1);
    Store(Foreseen(2, 1, 1));
    Intend(ClaimAll().at(0));
    EXPECT_EQ(Await(ingest_.io, store::DropRenewalNoticesAcrossMerchants(ingest_.pool, kNow + 1s, 10)), 0);
}

TEST_F(RenewalNotices, TheMerchantAndAWorkerOutsideAreToldWhatItsTaskIsAbout) {
    Store(Foreseen(1, 1, 1));
    auto merchant = ClaimAll().at(0).task.merchant;
    database_.sql().Run(
        "update citadel.scheduled_tasks set status = 'pending', lease_token = null, "
        "lease_expires_at = null");
    auto page = Await(ingest_.io, store::ListTasks(ingest_.pool, merchant, {}, {}));
    ASSERT_EQ(page.rows.size(), 1u);
    ASSERT_TRUE(page.rows[0].renewal);
    EXPECT_EQ(page.rows[0].renewal->subscription_id, "sub_1");
    EXPECT_EQ(page.rows[0].recovery_id, std::nullopt);
    store::OutsideClaim claim;
    claim.task_types = {"notify_action_required"};
    auto claimed = Await(ingest_.io, store::ClaimAcrossMerchants(ingest_.pool, claim, kNow));
    ASSERT_EQ(claimed.size(), 1u);
    EXPECT_FALSE(claimed[0].recovery);
    ASSERT_TRUE(claimed[0].renewal);
    EXPECT_EQ(claimed[0].renewal->customer_id, "cus_1");
    EXPECT_EQ(claimed[0].renewal->renews_at, kNow + 24h * 7);
    store::OutsideLease lease{claimed[0].merchant, claimed[0].id, claimed[0].lease_token};
    store::OutsideOutcome outcome;
    outcome.success = true;
    auto done = Await(ingest_.io, store::CompleteOutside(ingest_.pool, lease, outcome, kNow));
    EXPECT_EQ(done.status, "completed");
    EXPECT_EQ(Count("scheduled_tasks"), 1) << "and nothing follows from it";
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

TEST_F(RenewalNotices, AnAccountThatLeavesTakesItsTasksWithIt) {
    Store(Foreseen(1, 1, 1));
    Store(Foreseen(2, 1, 1, "acct_2"));
    auto gone = Foreseen(3, 0, 0);
    gone.kind = store::IntakeKind::kDisconnect;
    gone.type = "account.application.deauthorized";
    Store(gone);
    EXPECT_EQ(database_.sql().Lines("select a.stripe_account_id from citadel.scheduled_tasks q "
                                    "join citadel.stripe_accounts a using (bucket, merchant_id)"),
              "acct_2\n");
    Store(Foreseen(4, 1, 5));
    EXPECT_EQ(Count("scheduled_tasks"), 1) << "out of reach";
}

}  // namespace
}  // namespace citadel::testing
