// Weeks of dunning, told day by day: what the customer's bank sees, what the customer reads, what the
// books say in the end.
#include <gtest/gtest.h>

#include "support/scenario.h"

namespace citadel::testing {
namespace {

TEST(Dunning, CardDeclinedOnDayZero_LetterThatDay_RetryOnDayThreeSucceeds_BooksShowIt) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "approve"])");
    EXPECT_EQ(scenario.Letters(), "day 0: payment_failed 1\n");
    EXPECT_EQ(scenario.Charges(), "");

    scenario.PlayTo(2, 23);
    EXPECT_EQ(scenario.Charges(), "");
    EXPECT_EQ(scenario.Outcome(), "open |  |  | 0\n");

    scenario.PlayTo(4);
    EXPECT_EQ(scenario.Charges(), "day 3: succeeded\n");
    EXPECT_EQ(scenario.Letters(), "day 0: payment_failed 1\n");
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | retry | 2000\n");
    EXPECT_EQ(scenario.Books(), "1 | 1 | 2000 | 0 | 0 | 1 | 1\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, SoftDeclines_AreTriedOnDaysThreeEightAndFifteen_WithALetterAfterEach_AndEndOnDayTwentyTwo) {
    Scenario scenario;
    scenario.Begin(
        R"(["insufficient_funds", "insufficient_funds", "insufficient_funds", "insufficient_funds"])");
    scenario.PlayTo(21, 23);
    EXPECT_EQ(scenario.Outcome(), "open |  |  | 0\n");
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.Charges(), "day 3: declined\nday 8: declined\nday 15: declined\n");
    EXPECT_EQ(scenario.Letters(),
              "day 0: payment_failed 1\nday 3: payment_failed 2\nday 8: payment_failed 3\nday 15: "
              "final_notice 4\n");
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    EXPECT_EQ(scenario.Books(), "1 | 0 | 0 | 0 | 1 | 3 | 4\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, AHardDecline_IsNeverChargedAgain_ButWrittenAboutOnTheSameDays) {
    Scenario scenario;
    scenario.Begin(R"(["lost_card"])");
    scenario.PlayTo(21, 23);
    EXPECT_EQ(scenario.Outcome(), "open |  |  | 0\n");
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.BankAttempts(), "stripe day 0 hour 0: declined\n");
    EXPECT_EQ(scenario.Letters(),
              "day 0: payment_failed 1\nday 3: payment_failed 2\nday 8: payment_failed 3\nday 15: "
              "final_notice 4\n");
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    EXPECT_EQ(scenario.sql().Text("select floor(extract(epoch from closed_at - opened_at) / 86400) "
                                  "from citadel.recoveries"),
              "22");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, TheBankWantsTheCustomer_SheIsAskedOnce_PaysOnTheHostedPage_RecoveredAfterMail) {
    Scenario scenario;
    scenario.Begin(R"(["requires_action", "approve"])");
    EXPECT_EQ(scenario.Letters(), "day 0: action_required 1\n");
    scenario.PlayTo(2);
    scenario.CustomerPaysOnHostedPage();
    scenario.PlayTo(25);
    EXPECT_EQ(scenario.Letters(), "day 0: action_required 1\n");
    EXPECT_EQ(scenario.Charges(), "");
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | customer_after_mail | 2000\n");
    EXPECT_EQ(scenario.Books(), "1 | 1 | 2000 | 0 | 0 | 0 | 1\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, Weave_KeepsSixHoursAwayFromStripesOwnAttempts) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "insufficient_funds", "insufficient_funds", "insufficient_funds",
        "insufficient_funds", "insufficient_funds", "insufficient_funds"])",
                   "[3, 5, 8]");
    scenario.PlayTo(30);
    // Ours were due at day 3 (Stripe is trying), five days after it, and seven days after that.
    EXPECT_EQ(scenario.BankAttempts(),
              "stripe day 0 hour 0: declined\n"
              "stripe day 3 hour 0: declined\n"
              "engine day 3 hour 6: declined\n"
              "stripe day 5 hour 0: declined\n"
              "stripe day 8 hour 0: declined\n"
              "engine day 8 hour 6: declined\n"
              "engine day 15 hour 6: declined\n");
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, StripesOwnRetrySucceeds_ItIsRecoveredByStripe_AndNothingMoreIsCharged) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "approve"])", "[2, 5, 8]");
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.BankAttempts(), "stripe day 0 hour 0: declined\nstripe day 2 hour 0: approved\n");
    EXPECT_EQ(scenario.Letters(), "day 0: payment_failed 1\n");
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | stripe_retry | 2000\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, TheMerchantTakesTheAccessAway_NothingMoreIsChargedOrMailed) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "insufficient_funds", "approve"])");
    scenario.PlayTo(4);
    scenario.MerchantTakesAccessAway();
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.Charges(), "day 3: declined\n");
    EXPECT_EQ(scenario.Letters(), "day 0: payment_failed 1\nday 3: payment_failed 2\n");
    EXPECT_EQ(scenario.Outcome(), "stopped | disconnected |  | 0\n");
    EXPECT_EQ(scenario.Books(), "1 | 0 | 0 | 1 | 0 | 1 | 2\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, TheMerchantVoidsTheInvoice_NothingMoreIsChargedOrMailed) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "approve"])");
    scenario.PlayTo(1);
    scenario.MerchantVoidsTheInvoice();
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.Charges(), "");
    EXPECT_EQ(scenario.Letters(), "day 0: payment_failed 1\n");
    EXPECT_EQ(scenario.Outcome(), "stopped | voided |  | 0\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, TheCustomerEntersANewCardAfterAHardDecline_ItIsChargedSoon) {
    Scenario scenario;
    scenario.Begin(R"(["lost_card"])");
    scenario.PlayTo(1);
    scenario.CustomerEntersNewCard();
    scenario.PlayTo(1, 1);
    EXPECT_EQ(scenario.Charges(), "day 1: succeeded\n");
    EXPECT_EQ(scenario.Outcome(), "recovered | paid | retry | 2000\n");
    scenario.ExpectNoPromiseBroken();
}

TEST(Dunning, AMerchantWhoOnlyWatches_IsNeverChargedForNorWrittenFor) {
    Scenario scenario;
    scenario.Begin(R"(["insufficient_funds", "approve"])", "[]", "observe");
    scenario.PlayTo(30);
    EXPECT_EQ(scenario.BankAttempts(), "stripe day 0 hour 0: declined\n");
    EXPECT_EQ(scenario.Letters(), "");
    EXPECT_EQ(scenario.Outcome(), "exhausted | sequence_ended |  | 0\n");
    scenario.ExpectNoPromiseBroken();
}

}  // namespace
}  // namespace citadel::testing
