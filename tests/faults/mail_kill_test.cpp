// Each mail once: the process ends between the intent and the sending, and between the sending and the
// booking; the answer gets lost; the service is away for an hour. The mail service's own record says what
// customers got.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/mail_recorder.h"
#include "support/simulator_program.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

using namespace std::chrono_literals;

const Time kRenewal = *ParseTime("2026-03-02T09:00:00Z");

class MailService : public ::testing::Test {
  protected:
    MailService() : simulator_(kRenewal), account_(simulator_.AddMerchant(database_.sql())) {
        payer_ = simulator_.AddPayer(account_, "payer", R"(["insufficient_funds","insufficient_funds"])");
    }

    std::unique_ptr<Program> Launch(Time now, const std::string& die_at = "") {
        simulator_.SetClock(now);
        EngineSettings settings;
        settings.database_url = database_.url();
        settings.clock = "fixed:" + FormatTime(now);
        settings.stripe_base = simulator_.base();
        settings.resend_base = recorder_.base();
        settings.workers = 8;
        settings.die_at = die_at;
        auto engine = StartEngine(settings);
        simulator_.SendWebhooksTo(*engine);
        return engine;
    }
    void Finish(Program& engine, Time now) {
        for (int i = 0; i < 2; ++i) {
            simulator_.WaitUntilNothingIsDue();
            WaitUntilIdle(database_.sql(), now);
        }
        engine.Signal(SIGTERM);
        EXPECT_EQ(engine.Wait(30s), 0) << engine.Output();
    }
    void RunAt(Time now) {
        auto engine = Launch(now);
        Finish(*engine, now);
    }
    void DieAt(const std::string& step) {
        auto engine = Launch(kRenewal, step);
        simulator_.Renew(payer_);
        EXPECT_EQ(engine->Wait(30s), 137) << step << " was not reached\n" << engine->Output();
    }

    std::size_t RequestsOfTheMail() {
        auto requests = recorder_.Requests();
        return requests.size() == 1 ? requests.begin()->second.size() : 100 + requests.size();
    }
    void ExpectOneMailInAll() {
        EXPECT_EQ(recorder_.Requests().size(), 1u) << "one key is one mail";
        EXPECT_THAT(recorder_.Faults(), ::testing::IsEmpty());
        auto& sql = database_.sql();
        EXPECT_EQ(sql.Lines("select kind, attempt, status, provider_id like 're_%', in_doubt_since is null "
                            "from citadel.emails"),
                  "payment_failed | 1 | sent | t | t\n");
        EXPECT_EQ(sql.Number("select sum(emails_sent) from citadel.daily_metrics"), 1);
        EXPECT_EQ(BookDifferences(database_.url()), 0);
        EXPECT_EQ(Stranded(sql), 0);
    }

    TestDatabase database_;
    SimulatorProgram simulator_;
    MailRecorder recorder_;
    std::string account_;
    SimulatorProgram::Payer payer_;
};

TEST_F(MailService, TheProcessEndsBetweenIntentAndSending_TheMailIsSentOnceByAnother) {
    DieAt("mail_intended");
    EXPECT_TRUE(recorder_.Requests().empty());
    EXPECT_EQ(database_.sql().Text("select status from citadel.emails"), "intended");
    RunAt(kRenewal + 10min);
    EXPECT_EQ(RequestsOfTheMail(), 1u);
    ExpectOneMailInAll();
}

TEST_F(MailService, TheProcessEndsBetweenSendingAndBooking_TheSameKeyIsAskedAgainWithTheSameWords) {
    DieAt("mail_sent");
    EXPECT_EQ(RequestsOfTheMail(), 1u);
    RunAt(kRenewal + 10min);
    EXPECT_EQ(RequestsOfTheMail(), 2u);
    ExpectOneMailInAll();
}

TEST_F(MailService, TheProcessEndsBeforeTheTaskIsSettled_NothingIsAskedAgain) {
    DieAt("task_ran");
    EXPECT_EQ(RequestsOfTheMail(), 1u);
    RunAt(kRenewal + 10min);
    EXPECT_EQ(RequestsOfTheMail(), 1u);
    ExpectOneMailInAll();
}

TEST_F(MailService, TheAnswerGetsLost_TheSameKeyIsAskedAgain) {
    http::Reply lost = http::Json(200, "{}");
    lost.wire = http::Reply::Wire::kDrop;
    recorder_.Answer({lost});
    auto engine = Launch(kRenewal);
    simulator_.Renew(payer_);
    Finish(*engine, kRenewal);
    EXPECT_EQ(RequestsOfTheMail(), 2u);
    ExpectOneMailInAll();
}

TEST_F(MailService, AnOutcomeThatNobodyKnowsForLongerThanTheKeyIsKept_IsNotSentAgain) {
    DieAt("mail_sent");
    RunAt(kRenewal + 24h);
    EXPECT_EQ(RequestsOfTheMail(), 1u);
    EXPECT_EQ(database_.sql().Text("select status from citadel.emails order by email_id limit 1"), "refused");
}

TEST_F(MailService, AWrongKeyLosesNoMail) {
    std::vector<http::Reply> refusals;
    for (int i = 0; i < 20; ++i) {
        refusals.push_back(
            http::Json(401, R"({"statusCode":401,"name":"restricted_api_key","message":"no"})"));
    }
    recorder_.Answer(std::move(refusals));
    auto engine = Launch(kRenewal);
    simulator_.Renew(payer_);
    Finish(*engine, kRenewal);
    EXPECT_EQ(database_.sql().Lines("select status, in_doubt_since is null from citadel.emails"),
              "intended | t\n");
    recorder_.Answer({});
    // Days later: it surely was not sent, so the age of its key does not matter.
    RunAt(kRenewal + 48h);
    ExpectOneMailInAll();
}

}  // namespace
}  // namespace citadel::testing
