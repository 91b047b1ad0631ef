#include "stripe_sim/check.h"

#include "stripe_sim/test_rig.h"

namespace citadel::stripe_sim {
namespace {

Attempt EngineCharge(const std::string& invoice, AttemptOutcome outcome, const std::string& code = {}) {
    Attempt attempt;
    attempt.id = "ch_" + invoice;
    attempt.invoice = invoice;
    attempt.account = "acct_1";
    attempt.amount = 100;
    attempt.outcome = outcome;
    attempt.decline_code = code;
    attempt.driver = Driver::kEngine;
    attempt.fingerprint = "card";
    attempt.brand = "visa";
    return attempt;
}

std::vector<std::string> RulesBroken(const World& world) {
    std::vector<std::string> rules;
    for (const auto& violation : Judge(world).violations) rules.push_back(violation.rule);
    return rules;
}

class CheckTest : public testing::Test {
  protected:
    ManualClock clock{StartOfYear()};
    World world{clock, 1};
};

TEST_F(CheckTest, CleanRun_HasNoViolation) {
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kDeclined, "insufficient_funds"));
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kApproved));
    EXPECT_TRUE(RulesBroken(world).empty());
    EXPECT_EQ(Judge(world).attempts, 2);
}

TEST_F(CheckTest, SecondSuccessfulCharge_IsADuplicate) {
    for (int i = 0; i < 3; ++i) world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kApproved));
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"duplicate_charge"});
    EXPECT_EQ(Judge(world).duplicate_charges, 1);
}

TEST_F(CheckTest, RetryOfALostCard_IsForbidden) {
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kDeclined, "lost_card"));
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kDeclined, "lost_card"));
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"retry_forbidden"});
}

TEST_F(CheckTest, AnAuthenticationTheBankWants_MayNotBeTriedAgain) {
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kDeclined, "authentication_required"));
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kApproved));
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"retry_forbidden"});
}

TEST_F(CheckTest, ChargeAfterAStop_IsFoundWhereverTheMoneyWent) {
    auto attempt = EngineCharge("in_1", AttemptOutcome::kApproved);
    attempt.stopped_by = "invoice.voided evt_1";
    world.ledger.Record(attempt);
    attempt.outcome = AttemptOutcome::kRefused;
    world.ledger.Record(attempt);
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"charge_after_stop"});
    EXPECT_EQ(Judge(world).refused_after_stop, 1);
}

// `count` declines on one card, `apart` from each other, by Stripe and the engine in turns.
class NetworkLimitTest : public CheckTest {
  protected:
    void Decline(const std::string& brand, int count, Duration apart) {
        for (int i = 0; i < count; ++i) {
            auto attempt = EngineCharge("in_1", AttemptOutcome::kDeclined, "insufficient_funds");
            attempt.time = StartOfYear() + i * apart;
            attempt.brand = brand;
            attempt.driver = i % 2 == 0 ? Driver::kEngine : Driver::kStripe;
            world.ledger.Record(std::move(attempt));
        }
    }
};

TEST_F(NetworkLimitTest, Visa_TakesTwentyRepetitionsInThirtyDays) {
    Decline("visa", 21, std::chrono::days(1));
    EXPECT_TRUE(RulesBroken(world).empty());
    Decline("visa", 1, std::chrono::days(1));
    EXPECT_EQ(RulesBroken(world).size(), 1u);
}

TEST_F(NetworkLimitTest, Visa_ForgetsAfterThirtyDays) {
    Decline("visa", 60, std::chrono::hours(36));
    EXPECT_TRUE(RulesBroken(world).empty());
}

TEST_F(NetworkLimitTest, Mastercard_TakesTenDeclinesADay) {
    Decline("mastercard", 11, std::chrono::hours(1));
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"network_limit"});
}

TEST_F(NetworkLimitTest, Mastercard_TakesThirtyFiveInThirtyDays) {
    Decline("mastercard", 35, std::chrono::hours(12));
    EXPECT_TRUE(RulesBroken(world).empty());
    Decline("mastercard", 1, std::chrono::hours(12));
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"network_limit"});
}

TEST_F(NetworkLimitTest, StripesOwnExcess_IsNotTheEnginesFault) {
    Decline("visa", 21, std::chrono::days(1));
    auto attempt = EngineCharge("in_1", AttemptOutcome::kDeclined, "insufficient_funds");
    attempt.time = StartOfYear() + std::chrono::days(20);
    attempt.driver = Driver::kStripe;
    world.ledger.Record(std::move(attempt));
    EXPECT_TRUE(RulesBroken(world).empty());
}

