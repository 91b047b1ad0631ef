// Weeks of the main job on days worse than Stripe has: a town of merchants and payers with every trouble,
// each kind of fault in turn, then all of them. In the end the simulator's own ledger judges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <set>

#include "inbox/sweep.h"
#include "support/judgement.h"
#include "support/program.h"
#include "support/stage.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr int kDays = 24;     // under faults: the renewals of the first week, to the end of their dunning
constexpr int kRestDays = 6;  // without: what is in doubt is settled, what Stripe still sends arrives

StageOptions QuickStage() {
    StageOptions options;
    options.workers = 16;
    options.stripe_deadline = 250ms;
    options.stripe_backoff = 4ms;
    return options;
}

class Town {
  public:
    Town() : stage_(QuickStage()) {
        json::object people{{"merchants", 3}, {"customers", 30}, {"spreadDays", 6}, {"failureRate", 0.7}};
        auto population = stage_.Tell("populate", std::move(people));
        for (const auto& row : population.at("accounts").as_array()) {
            accounts_.emplace_back(row.at("id").as_string());
            stage_.Connect(accounts_.back(), std::string(row.at("name").as_string()), "weave");
        }
    }

    // Rules as POST /_sim/faults takes them.
    void Break(const char* rules) {
        auto list = json::parse(rules);
        for (const auto& rule : list.as_array()) stage_.Tell("faults", rule.as_object());
    }
    void Limit(const char* numbers) { stage_.Tell("limits", json::parse(numbers).as_object()); }

    void PlayToTheEnd() {
        stage_.PlayUntil(stage_.start() + std::chrono::days(kDays));
        stage_.Tell("faults", {{"clear", true}});
        stage_.Tell("limits", {});
        stage_.PlayUntil(stage_.start() + std::chrono::days(kDays + kRestDays));
    }

    // Day by day, with the daily comparison after each.
    void PlayAndSweepToTheEnd() {
        for (int day = 1; day <= kDays + kRestDays; ++day) {
            if (day == kDays) stage_.Tell("faults", {{"clear", true}});
            stage_.PlayUntil(stage_.start() + std::chrono::days(day));
            inbox::Sweeper sweeper(stage_.io(), stage_.engine().pool(), stage_.clock(),
                                   stage_.engine().stripe(), stage_.engine().inbox(), [] {});
            Await(stage_.io(), sweeper.SweepDue());
            stage_.PlayUntil(stage_.clock().Now());
        }
    }

    void ExpectStruck(std::initializer_list<const char*> kinds) {
        auto struck = stage_.Ask("faults").at("struck").as_object();
        for (const char* kind : kinds) {
            const auto* count = struck.if_contains(kind);
            EXPECT_TRUE(count && count->to_number<int>() >= 5) << kind << " in " << json::serialize(struck);
        }
    }

    void ExpectTheMainJobDone() {
        testing::ExpectTheMainJobDone(stage_.io(), stage_.engine().pool(), stage_.remote(),
                                      stage_.database().sql());
    }

    // What no webhook will ever tell cannot be known exactly; but what is open at Stripe is known here, and
    // what is open here is open there.
    void ExpectBothSidesAgreeOnWhatIsOpen() {
        auto& sql = stage_.database().sql();
        std::set<std::string> at_stripe, here, known;
        for (const auto& account : accounts_) {
            auto open = OpenInvoicesThatFailed(account);
            at_stripe.insert(open.begin(), open.end());
        }
        for (const auto& row : sql.Rows("select invoice_id, status from citadel.recoveries")) {
            known.insert(row[0]);
            if (row[1] == "open") here.insert(row[0]);
        }
        EXPECT_THAT(known, ::testing::IsSupersetOf(at_stripe));
        EXPECT_THAT(at_stripe, ::testing::IsSupersetOf(here));
        EXPECT_EQ(json::serialize(stage_.Ask("check").at("violations")), "[]");
        EXPECT_EQ(BookDifferences(stage_.database().url()), 0);
        ExpectNothingLeftBehind(sql);
    }

  private:
    std::set<std::string> OpenInvoicesThatFailed(const std::string& account) {
        http::Call call;
        call.url = stage_.simulator_base() + "/v1/invoices?status=open&limit=100";
        call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
        call.headers.emplace_back("Stripe-Account", account);
        auto list = json::parse(stage_.Fetch(std::move(call)).body);
        std::set<std::string> ids;
        for (const auto& invoice : list.at("data").as_array()) {
            if (invoice.at("attempt_count").to_number<int>() > 0) ids.emplace(invoice.at("id").as_string());
        }
        return ids;
    }

    Stage stage_;
    std::vector<std::string> accounts_;
};

