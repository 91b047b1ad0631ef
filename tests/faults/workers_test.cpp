// Several processes on one queue, stop signals that race due charges, and a stop in good order: judged by
// the simulator's ledger of what was really charged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <regex>
#include <set>
#include <thread>

#include "support/http.h"
#include "support/simulator_program.h"
#include "support/state.h"
#include "support/stories.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kRenewal = *ParseTime("2026-03-02T09:00:00Z");
const Time kRetry = kRenewal + std::chrono::days(3) + 1min;

// Many failed renewals of a few merchants, taken in and written about; their retries are due at kRetry.
class Crowd {
  public:
    static constexpr int kMerchants = 4;
    static constexpr int kPayers = 50;  // of each merchant

    explicit Crowd(Time renewal) : renewal_(renewal), simulator_(renewal) {
        auto intake = Start("serve", renewal, "info");
        simulator_.SendWebhooksTo(*intake);
        for (int m = 0; m < kMerchants; ++m) {
            accounts_.push_back(simulator_.AddMerchant(database_.sql()));
            for (int p = 0; p < kPayers; ++p) {
                auto outcomes =
                    p % 2 ? R"(["insufficient_funds","approve"])" : R"(["do_not_honor","do_not_honor"])";
                auto payer = simulator_.AddPayer(accounts_.back(), fmt::format("payer{}x{}", m, p), outcomes);
                payers_.push_back({accounts_.back(), payer.subscription, simulator_.Renew(payer)});
            }
        }
        Settle(renewal);
    }

    // Seen idle twice: work may cross between the two while one of them is looked at.
    void Settle(Time now) {
        for (int i = 0; i < 2; ++i) {
            simulator_.WaitUntilNothingIsDue();
            WaitUntilIdle(database_.sql(), now);
        }
    }

    EngineSettings Settings(const std::string& command, const std::string& clock,
                            const std::string& log_level) {
        EngineSettings settings;
        settings.command = command;
        settings.database_url = database_.url();
        settings.clock = clock;
        settings.stripe_base = simulator_.base();
        settings.workers = 16;
        settings.log_level = log_level;
        return settings;
    }
    std::unique_ptr<Program> Start(const std::string& command, Time now, const std::string& log_level) {
        return StartEngine(Settings(command, "fixed:" + FormatTime(now), log_level));
    }

    struct Failed {
        std::string account, subscription, invoice;
    };
    const std::vector<Failed>& payers() const { return payers_; }
    TestDatabase& database() { return database_; }
    SimulatorProgram& simulator() { return simulator_; }

  private:
    Time renewal_;
    TestDatabase database_;
    SimulatorProgram simulator_;
    std::vector<std::string> accounts_;
    std::vector<Failed> payers_;
};

// The tasks that a process says it settled.
std::multiset<std::string> SettledBy(const Program& engine) {
    static const std::regex pattern(R"re("event":"task_settled","task":(\d+))re");
    auto output = engine.Output();
    std::multiset<std::string> tasks;
    for (std::sregex_iterator match(output.begin(), output.end(), pattern), end; match != end; ++match) {
        tasks.insert((*match)[1]);
    }
    return tasks;
}

