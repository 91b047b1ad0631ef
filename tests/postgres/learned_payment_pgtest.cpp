// An invoice of the newer shape does not name its payment, a refund names nothing else. What was taken back
// before anybody had read the invoice is booked as soon as one reading has brought the two together.
#include <gtest/gtest.h>

#include "store/tasks.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/stories.h"
#include "upkeep/janitor.h"

namespace citadel::testing {
namespace {

const Time kNow = *ParseTime("2026-01-20T12:00:00Z");

class LearnedPayment : public ::testing::Test {
  protected:
    void Tell(std::initializer_list<const char*> types) {
        AddMerchants(database_.sql(), "acct_", 1);
        for (const char* type : types) ingest_.StoreAtOnce({story_.Tell({type})});
    }

    // What the one reading of a closed recovery leaves behind.
    void SettleReading(const std::string& payment_intent) {
        store::ClaimOrder order;
        order.now = ingest_.clock.Now();
        auto claimed = Await(ingest_.io, store::ClaimDueTasks(ingest_.pool, order));
        ASSERT_EQ(claimed.size(), 1U);
        EXPECT_EQ(claimed[0].recovery.wind_down, "learn");
        store::Settlement settlement;
        settlement.task = claimed[0].task;
        settlement.recovery_id = claimed[0].recovery.id;
        settlement.payment_intent_id = payment_intent;
        settlement.recovery_end = store::RecoveryEnd::kRecovered;
        settlement.recovered = claimed[0].recovery.due.minor;
        settlement.wind_down = "";
        std::vector<store::Settlement> batch{settlement};
        Await(ingest_.io, store::SettleTasks(ingest_.pool, std::move(batch), ingest_.clock.Now()));
    }

    std::int64_t RunJanitor() {
        upkeep::Janitor janitor(ingest_.io, ingest_.pool, ingest_.clock, {}, [] {});
        return Await(ingest_.io, janitor.RunOnce()).doubts_queued;
    }

    std::int64_t Reversed() {
        EXPECT_EQ(BookDifferences(database_.url()), 0);
        return database_.sql().Number("select sum(reversed_amount) from citadel.daily_metrics");
    }

    TestDatabase database_;
    Ingest ingest_{database_.url(), kNow};
    Story story_{kNewShape, "acct_1", 1};
};

TEST_F(LearnedPayment, ARefundToldBeforeIsBookedThen_OnceAndNoMoreThanCameIn) {
    Tell({"invoice.payment_failed", "invoice.paid", "charge.refunded"});
    ASSERT_EQ(
        database_.sql().Number("select count(*) from citadel.recoveries where payment_intent_id is null"), 1);
    EXPECT_EQ(Reversed(), 0);
    auto payment =
        database_.sql().Text("select subject from citadel.processed_events where signal = 'refunded'");
    auto told =
        database_.sql().Number("select amount from citadel.processed_events where signal = 'refunded'");
    ASSERT_GT(told, 0);
    EXPECT_EQ(RunJanitor(), 1);
    SettleReading(payment);
    auto came_in = database_.sql().Number("select amount_recovered from citadel.recoveries");
    EXPECT_EQ(Reversed(), std::min(told, came_in));
    EXPECT_EQ(database_.sql().Number("select sum(reversed_count) from citadel.daily_metrics"), 1);
    EXPECT_EQ(RunJanitor(), 0) << "learned once";
}

TEST_F(LearnedPayment, AnotherPaymentsRefundIsNotOurs) {
    Tell({"invoice.payment_failed", "invoice.paid", "charge.refunded"});
    EXPECT_EQ(RunJanitor(), 1);
    SettleReading("pi_of_somebody_else");
    EXPECT_EQ(Reversed(), 0);
}

}  // namespace
}  // namespace citadel::testing
