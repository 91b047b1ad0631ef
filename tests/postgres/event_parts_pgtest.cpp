// The statement that commits events has a text for each set of its parts: all of them are accepted, and
// the answers are those of the whole.
#include <gtest/gtest.h>

#include "store/events.h"
#include "support/ingest.h"
#include "support/state.h"
#include "support/test_database.h"

namespace citadel::testing {
namespace {

using store::Intake;
using store::IntakeKind;

const Time kNow = *ParseTime("2026-01-01T00:00:00Z");

Intake Of(IntakeKind kind, int number) {
    Intake intake;
    intake.event_id = "evt_" + std::to_string(number);
    intake.account = "parts_1";
    intake.type = "made.up";
    intake.created = kNow;
    intake.kind = kind;
    intake.customer_id = "cus_" + std::to_string(number);
    intake.invoice_id = "in_" + std::to_string(number);
    intake.signal = kind == IntakeKind::kPaid ? "paid" : kind == IntakeKind::kStop ? "voided" : "";
    if (kind == IntakeKind::kForesee) intake.subscription_id = "sub_" + std::to_string(number);
    if (kind == IntakeKind::kForesee) intake.stripe_next_attempt = kNow + std::chrono::days(7);
    intake.amount = 1000;
    intake.currency = "usd";
    return intake;
}

TEST(EventParts, EverySetOfKindsIsCommittedAndAnswered) {
    using enum IntakeKind;
    const std::vector<IntakeKind> kinds = {kOpen, kAsk,    kPaid,    kStop,      kNudge,
                                           kPlan, kIgnore, kForesee, kDisconnect};
    TestDatabase database;
    AddMerchants(database.sql(), "parts_", 1);
    Ingest ingest(database.url(), kNow);
    int number = 0;
    for (unsigned set = 1; set < 512; ++set) {
        std::vector<Intake> batch;
        for (std::size_t i = 0; i < kinds.size(); ++i) {
            if (set & (1u << i)) batch.push_back(Of(kinds[i], ++number));
        }
        auto size = batch.size();
        auto work = store::CommitEvents(ingest.pool, std::move(batch), kNow);
        EXPECT_EQ(Await(ingest.io, std::move(work)).size(), size) << set;
    }
    EXPECT_EQ(database.sql().Number("select count(*) from citadel.processed_events"), number);
    EXPECT_EQ(BookDifferences(database.url()), 0);
}

TEST(EventParts, APaymentEndsItsTaskWhateverElseIsInTheBatch) {
    using enum IntakeKind;
    for (auto [first, second] :
         {std::pair{kPaid, kIgnore}, {kStop, kIgnore}, {kPaid, kStop}, {kStop, kNudge}}) {
        TestDatabase database;
        AddMerchants(database.sql(), "parts_", 1);
        Ingest ingest(database.url(), kNow);
        std::vector<Intake> failures{Of(kOpen, 1), Of(kOpen, 2)};
        Await(ingest.io, store::CommitEvents(ingest.pool, failures, kNow));
        EXPECT_EQ(database.sql().Number("select count(*) from citadel.scheduled_tasks"), 2);
        Intake end = Of(first, 1), beside = Of(second, 2);
        end.event_id = "evt_end";
        beside.event_id = "evt_beside";
        std::vector<Intake> ends{end, beside};
        Await(ingest.io, store::CommitEvents(ingest.pool, ends, kNow));
        EXPECT_EQ(
            database.sql().Number("select count(*) from citadel.scheduled_tasks t join citadel.recoveries r "
                                  "using (bucket, merchant_id, recovery_id) where r.invoice_id = 'in_1'"),
            0);
        EXPECT_EQ(database.sql().Text("select status from citadel.recoveries where invoice_id = 'in_1'"),
                  first == kPaid ? "recovered" : "stopped");
        EXPECT_EQ(BookDifferences(database.url()), 0);
    }
}

}  // namespace
}  // namespace citadel::testing
