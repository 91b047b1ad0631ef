// The letter about an expiring card, once whatever dies when: between intent and sending, between sending and
// booking, before its task is settled; and with the event told twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "support/mail_recorder.h"
#include "support/simulator_program.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kBegin = *ParseTime("2026-03-02T09:00:00Z");
const Time kRenewal = *ParseTime("2026-04-10T09:00:00Z");
const Time kTold = kRenewal - 24h * 7;

class NoticeKilled : public ::testing::Test {
  protected:
    NoticeKilled() : simulator_(kBegin), account_(simulator_.AddMerchant(database_.sql())) {
        auto made = simulator_.Tell("/_sim/customers", {{"account", account_}, {"outcomes", {"approve"}}});
        method_ = std::string(made.at("paymentMethod").as_string());
        simulator_.Tell(
            "/_sim/card",
            {{"account", account_}, {"paymentMethod", method_}, {"expMonth", 3}, {"expYear", 2026}});
        simulator_.Tell(
            "/_sim/subscriptions",
            {{"account", account_}, {"customer", made.at("id")}, {"renewAt", FormatTime(kRenewal)}});
        simulator_.Tell("/_sim/faults", {{"webhooks", {{"duplicate", 1.0}}}});
    }

    std::unique_ptr<Program> Launch(Time now, const std::string& die_at = "") {
        EngineSettings settings;
        settings.database_url = database_.url();
        settings.clock = "fixed:" + FormatTime(now);
        settings.stripe_base = simulator_.base();
        settings.resend_base = recorder_.base();
        settings.workers = 4;
        settings.die_at = die_at;
        settings.more = {{"PUBLIC_URL", "http://127.0.0.1:8080"},
                         {"TRACKING_SECRET", "0123456789abcdef0123456789abcdef"}};
        auto engine = StartEngine(settings);
        simulator_.SendWebhooksTo(*engine);
        simulator_.SetClock(now);
        return engine;
    }
    void DieAt(const std::string& step) {
        auto engine = Launch(kTold, step);
        EXPECT_EQ(engine->Wait(30s), 137) << step << " was not reached\n" << engine->Output();
    }
    void RunAt(Time now) {
        auto engine = Launch(now);
        for (int i = 0; i < 2; ++i) {
            simulator_.WaitUntilNothingIsDue();
            WaitUntilIdle(database_.sql(), now);
        }
        engine->Signal(SIGTERM);
        EXPECT_EQ(engine->Wait(30s), 0) << engine->Output();
    }
    void ExpectOneLetter(std::size_t requests) {
        auto sent = recorder_.Requests();
        ASSERT_EQ(sent.size(), 1u) << "one key is one mail";
        EXPECT_EQ(sent.begin()->second.size(), requests);
        EXPECT_THAT(recorder_.Faults(), ::testing::IsEmpty());
        auto& sql = database_.sql();
        EXPECT_EQ(sql.Lines("select kind, status, provider_id like 're_%', in_doubt_since is null "
                            "from citadel.emails"),
                  "card_expiring | sent | t | t\n");
        EXPECT_EQ(sql.Lines("select status, result from citadel.scheduled_tasks where notice_id is not null"),
                  "completed | the customer was asked for a new card\n");
        EXPECT_EQ(sql.Number("select sum(notices_sent) from citadel.daily_metrics"), 1);
        EXPECT_EQ(BookDifferences(database_.url()), 0);
    }

    TestDatabase database_;
    SimulatorProgram simulator_;
    MailRecorder recorder_;
    std::string account_, method_;
};

TEST_F(NoticeKilled, AfterTheEventsCommit_TheTaskIsThere) {
    DieAt("batch_committed");
    RunAt(kTold + 10min);
    ExpectOneLetter(1);
}

TEST_F(NoticeKilled, BetweenIntentAndSending_ItIsSentOnceByAnother) {
    DieAt("mail_intended");
    EXPECT_TRUE(recorder_.Requests().empty());
    RunAt(kTold + 10min);
    ExpectOneLetter(1);
}

TEST_F(NoticeKilled, BetweenSendingAndBooking_TheSameKeyIsAskedAgainWithTheSameWords) {
    DieAt("mail_sent");
    RunAt(kTold + 10min);
    ExpectOneLetter(2);
}

TEST_F(NoticeKilled, BeforeTheTaskIsSettled_NothingIsAskedAgain) {
    DieAt("task_ran");
    RunAt(kTold + 10min);
    ExpectOneLetter(1);
}

TEST_F(NoticeKilled, TheCardIsReplacedBeforeAnotherLooks_TheIntendedLetterIsNotSentAndNotLeftOpen) {
    DieAt("mail_intended");
    simulator_.Tell("/_sim/card", {{"account", account_}, {"paymentMethod", method_}, {"update", true}});
    RunAt(kTold + 10min);
    EXPECT_TRUE(recorder_.Requests().empty());
    EXPECT_EQ(database_.sql().Lines("select status, error from citadel.emails"),
              "refused | it is not needed any more\n");
    EXPECT_EQ(BookDifferences(database_.url()), 0);
}

}  // namespace
}  // namespace citadel::testing
