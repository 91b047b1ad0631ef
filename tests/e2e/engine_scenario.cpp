// The recovery engine over weeks: who collects, which card pays, whose attempts are counted, what the
// merchant wants at the end, and what lost webhooks leave to the daily comparison.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scenario.h"

namespace citadel::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNoFunds =
    R"(["insufficient_funds", "insufficient_funds", "insufficient_funds", "insufficient_funds"])";

TEST(Collector, OwnSwitchesStripesRetriesOffFromTheStart_AndGivesTheInvoiceBackInTheEnd) {
    Scenario scenario;
    scenario.Begin(kNoFunds, "[3, 5, 7]", "own");
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, not collected by Stripe");
    scenario.PlayTo(21);
    EXPECT_THAT(scenario.BankAttempts(), Not(HasSubstr("stripe day 3")));
    EXPECT_EQ(scenario.Charges(), "day 3: declined\nday 8: declined\nday 15: declined\n");
    scenario.PlayTo(23);
    EXPECT_THAT(scenario.Outcome(), HasSubstr("exhausted"));
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, collected by Stripe");
    EXPECT_EQ(scenario.sql().Text("select wind_down || auto_advance_taken from citadel.recoveries"), "false");
    scenario.ExpectNoPromiseBroken();
}

TEST(Collector, AMerchantWhoLeavesOwn_HasStripeCollectAgainAtOnce_AndBack) {
    Scenario scenario;
    scenario.Begin(kNoFunds, "[9, 11]", "own");
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, not collected by Stripe");
    scenario.MerchantSets("retry_mode = 'observe'");
    scenario.PlayTo(1);
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, collected by Stripe");
    scenario.MerchantSets("retry_mode = 'own'");
    scenario.PlayTo(2);
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, not collected by Stripe");
    scenario.PlayTo(14);
    EXPECT_EQ(scenario.Charges(), "day 3: declined\nday 8: declined\n");
    EXPECT_THAT(scenario.BankAttempts(), Not(HasSubstr("stripe day 9")));
    scenario.ExpectNoPromiseBroken();
}

TEST(FinalAction, TheInvoiceIsMarkedUncollectible_OnceTheSequenceHasEnded) {
    Scenario scenario;
    scenario.Begin(kNoFunds);
    scenario.MerchantSets("final_action = 'uncollectible'");
    scenario.PlayTo(21, 20);
    EXPECT_EQ(scenario.InvoiceAtStripe(), "open, collected by Stripe");
    scenario.PlayTo(24);
    EXPECT_THAT(scenario.InvoiceAtStripe(), HasSubstr("uncollectible"));
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    EXPECT_THAT(scenario.Decisions(), HasSubstr("finish finish"));
    scenario.ExpectNoPromiseBroken();
}

TEST(FinalAction, TheSubscriptionIsCancelled_OnceTheSequenceHasEnded) {
    Scenario scenario;
    scenario.Begin(kNoFunds, "[]", "own");
    scenario.MerchantSets("final_action = 'cancel'");
    scenario.PlayTo(24);
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    EXPECT_THAT(scenario.Decisions(), HasSubstr("finish finish"));
    EXPECT_EQ(scenario.sql().Number("select count(*) from citadel.processed_events "
                                    "where type = 'customer.subscription.deleted'"),
              1);
    scenario.ExpectNoPromiseBroken();
}

TEST(Attempts, EverybodysAreBooked_WithTheirDriver) {
    Scenario scenario;
    scenario.Begin(kNoFunds, "[2, 6]");
    scenario.PlayTo(9);
    EXPECT_EQ(scenario.Attempts(),
              "stripe declined\nstripe declined\ncitadel declined\nstripe declined\ncitadel declined\n");
    EXPECT_EQ(scenario.sql().Number("select count(distinct fingerprint) from citadel.payment_attempts"), 1);
    EXPECT_EQ(scenario.sql().Number("select count(*) from citadel.payment_attempts where charge_id is null"),
              0);
    EXPECT_EQ(scenario.sql().Text("select distinct network from citadel.payment_attempts"), "visa");
    scenario.ExpectNoPromiseBroken();
}

