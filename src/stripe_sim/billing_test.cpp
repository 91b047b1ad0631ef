#include "stripe_sim/billing.h"

#include <gtest/gtest.h>

#include "stripe_sim/cards.h"
#include "stripe_sim/charges.h"
#include "stripe_sim/customers.h"
#include "stripe_sim/settlement.h"
#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::days;

class BillingTest : public testing::Test {
  protected:
    BillingTest() : world(clock, 1), account(world.AddAccount("Shop", std::string(kNewVersion))) {
        world.events.on_event = [this](const EventPtr& event) { types.push_back(event->type); };
    }

    // A subscription that renews in a day, on a card that answers as told.
    Subscription& Subscribe(std::deque<std::string> outcomes) {
        auto& customer = AddCustomer(world, account, "Ada", "ada@example.com");
        NewCard card = *TestCard("pm_card_visa");
        card.bank.script = std::move(outcomes);
        customer.default_payment_method = AttachCard(world, account, customer.id, std::move(card)).id;
        SubscriptionTerms terms;
        terms.first_renewal = world.Now() + days(1);
        return StartSubscription(world, account, customer, terms);
    }

    // Moves the clock to each due moment in turn.
    void PassDays(int count) {
        auto end = clock.Now() + days(count);
        while (world.agenda.Next() && *world.agenda.Next() <= end) {
            clock.Set(*world.agenda.Next());
            world.agenda.RunDue(clock.Now(), 100);
        }
        clock.Set(end);
    }

    const Invoice& Latest() { return account.invoices.all().back(); }
    std::size_t Count(std::string_view type) const {
        return static_cast<std::size_t>(std::ranges::count(types, type));
    }

    ManualClock clock{*ParseTime("2026-01-01T00:00:00Z")};
    World world;
    Account& account;
    std::vector<std::string> types;
};

TEST_F(BillingTest, Renewal_IsPaidAndToldInStripesOrder) {
    auto& subscription = Subscribe({"approve"});
    types.clear();
    PassDays(1);
    EXPECT_EQ(Latest().status, "paid");
    EXPECT_EQ(Latest().attempt_count, 1);
    EXPECT_EQ(Latest().billing_reason, "subscription_cycle");
    EXPECT_EQ(subscription.status, "active");
    EXPECT_EQ(subscription.period_end, *ParseTime("2026-02-02T00:00:00Z"));
    std::vector<std::string> expected = {"invoice.created",           "customer.subscription.updated",
                                         "payment_intent.created",    "invoice.finalized",
                                         "charge.succeeded",          "payment_intent.succeeded",
                                         "invoice.updated",           "invoice.paid",
                                         "invoice.payment_succeeded", "invoice_payment.paid"};
    EXPECT_EQ(types, expected);
}

TEST_F(BillingTest, FailedRenewal_IsTriedAgainOnTheAccountsDays) {
    account.retry_schedule = {3, 5};
    auto& subscription = Subscribe({"insufficient_funds", "insufficient_funds", "approve"});
    PassDays(1);
    auto began = clock.Now();
    EXPECT_EQ(subscription.status, "past_due");
    EXPECT_EQ(Latest().attempt_count, 1);
    EXPECT_EQ(Latest().next_payment_attempt, began + days(3));
    PassDays(3);
    EXPECT_EQ(Latest().attempt_count, 2);
    EXPECT_EQ(Latest().next_payment_attempt, began + days(5));
    PassDays(2);
    EXPECT_EQ(Latest().status, "paid");
    EXPECT_EQ(Latest().attempt_count, 3);
    EXPECT_EQ(Latest().next_payment_attempt, std::nullopt);
    EXPECT_EQ(Latest().paid_by, Driver::kStripe);
    EXPECT_EQ(subscription.status, "active");
    EXPECT_EQ(Count("invoice.payment_failed"), 2u);
}

TEST_F(BillingTest, ManualPayment_MovesNeitherCountNorSchedule) {
    account.retry_schedule = {3};
    Subscribe({"insufficient_funds"});
    PassDays(1);
    auto& invoice = account.invoices.all().back();
    auto next = invoice.next_payment_attempt;
    PayOrder order;
    order.method = MethodFor(account, invoice);
    order.cause.driver = Driver::kEngine;
    EXPECT_EQ(CollectPayment(world, account, invoice, order).decline_code, "insufficient_funds");
    EXPECT_EQ(invoice.attempt_count, 1);
    EXPECT_EQ(invoice.next_payment_attempt, next);
    EXPECT_EQ(Count("invoice.payment_failed"), 2u);
}

