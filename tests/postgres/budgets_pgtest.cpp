// Promise 6: a card network's limit is never broken. It is checked and taken in the transaction that writes
// the intent, so it holds with any number of workers, across invoices, and counts everybody's attempts.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "store/attempts.h"
#include "store/charges.h"
#include "store/tasks.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kNow = *ParseTime("2026-06-20T12:00:00Z");

store::BudgetLimit Limit(int attempts_max, bool declines_only = false, bool same_amount = false) {
    return {"test", 24h, attempts_max, declines_only, same_amount};
}

store::ChargeIntent IntentOf(const store::Work& work, store::BudgetLimit limit) {
    store::ChargeIntent intent;
    intent.task = work.task;
    intent.recovery_id = work.recovery.id;
    intent.amount = work.recovery.due;
    intent.card = {"pm_1", "card_of_all", "visa"};
    intent.limits = {std::move(limit)};
    return intent;
}

class Budgets : public ::testing::Test {
  protected:
    void Open(int invoices) {
        AddMerchants(database_.sql(), "acct_", 1);
        std::vector<std::string> events;
        for (int i = 1; i <= invoices; ++i)
            events.push_back(Story(kNewShape, "acct_1", i).Tell({"invoice.payment_failed"}));
        ingest_.StoreAtOnce(events);
        store::ClaimOrder order;
        order.now = ingest_.clock.Now();
        order.limit_per_merchant = 64;
        order.lease = std::chrono::hours(200);
        claimed_ = Await(ingest_.io, store::ClaimDueTasks(ingest_.pool, order));
        ASSERT_EQ(claimed_.size(), static_cast<std::size_t>(invoices));
    }

    store::ChargeVerdict OpenCharge(const store::Work& work, store::BudgetLimit limit) {
        std::vector<store::ChargeIntent> batch{IntentOf(work, std::move(limit))};
        return Await(ingest_.io, store::OpenCharges(ingest_.pool, std::move(batch), ingest_.clock.Now()))
            .at(0);
    }

    // Somebody else's attempt, as Stripe shows its charge.
    void Book(const store::Work& work, const std::string& id, Time at, store::AttemptOutcome outcome,
              std::int64_t amount = 2000) {
        store::SeenCharge charge;
        charge.charge_id = id;
        charge.created = at;
        charge.amount = Money{amount, work.recovery.due.currency};
        charge.fingerprint = "card_of_all";
        charge.network = "visa";
        charge.outcome = outcome;
        std::vector<store::SeenCharge> seen{charge};
        Await(ingest_.io,
              store::BookCharges(ingest_.pool, work.task.merchant, work.recovery.id, 1, seen, id));
    }

    TestDatabase database_;
    Ingest ingest_{database_.url(), kNow};
    std::vector<store::Work> claimed_;
};

TEST_F(Budgets, OneCardForManyInvoicesIsCountedOnce_AndFreedWithTheOldestAttempt) {
    Open(4);
    EXPECT_TRUE(OpenCharge(claimed_[0], Limit(2)).slot);
    ingest_.clock.Advance(2h);
    EXPECT_TRUE(OpenCharge(claimed_[1], Limit(2)).slot);
    auto refused = OpenCharge(claimed_[2], Limit(2));
    EXPECT_FALSE(refused.slot);
    EXPECT_EQ(refused.limit, "test");
    EXPECT_EQ(refused.budget_free_at, kNow + 24h);
    EXPECT_EQ(database_.sql().Number("select sum(slots_used) from citadel.recoveries"), 2);
    ingest_.clock.Set(kNow + 24h);
    EXPECT_TRUE(OpenCharge(claimed_[2], Limit(2)).slot);
}

TEST_F(Budgets, AttemptsOfOthersCount_AndThoseThatReachedNoBankDoNot) {
    Open(1);
    Book(claimed_[0], "ch_1", kNow - 3h, store::AttemptOutcome::kDeclined);
    Book(claimed_[0], "ch_2", kNow - 2h, store::AttemptOutcome::kNotCharged);
    Book(claimed_[0], "ch_1", kNow - 3h, store::AttemptOutcome::kDeclined);
    EXPECT_FALSE(OpenCharge(claimed_[0], Limit(1)).slot);
    EXPECT_TRUE(OpenCharge(claimed_[0], Limit(2)).slot);
}

TEST_F(Budgets, DeclinesAndAmountsAreToldApart) {
    Open(3);
    Book(claimed_[0], "ch_1", kNow - 3h, store::AttemptOutcome::kSucceeded);
    Book(claimed_[0], "ch_2", kNow - 2h, store::AttemptOutcome::kDeclined, 999);
    EXPECT_FALSE(OpenCharge(claimed_[0], Limit(2)).slot);
    EXPECT_FALSE(OpenCharge(claimed_[0], Limit(1, true)).slot) << "a decline of another amount counts";
    EXPECT_FALSE(OpenCharge(claimed_[1], Limit(1, false, true)).slot) << "a success of this amount counts";
    EXPECT_TRUE(OpenCharge(claimed_[1], Limit(1, true, true)).slot) << "no decline of this amount yet";
    EXPECT_FALSE(OpenCharge(claimed_[2], Limit(1, true, true)).slot) << "one in doubt counts as a decline";
}

TEST_F(Budgets, ManyWorkersAtOnceNeverTakeMoreThanThereIs) {
    constexpr int kInvoices = 24;
    constexpr int kLimit = 7;
    Open(kInvoices);
    std::atomic<int> opened{0};
    std::vector<std::thread> workers;
    for (int w = 0; w < 6; ++w) {
        workers.emplace_back([&, w] {
            Ingest mine(database_.url(), kNow, 1);
            for (int i = w; i < kInvoices; i += 6) {
                std::vector<store::ChargeIntent> batch{
                    IntentOf(claimed_[static_cast<std::size_t>(i)], Limit(kLimit))};
                auto verdicts = Await(mine.io, store::OpenCharges(mine.pool, std::move(batch), kNow));
                if (verdicts.at(0).slot) ++opened;
            }
        });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(opened, kLimit);
    EXPECT_EQ(database_.sql().Number("select count(*) from citadel.payment_attempts"), kLimit);
}

TEST_F(Budgets, TheHeadroomIsWhatTheNextIntentFinds) {
    Open(1);
    Book(claimed_[0], "ch_1", kNow - 3h, store::AttemptOutcome::kDeclined);
    auto uses = Await(ingest_.io, store::ReadBudgets(ingest_.pool, claimed_[0].task.merchant, "card_of_all",
                                                     claimed_[0].recovery.due, {Limit(1)}, kNow));
    ASSERT_EQ(uses.size(), 1U);
    EXPECT_EQ(uses[0].used, 1);
    EXPECT_EQ(uses[0].free_at, kNow + 21h);
    EXPECT_FALSE(OpenCharge(claimed_[0], Limit(1)).slot);
}

}  // namespace
}  // namespace citadel::testing
