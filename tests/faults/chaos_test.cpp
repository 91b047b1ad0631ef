// The worst weeks: every fault of the simulator at once, and the engine's processes (one that takes in, two
// that work) killed with SIGKILL every fraction of a second, at instants nobody chose, and restarted at once.
// Then the days after, calm, and the same judgement as of any run.
//
// Each process lives at one instant of the story, for its clock stands still; the clock moves with the
// restarts, by minutes or by a day. With a clock that ran thousands of times faster a lease, stretched by the
// rate, would outlast the test, and no killed process's work would ever be taken over. Stripe sends a webhook
// for three days; so that this stays a matter of the story and not of how busy the machine is, what it sends
// at a new time finds the one that takes in alive, two times out of three.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <array>
#include <thread>

#include "base/random.h"
#include "store/report.h"
#include "support/judgement.h"
#include "support/run.h"
#include "support/simulator_program.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

const Time kStart = *ParseTime("2026-03-02T09:00:00Z");
constexpr auto kLength = std::chrono::days(24);  // of the storm, unless the wall's limit comes first
constexpr auto kLongestStorm = 40s;              // on the wall
constexpr auto kEnd = std::chrono::days(30);

constexpr const char* kFaults = R"([
    {"webhooks": {"lose": 0.05, "duplicate": 0.2, "reorder": 0.3, "timeoutMillis": 1000}},
    {"kind": "latency", "path": "/v1/", "millis": 3, "p99Millis": 150},
    {"kind": "status", "path": "/v1/", "status": 429, "probability": 0.05},
    {"kind": "status", "path": "/v1/invoices/{}/pay", "status": 409, "probability": 0.1},
    {"kind": "status_kept", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.1},
    {"kind": "status_after", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.1},
    {"kind": "drop_before", "path": "/v1/", "probability": 0.05},
    {"kind": "drop_after", "path": "/v1/", "probability": 0.1},
    {"kind": "truncate", "path": "/v1/", "probability": 0.1},
    {"kind": "malformed", "path": "/v1/", "probability": 0.1},
    {"kind": "stall", "path": "/v1/", "probability": 0.03},
    {"kind": "silence", "path": "/v1/", "probability": 0.03}])";

postgres::ConnectionOptions To(const std::string& url) {
    postgres::ConnectionOptions options;
    options.url = url;
    return options;
}

class Chaos {
  public:
    Chaos()
        : simulator_(kStart), pool_(io_, To(database_.url()), 1), http_(io_),
          remote_(http_, simulator_.base()) {
        Start(kServe);
        port_ = processes_[kServe]->Port();
        simulator_.SendWebhooksTo(*processes_[kServe]);
        auto population = simulator_.Tell(
            "/_sim/populate", {{"merchants", 4}, {"customers", 60}, {"spreadDays", 7}, {"failureRate", 0.7}});
        auto& sql = database_.sql();
        int id = 0;
        for (const auto& row : population.at("accounts").as_array()) {
            auto bucket = std::to_string(++id * 5), key = std::to_string(id);
            sql.Run("insert into citadel.merchants (bucket, merchant_id, name, created_at) values (" +
                    bucket + ", " + key + ", 'Merchant', 'epoch')");
            sql.Run("insert into citadel.stripe_accounts values ('" + std::string(row.at("id").as_string()) +
                    "', " + bucket + ", " + key + ", 'epoch', null)");
        }
    }
    ~Chaos() { pool_.Close(); }