TEST_F(NetworkLimitTest, Success_EndsTheChain) {
    Decline("visa", 15, std::chrono::hours(1));
    world.ledger.Record(EngineCharge("in_1", AttemptOutcome::kApproved));
    Decline("visa", 15, std::chrono::hours(1));
    EXPECT_TRUE(RulesBroken(world).empty());
}

TEST_F(CheckTest, OneKey_MovesTheBankOnce) {
    for (int i = 0; i < 2; ++i) {
        auto attempt = EngineCharge("in_1", AttemptOutcome::kDeclined, "insufficient_funds");
        attempt.idempotency_key = "slot-1";
        world.ledger.Record(std::move(attempt));
    }
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"key_charged_twice"});
}

TEST(CheckScenario, KeySentAgainAfterADay_ChargesAgainAndIsFound) {
    Rig rig;
    auto invoice = rig.Renew(rig.Prepare(R"(["insufficient_funds"])", R"({"retrySchedule":[]})"));
    auto pay = [&] { return rig.Post("/v1/invoices/" + invoice + "/pay", "", "slot-1"); };
    EXPECT_EQ(pay().status, 402);
    rig.clock.Advance(std::chrono::hours(23));
    EXPECT_EQ(pay().header("Idempotent-Replayed"), "true");
    EXPECT_EQ(rig.Sim("check").at("violations").as_array().size(), 0u);
    rig.clock.Advance(std::chrono::hours(2));
    EXPECT_TRUE(pay().header("Idempotent-Replayed").empty());
    EXPECT_EQ(rig.Sim("check").at("violations").at(0).at("rule"), "key_charged_twice");
}

TEST(CheckScenario, FailureNobodyWasToldOf_IsFoundWhenStripeHasGivenUp) {
    Rig rig;
    rig.Sim("endpoint", R"({"events":["invoice.paid"]})");
    rig.Renew(rig.Prepare(R"(["approve"])"));
    auto made = rig.Prepare(R"(["insufficient_funds"])", R"({"retrySchedule":[]})");
    rig.Renew(made);
    auto rules = [&] {
        std::vector<std::string> found;
        auto check = rig.Sim("check");
        for (const auto& violation : check.at("violations").as_array())
            found.emplace_back(violation.at("rule").as_string());
        return found;
    };
    EXPECT_EQ(rig.Sim("check").at("failedRenewalsUnannounced"), 1);
    EXPECT_TRUE(rules().empty());
    rig.clock.Advance(std::chrono::days(5));
    EXPECT_EQ(rules(), std::vector<std::string>{"failure_unannounced"});
}

TEST(CheckScenario, ChargeAfterAnAcknowledgedStop_IsAViolation) {
    Rig rig;
    auto made = rig.Prepare(R"(["insufficient_funds","insufficient_funds","approve"])");
    auto invoice = rig.Renew(made);
    // Not yet told: charging is no fault.
    rig.receiver_status = 500;
    rig.Send(rig.ApiCallTo("DELETE", "/v1/subscriptions/" + made.subscription));
    rig.Settle();
    EXPECT_EQ(rig.Post("/v1/invoices/" + invoice + "/pay").status, 402);
    EXPECT_EQ(rig.Sim("check").at("chargesAfterStop"), 0);
    rig.receiver_status = 200;
    rig.Advance(std::chrono::minutes(1));
    EXPECT_EQ(rig.Post("/v1/invoices/" + invoice + "/pay").status, 200);
    auto check = rig.Sim("check");
    EXPECT_EQ(check.at("chargesAfterStop"), 1);
    EXPECT_EQ(check.at("violations").at(0).at("rule"), "charge_after_stop");
    // And once it is paid and known to be, Stripe refuses: counted apart, no charge was made.
    rig.Settle();
    EXPECT_EQ(rig.Post("/v1/invoices/" + invoice + "/pay").status, 400);
    check = rig.Sim("check");
    EXPECT_EQ(check.at("chargesAfterStop"), 1);
    EXPECT_EQ(check.at("refusedAfterStop"), 1);
}

}  // namespace
}  // namespace citadel::stripe_sim
