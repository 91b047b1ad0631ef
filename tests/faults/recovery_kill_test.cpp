// Promise 3: at most one charge per slot, and every slot resolved. The process ends at each step of an
// attempt or of a letter; another takes over when the lease has run out. The simulator's own ledger says
// what was charged, and the database must look as if nothing had happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/judgement.h"
#include "support/simulator_program.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

// Stripe's word of our own charges comes when it comes: how much of it has arrived by now says nothing.
std::string WithoutEcho(const std::string& state) {
    std::string kept;
    for (std::size_t begin = 0; begin < state.size();) {
        auto end = std::min(state.find('\n', begin), state.size());
        auto line = state.substr(begin, end - begin);
        bool echo = line.find("payment_failed_again") != line.npos || line.find(" | events | ") != line.npos;
        if (!echo) kept += line + "\n";
        begin = end + 1;
    }
    return kept;
}

using namespace std::chrono_literals;

const Time kRenewal = *ParseTime("2026-03-02T09:00:00Z");
const Time kRetry = kRenewal + std::chrono::days(3) + 1min;

// Two renewals fail; three days later one card is approved, the other declined again (and written to).
class Attempt {
  public:
    Attempt() : simulator_(kRenewal), account_(simulator_.AddMerchant(database_.sql())) {
        auto engine = Start(kRenewal);
        good_ = Fail("healed", R"(["insufficient_funds","approve"])");
        bad_ = Fail("broke", R"(["insufficient_funds","insufficient_funds","insufficient_funds"])");
        Finish(*engine, kRenewal);
        EXPECT_EQ(database_.sql().Number("select count(*) from citadel.emails where status = 'sent'"), 2)
            << engine->Output();
    }

    // A process that works at that time until all is done.
    void RunAt(Time now) {
        auto engine = Start(now);
        Finish(*engine, now);
    }

    // A process that must reach `step` and end there.
    void DieAt(const std::string& step, Time now) {
        simulator_.SetClock(now);
        auto engine = LaunchEngine(Settings(now, step));
        EXPECT_EQ(engine->Wait(20s), 137) << step << " was not reached\n" << engine->Output();
    }

    // After the lease of three minutes, and after the ten minutes for which a charge may stay in doubt once
    // its recovery is closed (the webhook of its success may come before the task's next turn).
    // In the end comes what Stripe could not deliver while nobody listened.
    void RunToTheEndFrom(Time now) {
        RunAt(now + 10min);
        auto engine = Start(now + 30min);
        simulator_.SetClock(now + 3h);
        Finish(*engine, now + 30min);
    }

    void ExpectTheSameEndAs(const std::string& undisturbed) {
        EXPECT_EQ(WithoutEcho(StateOf(database_.sql())), WithoutEcho(undisturbed));
        EXPECT_EQ(simulator_.Verdict("duplicateCharges"), 0);
        EXPECT_EQ(simulator_.Verdict("violations"), 0);
        EXPECT_THAT(simulator_.Attempts(good_),
                    ::testing::MatchesRegex("stripe declined\nengine approved cit_[0-9_]*_1\n"));
        EXPECT_THAT(simulator_.Attempts(bad_),
                    ::testing::MatchesRegex("stripe declined\nengine declined cit_[0-9_]*_1\n"));
        auto& sql = database_.sql();
        EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts where outcome is null"), 0);
        EXPECT_EQ(
            sql.Lines("select r.customer_email, e.kind, e.attempt, e.status, count(*) from citadel.emails e "
                      "join citadel.recoveries r using (bucket, merchant_id, recovery_id) "
                      "group by 1, 2, 3, 4 order by 1, 2, 3"),
            "broke@example.com | payment_failed | 1 | sent | 1\n"
            "broke@example.com | payment_failed | 2 | sent | 1\n"
            "healed@example.com | payment_failed | 1 | sent | 1\n");
        EXPECT_EQ(BookDifferences(database_.url()), 0);
        EXPECT_EQ(Stranded(sql), 0);
    }

    std::string State() { return StateOf(database_.sql()); }
    TestDatabase& database() { return database_; }
    SimulatorProgram& simulator() { return simulator_; }

  private:
    std::string Fail(const std::string& name, const std::string& outcomes) {
        return simulator_.Renew(simulator_.AddPayer(account_, name, outcomes));
    }

    EngineSettings Settings(Time now, const std::string& die_at) {
        EngineSettings settings;
        settings.database_url = database_.url();
        settings.clock = "fixed:" + FormatTime(now);
        settings.stripe_base = simulator_.base();
        settings.workers = 16;
        settings.die_at = die_at;
        return settings;
    }

