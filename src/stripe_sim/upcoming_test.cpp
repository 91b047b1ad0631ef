#include "stripe_sim/upcoming.h"

#include <gtest/gtest.h>

#include "stripe_sim/billing.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/render.h"
#include "stripe_sim/subscriptions.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

class UpcomingTest : public testing::Test {
  protected:
    UpcomingTest() : world(clock, 1), account(world.AddAccount("Shop", std::string(kNewVersion))) {
        world.events.on_event = [this](const EventPtr& event) {
            if (event->type != "invoice.upcoming") return;
            told.push_back(clock.Now());
            invoice = std::get<Copy<Invoice>>(event->object);
        };
    }
    Subscription& Subscribe(Time renewal) {
        auto& customer = AddCustomer(world, account, "Ada", "ada@example.com");
        SubscriptionTerms terms;
        terms.first_renewal = renewal;
        return StartSubscription(world, account, customer, terms);
    }
    void PassTo(Time end) {
        while (world.agenda.Next() && *world.agenda.Next() <= end) {
            clock.Set(*world.agenda.Next());
            world.agenda.RunDue(clock.Now(), 100);
        }
        clock.Set(end);
    }

    const Time begin = *ParseTime("2026-01-01T00:00:00Z");
    ManualClock clock{begin};
    World world;
    Account& account;
    std::vector<Time> told;
    Copy<Invoice> invoice;
};

TEST_F(UpcomingTest, EachRenewalIsToldAWeekBefore_AndOnce) {
    auto& subscription = Subscribe(begin + days(20));
    ScheduleRenewal(world, account, subscription);  // as a change of the subscription does
    PassTo(begin + days(60));
    auto second = *ParseTime("2026-02-21T00:00:00Z");
    EXPECT_EQ(told, (std::vector<Time>{begin + days(13), second - days(7)}));
}

TEST_F(UpcomingTest, ItIsWhatTheRenewalWillBe_AndIsOnNoShelf) {
    auto& subscription = Subscribe(begin + days(20));
    PassTo(begin + days(13));
    ASSERT_TRUE(invoice);
    EXPECT_EQ(invoice->amount_due, 2000);
    EXPECT_EQ(invoice->subscription, subscription.id);
    EXPECT_EQ(invoice->next_payment_attempt, begin + days(20));
    EXPECT_TRUE(account.invoices.all().empty());
    auto newer = Render(View{world, account, Shape::kBasil}, *invoice);
    EXPECT_TRUE(newer.at("id").as_string().starts_with(kUpcomingId));
    auto older = Render(View{world, account, Shape::kBeforeBasil}, *invoice);
    EXPECT_FALSE(older.contains("id"));
    EXPECT_EQ(older.at("subscription"), json::value(subscription.id));
}

TEST_F(UpcomingTest, NothingIsToldOfWhatWillNotBeCharged) {
    CancelAt(world, account, Subscribe(begin + days(20)), begin + days(20));
    Subscribe(begin + days(20)).collection_method = kSend;
    Subscribe(begin + days(20)).status = "paused";
    Subscribe(begin + days(7));  // it is too late for that
    PassTo(begin + days(20));
    EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace citadel::stripe_sim