TEST(NewCard, AttachedBesideAPinnedDeadOne_IsTheOneThatIsCharged_Once) {
    Scenario scenario;
    scenario.Begin(R"(["lost_card"])");
    scenario.SubscriptionPinsItsCard();
    scenario.PlayTo(1);
    EXPECT_EQ(scenario.Charges(), "");
    scenario.CustomerEntersNewCard();
    scenario.PlayTo(2);
    EXPECT_EQ(scenario.MethodsCharged(), "stripe declined old card\nengine approved new card\n");
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | retry | 2000\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(NewCard, MadeTheCustomersDefault_IsChargedSoonAndOnlyOnce) {
    Scenario scenario;
    scenario.Begin(R"(["stolen_card"])");
    scenario.PlayTo(4);
    scenario.CustomerMakesNewCardTheDefault();
    scenario.PlayTo(5);
    EXPECT_EQ(scenario.MethodsCharged(), "stripe declined old card\nengine approved new card\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(CollectNow, ChargesAtOnce_AndNotWhatIsForbidden) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "lost_card", "approve"])");
    scenario.PlayTo(1);
    scenario.MerchantCollectsNow();
    scenario.PlayTo(1, 6);
    EXPECT_EQ(scenario.Charges(), "day 1: declined\n");
    scenario.MerchantCollectsNow();
    scenario.PlayTo(3);
    EXPECT_EQ(scenario.Charges(), "day 1: declined\n") << "a lost card was tried again";
    EXPECT_THAT(scenario.Decisions(), HasSubstr("wait limits.card_forbidden"));
    EXPECT_EQ(scenario.sql().Text("select collect_now_at is null from citadel.recoveries"), "t");
    scenario.ExpectNoPromiseBroken();
}

TEST(CollectNow, KeepsItsDistanceFromStripesOwnAttempt) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "insufficient_funds", "approve"])", "[2]");
    scenario.PlayTo(1, 20);
    scenario.MerchantCollectsNow();
    scenario.PlayTo(3);
    EXPECT_EQ(
        scenario.BankAttempts(),
        "stripe day 0 hour 0: declined\nstripe day 2 hour 0: declined\nengine day 2 hour 6: approved\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Sweep, AFailureThatNoWebhookTold_BecomesARecovery_AndAPaymentThatNoneToldEndsIt) {
    Scenario scenario;
    scenario.BeginUnheard(R"(["insufficient_funds", "insufficient_funds"])");
    EXPECT_EQ(scenario.sql().Number("select count(*) from citadel.recoveries"), 0);
    auto first = scenario.Sweep();
    EXPECT_EQ(first.accounts, 1);
    EXPECT_EQ(first.opened, 1);
    auto at_once = scenario.Sweep();
    EXPECT_EQ(at_once.accounts, 0) << "an account is compared once a day";
    scenario.PlayTo(2);
    EXPECT_THAT(scenario.Letters(), HasSubstr("payment_failed 1"));
    scenario.CustomerPaysOnHostedPage();
    scenario.PlayTo(2, 1);
    EXPECT_EQ(scenario.Outcome(), "open |  |  | 0\n");
    EXPECT_EQ(scenario.Sweep().hastened, 1);
    scenario.PlayTo(2, 4);
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | customer_after_mail | 2000\n");
    EXPECT_EQ(scenario.Books(), "1 | 1 | 2000 | 0 | 0 | 0 | 1\n");
}

TEST(Sweep, WhatFailedBeforeTheMerchantCame_IsSpreadOverTwoDays) {
    Scenario scenario;
    scenario.BeginUnheard(R"(["insufficient_funds"])", 40);
    scenario.PlayTo(3);
    EXPECT_EQ(scenario.Sweep().opened, 40);
    EXPECT_EQ(scenario.sql().Number("select count(*) from citadel.scheduled_tasks where run_at > "
                                    "created_at + interval '48 hours' and recovery_id is not null"),
              0);
    EXPECT_GE(scenario.sql().Number("select count(distinct date_trunc('hour', run_at)) "
                                    "from citadel.scheduled_tasks where recovery_id is not null"),
              15);
    scenario.sql().Run("update citadel.stripe_accounts set swept_at = null");
    EXPECT_EQ(scenario.Sweep().opened, 0) << "once, not again";
}

// Its webhook may be on its way: which of the two comes first makes no difference.
TEST(Sweep, WhatFailedOnTheDayTheMerchantCame_BeginsAtOnce) {
    Scenario scenario;
    scenario.BeginUnheard(R"(["insufficient_funds"])", 3);
    EXPECT_EQ(scenario.Sweep().opened, 3);
    EXPECT_EQ(scenario.sql().Number("select count(*) from citadel.scheduled_tasks where run_at > created_at "
                                    "and recovery_id is not null"),
              0);
}

TEST(Reversal, CountsWithinNinetyDaysAndNotAfter) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "approve"])");
    scenario.PlayTo(4);
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | retry | 2000\n");
    scenario.PlayTo(60);
    scenario.RefundSome(500);
    scenario.PlayTo(61);
    EXPECT_EQ(scenario.sql().Number("select amount_reversed from citadel.recoveries"), 500);
    scenario.PlayTo(100);
    scenario.RefundSome(700);
    scenario.PlayTo(101);
    EXPECT_EQ(scenario.sql().Number("select amount_reversed from citadel.recoveries"), 500);
    EXPECT_EQ(scenario.sql().Number("select sum(reversed_amount) from citadel.daily_metrics"), 500);
    scenario.ExpectNoPromiseBroken();
}

}  // namespace
}  // namespace citadel::testing