TEST(Workers, TwoProcessesOnOneQueue_NeverRunATaskTwice) {
    Crowd crowd(kRenewal);
    auto& sql = crowd.database().sql();
    auto before = sql.Number("select count(*) from citadel.scheduled_tasks where status = 'completed'");
    crowd.simulator().SetClock(kRetry);
    auto one = crowd.Start("worker", kRetry, "debug"), other = crowd.Start("worker", kRetry, "debug");
    crowd.Settle(kRetry);
    for (auto* engine : {one.get(), other.get()}) {
        engine->Signal(SIGTERM);
        EXPECT_EQ(engine->Wait(20s), 0);
    }
    auto settled = SettledBy(*one), more = SettledBy(*other);
    EXPECT_GT(settled.size(), 0U);
    EXPECT_GT(more.size(), 0U) << "the second process had nothing to do: nothing was shown";
    settled.merge(more);
    std::set<std::string> tasks(settled.begin(), settled.end());
    EXPECT_EQ(settled.size(), tasks.size()) << "a task was settled twice";
    EXPECT_EQ(tasks.size(), static_cast<std::size_t>(Crowd::kMerchants * Crowd::kPayers));
    EXPECT_EQ(sql.Number("select count(*) from citadel.scheduled_tasks where status = 'completed'") - before,
              Crowd::kMerchants * Crowd::kPayers);
    EXPECT_EQ(crowd.simulator().Verdict("attempts"), Crowd::kMerchants * Crowd::kPayers);
    EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts where driver = 'citadel' and outcome "
                         "in ('succeeded', 'declined')"),
              Crowd::kMerchants * Crowd::kPayers);
    EXPECT_EQ(crowd.simulator().Verdict("violations"), 0);
    EXPECT_EQ(BookDifferences(crowd.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

TEST(Workers, KilledAtRandomInstantsInTheMiddleOfHundredsOfCharges_ChargeNobodyTwice) {
    Crowd crowd(kRenewal);
    auto& sql = crowd.database().sql();
    auto charged = "select count(*) from citadel.payment_attempts where driver = 'citadel'";
    auto now = kRetry;
    for (int wanted : {20, 70, 120}) {
        crowd.simulator().SetClock(now);
        auto engine = crowd.Start("worker", now, "info");
        while (sql.Number(charged) < wanted) std::this_thread::sleep_for(1ms);
        engine->Kill();
        now += 10min;
    }
    // Once more after the ten minutes for which a charge of a closed recovery may stay in doubt.
    for (auto later : {0min, 20min}) {
        crowd.simulator().SetClock(now + later);
        auto engine = crowd.Start("serve", now + later, "info");
        crowd.simulator().SendWebhooksTo(*engine);
        crowd.Settle(now + later);
        engine->Signal(SIGTERM);
        EXPECT_EQ(engine->Wait(20s), 0);
    }
    EXPECT_EQ(crowd.simulator().Verdict("attempts"), Crowd::kMerchants * Crowd::kPayers);
    EXPECT_EQ(crowd.simulator().Verdict("violations"), 0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts where outcome is null"), 0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.recoveries where status = 'recovered'"),
              Crowd::kMerchants * Crowd::kPayers / 2);
    EXPECT_EQ(BookDifferences(crowd.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

// Void it, end its subscription, or pay it elsewhere; by turns.
void StopInvoice(SimulatorProgram& simulator, const Crowd::Failed& failed, std::size_t turn) {
    try {
        if (turn % 3 == 0) simulator.Api("POST", "/v1/invoices/" + failed.invoice + "/void", failed.account);
        if (turn % 3 == 1)
            simulator.Api("DELETE", "/v1/subscriptions/" + failed.subscription, failed.account);
        if (turn % 3 == 2) {
            simulator.Api("POST", "/v1/invoices/" + failed.invoice + "/pay", failed.account,
                          "paid_out_of_band=true");
        }
    } catch (const std::exception&) {
        // The engine's charge came first and the invoice is paid: that is the race.
    }
}

TEST(Workers, StopSignalsRacingHundredsOfDueRetries_Win) {
    auto now = std::chrono::floor<std::chrono::seconds>(SystemClock().Now());
    Crowd crowd(now - std::chrono::days(3) - 1min);
    auto& sql = crowd.database().sql();
    crowd.simulator().SetClock(now);
    auto engine = StartEngine(crowd.Settings("serve", "real", "info"));
    crowd.simulator().SendWebhooksTo(*engine);
    for (std::size_t i = crowd.payers().size(); i-- > 0;)
        StopInvoice(crowd.simulator(), crowd.payers()[i], i);
    crowd.Settle(now);
    EXPECT_EQ(crowd.simulator().Verdict("chargesAfterStop"), 0);
    EXPECT_EQ(crowd.simulator().Verdict("duplicateCharges"), 0);
    // A stop and an intent read the clock before they wait for the row: within a second either may be first.
    EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts a join citadel.recoveries r "
                         "using (bucket, merchant_id, recovery_id) where a.driver = 'citadel' and "
                         "a.intended_at > r.closed_at + "
                         "interval '1 second'"),
              0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.emails e join citadel.recoveries r "
                         "using (bucket, merchant_id, recovery_id) where e.intended_at > r.closed_at + "
                         "interval '1 second'"),
              0);
    EXPECT_GT(sql.Number("select count(*) from citadel.payment_attempts where driver = 'citadel'"), 0)
        << "no charge raced";
    EXPECT_GT(sql.Number("select count(*) from citadel.recoveries where status = 'stopped'"), 0)
        << "no stop raced";
    EXPECT_EQ(BookDifferences(crowd.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

TEST(Workers, StoppedInGoodOrderUnderLoad_LoseNothingAndLeaveNoLease) {
    Crowd crowd(kRenewal);
    auto& sql = crowd.database().sql();
    AddMerchants(sql, "acct_told_", 1);
    crowd.simulator().SetClock(kRetry);
    auto engine = crowd.Start("serve", kRetry, "info");
    crowd.simulator().SendWebhooksTo(*engine);
    std::vector<std::string> events;
    for (int i = 0; i < 2000; ++i)
        events.push_back(Story(kNewShape, "acct_told_1", i).Tell({"invoice.payment_failed"}));
    auto stopped_at = std::chrono::steady_clock::time_point();
    auto answers = Deliver(engine->base(), events, kRetry, 16, [&](std::size_t answered) {
        if (answered != 150) return;
        stopped_at = std::chrono::steady_clock::now();
        engine->Signal(SIGTERM);
    });
    EXPECT_EQ(engine->Wait(25s), 0) << engine->Output();
    EXPECT_LT(std::chrono::steady_clock::now() - stopped_at, 25s);
    std::int64_t acknowledged = 0;
    for (const auto& answer : answers) acknowledged += answer.status == 200;
    EXPECT_GE(acknowledged, 150);
    EXPECT_LT(acknowledged, 2000) << "it was not stopped under load";
    EXPECT_GE(sql.Number("select count(*) from citadel.processed_events p join citadel.stripe_accounts a "
                         "using (bucket, merchant_id) where a.stripe_account_id = 'acct_told_1'"),
              acknowledged);
    EXPECT_EQ(sql.Number("select count(*) from citadel.scheduled_tasks where status = 'running'"), 0);
    EXPECT_EQ(sql.Number("select count(*) from citadel.payment_attempts where outcome is null"), 0);
    EXPECT_EQ(BookDifferences(crowd.database().url()), 0);
    EXPECT_EQ(Stranded(sql), 0);
}

}  // namespace
}  // namespace citadel::testing