TEST(MainJob, AnswersThatTakeLong_SomeLongerThanWeWait) {
    Town town;
    town.Break(R"([{"kind": "latency", "path": "/v1/", "millis": 4, "p99Millis": 400}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"latency"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, LimitsByCountThatLetAFewCallsThroughAtATime) {
    Town town;
    town.Limit(R"({"endpoints": {"POST /v1/invoices/{}/pay": 1, "GET /v1/invoices/{}": 2}})");
    town.PlayToTheEnd();
    town.ExpectStruck({"limit"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, RateLimitsLocksAndKeysInUse) {
    Town town;
    town.Break(R"([
        {"kind": "status", "path": "/v1/", "status": 429, "probability": 0.2},
        {"kind": "status", "path": "/v1/invoices/{}/pay", "status": 429, "code": "lock_timeout", "probability": 0.3},
        {"kind": "status", "path": "/v1/invoices/{}/pay", "status": 409, "probability": 0.5}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"status"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, ServerErrorsBeforeAndAfterTheEffect_KeptByTheKeyOrNot_InJsonAndHtml) {
    Town town;
    town.Break(R"([
        {"kind": "status_kept", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.2},
        {"kind": "status_after", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.4},
        {"kind": "status", "path": "/v1/", "status": 503, "body": "html", "probability": 0.2},
        {"kind": "status", "path": "/v1/", "status": 502, "body": "empty", "probability": 0.2}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"status_kept", "status_after", "status"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, ConnectionsThatBreakBeforeAndAfterTheEffect_AnswersCutShortAndGarbled) {
    Town town;
    town.Break(R"([
        {"kind": "drop_before", "path": "/v1/", "probability": 0.2},
        {"kind": "drop_after", "path": "/v1/", "probability": 0.3},
        {"kind": "truncate", "path": "/v1/", "probability": 0.3},
        {"kind": "malformed", "path": "/v1/", "probability": 0.3}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"drop_before", "drop_after", "truncate", "malformed"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, AnswersThatStopHalfwayOrNeverBegin) {
    Town town;
    town.Break(R"([
        {"kind": "silence", "path": "/v1/invoices/{}/pay", "probability": 0.35},
        {"kind": "stall", "path": "/v1/invoices/{}/pay", "probability": 0.4},
        {"kind": "stall", "path": "/v1/", "probability": 0.05}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"stall", "silence"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, WebhooksLostTwiceLateAndInAnyOrder) {
    Town town;
    town.Break(R"([{"webhooks": {"lose": 0.3, "duplicate": 0.3, "reorder": 0.5, "delayMillis": 14400000}}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"webhook_lost", "webhook_duplicated", "webhook_delayed", "webhook_reordered"});
    town.ExpectTheMainJobDone();
}

TEST(MainJob, WebhooksLostForEver_AreMadeUpForByTheDailyComparison_ThroughFaultsOfItsOwn) {
    Town town;
    town.Break(R"([
        {"webhooks": {"loseForEver": 0.4, "duplicate": 0.2, "reorder": 0.3}},
        {"kind": "status", "path": "/v1/invoices", "status": 500, "probability": 0.1},
        {"kind": "truncate", "path": "/v1/invoices", "probability": 0.1}])");
    town.PlayAndSweepToTheEnd();
    town.ExpectStruck({"webhook_lost_for_ever", "status", "truncate"});
    town.ExpectBothSidesAgreeOnWhatIsOpen();
}

TEST(MainJob, EverythingAtOnce) {
    Town town;
    town.Limit(R"({"endpoints": {"POST /v1/invoices/{}/pay": 2, "GET /v1/invoices/{}": 6}})");
    town.Break(R"([
        {"webhooks": {"lose": 0.2, "duplicate": 0.2, "reorder": 0.3, "delayMillis": 1800000}},
        {"kind": "latency", "path": "/v1/", "millis": 2, "p99Millis": 100},
        {"kind": "status", "path": "/v1/", "status": 429, "probability": 0.05},
        {"kind": "status", "path": "/v1/invoices/{}/pay", "status": 429, "code": "lock_timeout", "probability": 0.1},
        {"kind": "status", "path": "/v1/invoices/{}/pay", "status": 409, "probability": 0.1},
        {"kind": "status_kept", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.1},
        {"kind": "status_after", "path": "/v1/invoices/{}/pay", "status": 500, "probability": 0.15},
        {"kind": "drop_before", "path": "/v1/", "probability": 0.05},
        {"kind": "drop_after", "path": "/v1/", "probability": 0.1},
        {"kind": "truncate", "path": "/v1/", "probability": 0.1},
        {"kind": "malformed", "path": "/v1/", "probability": 0.1},
        {"kind": "stall", "path": "/v1/", "probability": 0.03},
        {"kind": "silence", "path": "/v1/", "probability": 0.03}])");
    town.PlayToTheEnd();
    town.ExpectStruck({"latency", "limit", "status", "status_kept", "status_after", "drop_before",
                       "drop_after", "truncate", "malformed", "stall", "silence", "webhook_lost",
                       "webhook_duplicated", "webhook_delayed", "webhook_reordered"});
    town.ExpectTheMainJobDone();
}

}  // namespace
}  // namespace citadel::testing