TEST_F(BillingTest, RetriesSwitchedOff_LeaveNoNextAttempt) {
    account.retry_schedule.clear();
    Subscribe({"do_not_honor"});
    PassDays(20);
    EXPECT_EQ(Latest().attempt_count, 1);
    EXPECT_EQ(Latest().next_payment_attempt, std::nullopt);
    EXPECT_EQ(world.ledger.attempts().size(), 1u);
}

TEST_F(BillingTest, FinalDecline_IsNotExecutedAgainButTheScheduleMoves) {
    account.retry_schedule = {3, 5};
    Subscribe({"lost_card"});
    PassDays(10);
    EXPECT_EQ(world.ledger.attempts().size(), 1u);
    EXPECT_EQ(Latest().attempt_count, 3);
    EXPECT_EQ(Latest().next_payment_attempt, std::nullopt);
}

TEST_F(BillingTest, FinalDecline_IsExecutedAgainOnANewCard) {
    account.retry_schedule = {3};
    auto& subscription = Subscribe({"lost_card"});
    PassDays(2);
    auto& customer = *account.customers.Find(subscription.customer);
    MakeDefault(world, account, customer,
                AttachCard(world, account, customer.id, *TestCard("pm_card_visa")).id);
    PassDays(3);
    EXPECT_EQ(Latest().status, "paid");
}

TEST_F(BillingTest, WantedAuthentication_IsToldBesideTheFailure) {
    Subscribe({"authentication_required"});
    PassDays(1);
    EXPECT_EQ(Count("invoice.payment_failed"), 1u);
    EXPECT_EQ(Count("invoice.payment_action_required"), 1u);
    EXPECT_EQ(Count("charge.failed"), 1u);
}

TEST_F(BillingTest, NoCardAtAll_FailsWithoutACharge) {
    auto& subscription = Subscribe({});
    account.customers.Find(subscription.customer)->default_payment_method.clear();
    PassDays(1);
    EXPECT_EQ(Latest().attempt_count, 1);
    EXPECT_TRUE(account.charges.all().empty());
    EXPECT_EQ(Count("invoice.payment_failed"), 1u);
}

TEST_F(BillingTest, EndOfTheSchedule_DoesWhatTheMerchantChose) {
    account.retry_schedule = {1};
    account.final_action = FinalAction::kCancel;
    auto& canceled = Subscribe({"do_not_honor"});
    PassDays(3);
    EXPECT_EQ(canceled.status, "canceled");
    EXPECT_EQ(canceled.cancel_reason, "payment_failed");
    account.final_action = FinalAction::kUnpaid;
    auto& unpaid = Subscribe({"do_not_honor"});
    PassDays(3);
    EXPECT_EQ(unpaid.status, "unpaid");
    account.final_action = FinalAction::kUncollectible;
    Subscribe({"do_not_honor"});
    PassDays(3);
    EXPECT_EQ(Latest().status, "uncollectible");
    EXPECT_EQ(Latest().uncollectible_reason, "max_payment_attempts");
}

TEST_F(BillingTest, AutoAdvanceOff_StopsOwnRetriesUntilGivenBack) {
    account.retry_schedule = {3, 6};
    Subscribe({"do_not_honor"});
    PassDays(1);
    auto began = clock.Now();
    auto& invoice = account.invoices.all().back();
    SetAutoAdvance(world, account, invoice, false, {});
    EXPECT_EQ(invoice.next_payment_attempt, std::nullopt);
    PassDays(4);
    EXPECT_EQ(world.ledger.attempts().size(), 1u);
    SetAutoAdvance(world, account, invoice, true, {});
    EXPECT_EQ(invoice.next_payment_attempt, clock.Now() + std::chrono::hours(1));
    PassDays(1);
    EXPECT_EQ(world.ledger.attempts().size(), 2u);
    EXPECT_EQ(invoice.next_payment_attempt, began + days(6));
}

TEST_F(BillingTest, VoidedInvoice_IsNeverTriedAgain) {
    account.retry_schedule = {3};
    auto& subscription = Subscribe({"do_not_honor"});
    PassDays(1);
    VoidInvoice(world, account, account.invoices.all().back(), {});
    EXPECT_EQ(subscription.status, "active");
    PassDays(5);
    EXPECT_EQ(world.ledger.attempts().size(), 1u);
}

TEST_F(BillingTest, MonthEnd_StaysWithinTheMonth) {
    clock.Set(*ParseTime("2026-01-30T12:00:00Z"));
    auto& subscription = Subscribe({"approve"});
    PassDays(1);
    EXPECT_EQ(subscription.period_end, *ParseTime("2026-02-28T12:00:00Z"));
}

}  // namespace
}  // namespace citadel::stripe_sim
