#include "stripe_sim/payers.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "stripe_sim/check.h"

namespace citadel::stripe_sim {
namespace {

PopulationPlan SmallTown(std::uint64_t seed) {
    PopulationPlan plan;
    plan.merchants = 3;
    plan.customers = 60;
    plan.days = 30;
    plan.seed = seed;
    plan.failure_rate = 0.5;
    return plan;
}

// A month without an engine, mails sent at each first failure; returns what was charged, in order.
struct Month {
    std::string story;
    Verdict verdict;
    std::map<Trouble, int> troubles;
};

Month Play(std::uint64_t seed) {
    ManualClock clock(*ParseTime("2026-01-01T00:00:00Z"));
    World world(clock, 1);
    std::set<std::string> mailed;
    world.events.on_event = [&](const EventPtr& event) {
        if (event->type != "invoice.payment_failed") return;
        const auto& invoice = *std::get<Copy<Invoice>>(event->object);
        if (!mailed.insert(invoice.id).second) return;
        ReceiveMail(world, *world.FindAccount(event->account), invoice.customer, invoice.id);
    };
    Populate(world, SmallTown(seed));
    while (world.agenda.Next()) {
        clock.Set(*world.agenda.Next());
        world.agenda.RunDue(clock.Now(), 1);
    }
    Month month;
    for (const auto& attempt : world.ledger.attempts()) {
        month.story += FormatTime(attempt.time) + attempt.id + attempt.decline_code + "\n";
    }
    for (const auto& [customer, payer] : world.payers) ++month.troubles[payer->trouble];
    month.verdict = Judge(world);
    return month;
}

TEST(PayersTest, SameSeed_PlaysTheSameMonth) {
    auto once = Play(5), again = Play(5), other = Play(6);
    EXPECT_FALSE(once.story.empty());
    EXPECT_EQ(once.story, again.story);
    EXPECT_NE(once.story, other.story);
}

TEST(PayersTest, FailureRate_IsThatOfFirstCharges) {
    auto month = Play(5);
    EXPECT_GT(month.verdict.invoices_failed, 60);
    EXPECT_LT(month.verdict.invoices_failed, 120);
    EXPECT_EQ(180 - month.troubles[Trouble::kNone], month.verdict.invoices_failed);
}

TEST(PayersTest, Population_HasEveryTroubleAndRecoversByTimeAndByMail) {
    auto month = Play(5);
    for (auto trouble :
         {Trouble::kNoFunds, Trouble::kCautiousBank, Trouble::kIssuerAway, Trouble::kExpiredCard,
          Trouble::kLostCard, Trouble::kAuthentication, Trouble::kGone}) {
        EXPECT_GT(month.troubles[trouble], 0) << NameOf(trouble);
    }
    EXPECT_GT(month.verdict.recovered_by_driver["stripe"], 0);
    EXPECT_GT(month.verdict.recovered_by_driver["customer"], 0);
    EXPECT_LT(month.verdict.invoices_recovered, month.verdict.invoices_failed);
    EXPECT_TRUE(month.verdict.recovered.contains("usd"));
    EXPECT_TRUE(month.verdict.violations.empty());
}

TEST(PayersTest, Mail_AboutAPaidInvoiceMovesNobody) {
    ManualClock clock(*ParseTime("2026-01-01T00:00:00Z"));
    World world(clock, 1);
    auto plan = SmallTown(5);
    plan.failure_rate = 0;
    auto& account = *Populate(world, plan).front();
    clock.Advance(std::chrono::days(11));
    world.agenda.RunDue(clock.Now(), 1000);
    const auto& invoice = account.invoices.all().front();
    ASSERT_EQ(invoice.status, "paid");
    EXPECT_EQ(ReceiveMail(world, account, invoice.customer, invoice.id), std::nullopt);
}

}  // namespace
}  // namespace citadel::stripe_sim