    void Storm() {
        auto rules = json::parse(kFaults);
        for (const auto& rule : rules.as_array()) simulator_.Tell("/_sim/faults", rule.as_object());
        simulator_.Tell("/_sim/limits", {{"endpoints", {{"POST /v1/invoices/{}/pay", 12}}}});
        constexpr std::array<Duration, 5> kSteps = {7min, 3h, 9h, 20h, 26h};
        auto ends = steady_clock::now() + kLongestStorm;
        for (int step = 0; now_ < kStart + kLength && steady_clock::now() < ends; ++step) {
            MoveTo(now_ + kSteps[random_.Below(kSteps.size())]);
            if (step % 3 != 0) WaitUntilWebhooksAreDelivered();
            for (std::size_t i = 0; i < 3; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20 + random_.Below(250)));
                auto which = random_.Below(processes_.size());
                Kill(which);
                Start(which);
            }
        }
        kills_in_the_storm_ = kills_;
    }

    // The days after: nothing goes wrong any more, and everybody is let finish.
    void Calm() {
        simulator_.Tell("/_sim/faults", {{"clear", true}});
        simulator_.Tell("/_sim/limits", {});
        MoveTo(now_ + 30min);
        while (true) {
            for (int i = 0; i < 2; ++i) {
                simulator_.WaitUntilNothingIsDue();
                WaitUntilIdle(database_.sql(), now_);
            }
            if (now_ >= kStart + kEnd) break;
            MoveTo(now_ + 9h);
        }
        for (auto& process : processes_) {
            process->Signal(SIGTERM);
            EXPECT_EQ(process->Wait(20s), 0) << process->Output();
        }
    }

    void Judge() {
        ExpectTheMainJobDone(io_, pool_, remote_, database_.sql());
        EXPECT_GT(kills_in_the_storm_, 20);
        auto struck = simulator_.Ask("/_sim/faults").at("struck").as_object();
        for (const char* kind : {"status_kept", "status_after", "drop_before", "drop_after", "truncate",
                                 "malformed", "stall", "silence", "webhook_duplicated"}) {
            EXPECT_TRUE(struck.contains(kind)) << kind << " in " << json::serialize(struck);
        }
    }

  private:
    static constexpr std::size_t kServe = 0;  // in processes_; the others are workers

    // Of those due now, each has been tried.
    void WaitUntilWebhooksAreDelivered() {
        auto patience = steady_clock::now() + 10s;
        while (simulator_.Ask("/_sim/state").at("dueNow").as_bool() && steady_clock::now() < patience)
            std::this_thread::sleep_for(5ms);
    }

    void Start(std::size_t which) {
        EngineSettings settings;
        settings.command = which == kServe ? "serve" : "worker";
        settings.database_url = database_.url();
        settings.clock = "fixed:" + FormatTime(now_);
        settings.stripe_base = simulator_.base();
        settings.workers = which == kServe ? 0 : 12;
        settings.log_level = "info";  // it tells the port
        settings.port = which == kServe ? port_ : 0;
        settings.more = {{"CITADEL_STRIPE_DEADLINE_MS", "300"}, {"CITADEL_STRIPE_BACKOFF_MS", "5"}};
        processes_[which] = StartEngine(settings);
    }

    void Kill(std::size_t which) {
        if (!processes_[which]) return;
        EXPECT_TRUE(processes_[which]->running()) << processes_[which]->Output();
        processes_[which]->Kill();
        ++kills_;
    }

    // The old processes die at the old time; then the mails are read, and time goes on: for the one that
    // takes in, for Stripe, for those that work.
    void MoveTo(Time time) {
        for (std::size_t i = 0; i < processes_.size(); ++i) Kill(i);
        for (auto mails = NewMails(); !mails.empty(); mails = NewMails()) {
            for (auto& mail : mails) {
                last_mail_ = mail.email_id;
                Await(io_, remote_.DeliverMail(std::move(mail)));
            }
        }
        now_ = time;
        Start(kServe);
        simulator_.SetClock(time);
        for (std::size_t i = kServe + 1; i < processes_.size(); ++i) Start(i);
    }

    std::vector<store::SentMail> NewMails() {
        return Await(io_, store::ListSentMailsAcrossMerchants(pool_, last_mail_, 500));
    }

    TestDatabase database_;
    Time now_ = kStart;
    SimulatorProgram simulator_;
    boost::asio::io_context io_{1};
    postgres::Pool pool_;
    http::Client http_;
    app::SimRemote remote_;
    Random random_{20260302};
    std::array<std::unique_ptr<Program>, 3> processes_;
    int port_ = 0;
    std::int64_t last_mail_ = 0;
    int kills_ = 0, kills_in_the_storm_ = 0;
};

TEST(Chaos, WeeksOfEveryFaultAndOfKilledProcesses_EndAsIfNothingHadHappened) {
    Chaos chaos;
    chaos.Storm();
    chaos.Calm();
    chaos.Judge();
}

}  // namespace
}  // namespace citadel::testing
