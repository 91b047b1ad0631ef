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

TEST_F(CheckTest, TooManyAttemptsOnOneCard_BreakTheNetworksLimit) {
    for (int i = 0; i < 22; ++i) {
        auto attempt = EngineCharge("in_1", AttemptOutcome::kDeclined, "insufficient_funds");
        attempt.time = StartOfYear() + std::chrono::days(i);
        world.ledger.Record(std::move(attempt));
    }
    EXPECT_EQ(RulesBroken(world), std::vector<std::string>{"network_limit"});
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