    std::unique_ptr<Program> Start(Time now) {
        simulator_.SetClock(now);
        auto engine = StartEngine(Settings(now, ""));
        simulator_.SendWebhooksTo(*engine);
        return engine;
    }

    // Work may cross between the two while one of them is looked at: seen idle twice. An engine that is
    // stopped in order has had its janitor's first round.
    void Finish(Program& engine, Time now) {
        for (int i = 0; i < 2; ++i) {
            simulator_.WaitUntilNothingIsDue();
            WaitUntilIdle(database_.sql(), now);
        }
        engine.Signal(SIGTERM);
        EXPECT_EQ(engine.Wait(20s), 0) << engine.Output();
    }

    TestDatabase database_;
    SimulatorProgram simulator_;
    std::string account_;
    std::string good_, bad_;
};

std::string UndisturbedState() {
    static const std::string state = [] {
        Attempt attempt;
        attempt.RunAt(kRetry);
        attempt.RunToTheEndFrom(kRetry);
        return attempt.State();
    }();
    return state;
}

class RecoveryDiesAt : public ::testing::TestWithParam<const char*> {};

TEST_P(RecoveryDiesAt, AndAnotherProcessEndsItAsIfNothingHadHappened) {
    auto undisturbed = UndisturbedState();
    Attempt attempt;
    attempt.DieAt(GetParam(), kRetry);
    attempt.RunToTheEndFrom(kRetry);
    attempt.ExpectTheSameEndAs(undisturbed);
}

INSTANTIATE_TEST_SUITE_P(EachStep, RecoveryDiesAt,
                         ::testing::Values("task_claimed", "invoice_read", "charge_intended",
                                           "charge_answered", "mail_intended", "mail_sent", "task_ran",
                                           "task_settled"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Recovery, KilledAgainAndAgainInTheSameAttempt_StillChargesOnce) {
    auto undisturbed = UndisturbedState();
    Attempt attempt;
    int minutes = 0;
    for (const char* step : {"charge_intended", "charge_answered", "charge_answered", "task_ran"}) {
        attempt.DieAt(step, kRetry + std::chrono::minutes(minutes));
        minutes += 10;
    }
    attempt.RunToTheEndFrom(kRetry + std::chrono::minutes(minutes));
    attempt.ExpectTheSameEndAs(undisturbed);
}

TEST(Recovery, AnAnswerThatGotLostAfterTheCharge_IsAskedForUnderTheSameKey) {
    auto undisturbed = UndisturbedState();
    Attempt attempt;
    attempt.simulator().Tell(
        "/_sim/faults",
        {{"kind", "drop_after"}, {"method", "POST"}, {"path", "/v1/invoices/*/pay"}, {"times", 6}});
    attempt.RunAt(kRetry);
    attempt.RunToTheEndFrom(kRetry);
    attempt.ExpectTheSameEndAs(undisturbed);
}

TEST(Recovery, KilledWithAChargeInDoubtForLongerThanStripeKeepsItsKey_IsSettledByLooking) {
    Attempt attempt;
    attempt.DieAt("charge_intended", kRetry);
    attempt.RunAt(kRetry + std::chrono::hours(25));
    auto& sql = attempt.database().sql();
    EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts where outcome is null"), 0);
    EXPECT_EQ(attempt.simulator().Verdict("duplicateCharges"), 0);
    EXPECT_EQ(BookDifferences(attempt.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

// The charge is made when it is asked for again, most of a day after its intent, and that answer is lost too.
TEST(Recovery, AChargeThatOnlyTheSecondQuestionMade_IsFoundByThatQuestionsTime) {
    Attempt attempt;
    attempt.DieAt("charge_intended", kRetry);
    attempt.DieAt("charge_answered", kRetry + std::chrono::hours(20));
    attempt.RunAt(kRetry + std::chrono::hours(26));
    auto& sql = attempt.database().sql();
    auto ledger = attempt.simulator().Ask("/_sim/ledger?driver=engine");
    EXPECT_FALSE(ledger.at("attempts").as_array().empty());
    ExpectTheBanksView(ledger, sql);
    EXPECT_EQ(sql.Number("select count(*) from citadel.recoveries where status = 'recovered' and "
                         "cause <> 'retry'"),
              0);
    EXPECT_EQ(attempt.simulator().Verdict("duplicateCharges"), 0);
    EXPECT_EQ(BookDifferences(attempt.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

}  // namespace
}  // namespace citadel::testing
