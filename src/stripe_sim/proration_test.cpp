#include "stripe_sim/proration.h"
#include "stripe_sim/customers.h"

#include <gtest/gtest.h>

#include "stripe_sim/billing.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/catalog.h"
#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

// Half of a period of 30 days at 3000 has gone by.
class ProrationTest : public testing::Test {
  protected:
    ProrationTest() : world(clock, 1), account(world.AddAccount("Shop", std::string(kNewVersion))) {
        auto& customer = AddCustomer(world, account, "Ada", "ada@example.com");
        customer.default_payment_method =
            AttachCard(world, account, customer.id, *TestCard("pm_card_visa")).id;
        SubscriptionTerms terms;
        terms.amount = 3000;
        terms.first_renewal = world.Now() + days(15);
        subscription = &StartSubscription(world, account, customer, terms);
        before = subscription->items;
    }

    std::vector<std::int64_t> Amounts() const {
        std::vector<std::int64_t> amounts;
        for (const auto& item : account.invoice_items.all()) amounts.push_back(item.amount);
        return amounts;
    }

    ManualClock clock{*ParseTime("2026-01-01T00:00:00Z")};
    World world;
    Account& account;
    Subscription* subscription = nullptr;
    std::vector<SubscriptionItem> before;
};

TEST_F(ProrationTest, ChangedItem_IsCreditedAndChargedForTheRestOfThePeriod) {
    subscription->items.front().quantity = 2;
    Prorate(world, account, *subscription, before, {});
    EXPECT_EQ(Amounts(), (std::vector<std::int64_t>{-1500, 3000}));
    InvoicePending(world, account, *subscription, {});
    const auto& invoice = account.invoices.all().back();
    EXPECT_EQ(invoice.total, 1500);
    EXPECT_EQ(invoice.status, "paid");
    EXPECT_EQ(subscription->latest_invoice, invoice.id);
}

TEST_F(ProrationTest, UnchangedItem_CostsNothing) {
    Prorate(world, account, *subscription, before, {});
    EXPECT_TRUE(Amounts().empty());
}

TEST_F(ProrationTest, Credit_GoesToTheBalanceThatTheRenewalUses) {
    const auto& customer = account.customers.all().back();
    subscription->items.front().price = &MonthlyPrice(world, account, 1200, "usd");
    Prorate(world, account, *subscription, before, {});
    InvoicePending(world, account, *subscription, {});
    EXPECT_EQ(account.invoices.all().back().total, 600 - 1500);
    EXPECT_EQ(account.invoices.all().back().status, "paid");
    EXPECT_EQ(customer.balance, -900);
    clock.Advance(days(15));
    world.agenda.RunDue(clock.Now(), 100);
    EXPECT_EQ(account.invoices.all().back().total, 1200);
    EXPECT_EQ(account.charges.all().back().amount, 300);
    EXPECT_EQ(customer.balance, 0);
}

}  // namespace
}  // namespace citadel::stripe_sim
