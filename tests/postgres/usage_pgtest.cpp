// What the platform is paid by: the sum at Stripe is the ledger's, whoever dies at whichever step, and
// whatever Stripe answers. Stripe is the simulator; its own books are the judge.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "base/random.h"
#include "store/usage.h"
#include "support/http.h"
#include "support/ingest.h"
#include "support/run.h"
#include "support/self_scheduled.h"
#include "support/simulator_program.h"
#include "support/state.h"

namespace citadel::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Time kBegin = *ParseTime("2026-03-02T09:00:00Z");

std::string AtSql(Time time) { return fmt::format("citadel.at({})", time.time_since_epoch().count()); }

class Metering : public ::testing::Test {
  protected:
    explicit Metering(recovery::UsageReporting reporting = {}) : simulator_(kBegin) {
        AddMerchants(sql(), "acct_", 3);
        for (const auto& row : sql().Rows("select merchant_id from citadel.merchants order by 1")) {
            auto customer =
                simulator_.Tell("/_sim/customers", {{"name", "Merchant"}, {"email", "m@example.com"}});
            customers_.emplace_back(row.at(0), std::string(customer.at("id").as_string()));
            sql().Run(
                fmt::format("update citadel.merchants set tier = 'PRO', platform_customer_id = '{}' "
                            "where merchant_id = {}",
                            customers_.back().second, customers_.back().first));
        }
        Restart(std::move(reporting));
    }

    void Restart(recovery::UsageReporting reporting) {
        recovery::SelfScheduledOptions options;
        options.usage = std::move(reporting);
        sql().Run("update citadel.merchants set digest_enabled = false");  // not what this is about
        work_ = std::make_unique<SelfScheduledWork>(database_.url(), kBegin, simulator_.base(), options);
        work_->RunJanitor();
    }

    // As the platform's owner; throws when it is refused.
    json::object Platform(const std::string& method, const std::string& path, const std::string& form = {}) {
        http::Call call;
        call.method = method;
        call.url = simulator_.base() + path;
        call.body = form;
        call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
        call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        auto answer = Fetch(std::move(call));
        if (!answer.ok()) throw std::runtime_error(path + ": " + answer.body);
        return json::parse(answer.body).as_object();
    }

    void AddMeter(const std::string& event_name, const std::string& value_key) {
        auto meter =
            Platform("POST", "/v1/billing/meters",
                     fmt::format("display_name=Recovered&event_name={}&default_aggregation[formula]=sum&"
                                 "value_settings[event_payload_key]={}",
                                 event_name, value_key));
        meters_[event_name] = std::string(meter.at("id").as_string());
    }

    // What the meter has of all merchants.
    std::int64_t Sum(const std::string& event_name) {
        std::int64_t sum = 0;
        for (const auto& [merchant, customer] : customers_) {
            auto list =
                Platform("GET", fmt::format("/v1/billing/meters/{}/event_summaries?customer={}&start_time={}&"
                                            "end_time={}",
                                            meters_.at(event_name), customer,
                                            ToUnixSeconds(kBegin - std::chrono::days(60)),
                                            ToUnixSeconds(kBegin + std::chrono::days(60))));
            for (const auto& row : list.at("data").as_array())
                sum += row.at("aggregated_value").to_number<std::int64_t>();
        }
        return sum;
    }

    void AddLine(std::size_t merchant, Time at, std::int64_t amount, const std::string& currency) {
        sql().Run(
            fmt::format("insert into citadel.usage_logs (bucket, merchant_id, metric_type, amount, currency, "
                        "occurred_at) select bucket, merchant_id, 'recovered', {}, '{}', {} from "
                        "citadel.merchants where merchant_id = {}",
                        amount, currency, AtSql(at), customers_.at(merchant).first));
    }

    // Before kBegin, several of them within one minute.
    void AddLines(int count) {
        for (int i = 0; i < count; ++i) {
            AddLine(i % 3, kBegin - 1h + std::chrono::seconds(i * 7), 100 + i, i % 4 ? "eur" : "jpy");
        }
    }

    void SetTime(Time now) {
        work_->clock.Set(now);
        simulator_.SetClock(now);
    }
    void DieAt(const std::string& step, int skip = 0) {
        work_->dies_at = [step, skip](std::string_view reached) mutable {
            return reached == step && skip-- == 0;
        };
    }
    void NobodyDies() {
        work_->dies_at = [](std::string_view) { return false; };
    }
    void Fault(const json::object& fault) {
        json::object rule{{"method", "POST"}, {"path", "/v2/billing/meter_events"}};
        for (const auto& [name, value] : fault) rule[name] = value;
        simulator_.Tell("/_sim/faults", rule);
    }

    // Until nothing waits any more; the clocks go along.
    void RunUntilTold() {
        for (int i = 0; i < 200 && Backlog().waiting > 0; ++i) {
            work_->RunDueToTheEnd();
            if (auto next = work_->NextDue()) SetTime(std::max(*next, work_->clock.Now()));
        }
    }
    store::UsageBacklog Backlog() {
        return Await(work_->io, store::ReadUsageBacklogAcrossMerchants(work_->pool));
    }
    std::string Reports() {
        return sql().Lines(
            "select coalesce(outcome, 'in doubt'), reason, count(*) from citadel.usage_reports "
            "group by 1, 2 order by 1, 2");
    }
    Sql& sql() { return database_.sql(); }

    TestDatabase database_;
    SimulatorProgram simulator_;
    std::vector<std::pair<std::string, std::string>> customers_;  // merchant, cus_…
    std::map<std::string, std::string> meters_;                   // by event name
    std::unique_ptr<SelfScheduledWork> work_;
};

TEST_F(Metering, TellsEveryLineOnce_InTheOrderInWhichItHappened) {
    AddMeter("citadel_recovered", "value");
    AddLines(250);
    RunUntilTold();
    EXPECT_EQ(Reports(), "reported |  | 250\n");
    EXPECT_EQ(Sum("citadel_recovered"), 250);
    EXPECT_EQ(
        sql().Lines("select count(*) from (select identifier, happened_at < lag(happened_at) over (order by "
                    "settled_at, happened_at, log_id) as back from citadel.usage_reports) r where back"),
        "0\n");
    work_->RunDueToTheEnd();
    EXPECT_EQ(Sum("citadel_recovered"), 250);
}

class MeteringByCurrency : public Metering {
  protected:
    static recovery::UsageReporting ByCurrency() {
        recovery::UsageReporting reporting;
        reporting.event_name = "recovered_{currency}";
        return reporting;
    }
    MeteringByCurrency() : Metering(ByCurrency()) {
        AddMeter("recovered_eur", "amount");
        AddMeter("recovered_jpy", "amount");
    }
    void ExpectTheLedgersSums() {
        for (std::string currency : {"eur", "jpy"}) {
            EXPECT_EQ(
                Sum("recovered_" + currency),
                sql().Number(fmt::format(
                    "select sum(amount)::bigint from citadel.usage_logs where currency = '{}'", currency)))
                << currency;
        }
    }
};

class MeteringDiesAt : public MeteringByCurrency, public ::testing::WithParamInterface<std::string> {};

TEST_P(MeteringDiesAt, AndTheNextWorkerTellsTheRest_WithoutLossOrDouble) {
    AddLines(60);
    DieAt(GetParam(), GetParam() == "usage_sent" ? 23 : 0);
    work_->RunDue();
    ASSERT_EQ(work_->deaths, 1) << GetParam() << " was not reached";
    NobodyDies();
    RunUntilTold();
    ExpectTheLedgersSums();
    EXPECT_EQ(Reports(), "reported |  | 60\n");
}

// Stripe has forgotten the identifiers by then: only the meter can tell what arrived.
TEST_P(MeteringDiesAt, AndTwoDaysLaterTheMeterIsRead_WithoutLossOrDouble) {
    AddLines(60);
    DieAt(GetParam(), GetParam() == "usage_sent" ? 23 : 0);
    work_->RunDue();
    ASSERT_EQ(work_->deaths, 1);
    NobodyDies();
    SetTime(kBegin + 48h);
    RunUntilTold();
    ExpectTheLedgersSums();
    EXPECT_EQ(Reports(), "reported |  | 60\n");
}

INSTANTIATE_TEST_SUITE_P(EachStep, MeteringDiesAt,
                         ::testing::Values("usage_intended", "usage_sent", "usage_settled", "task_ran",
                                           "task_settled"),
                         [](const auto& info) { return info.param; });

TEST_F(MeteringByCurrency, WithDeathsAndFaultsOfEveryKind_TheSumsAreTheLedgers) {
    Random dice(35);
    work_->dies_at = [&dice](std::string_view) { return dice.Chance(0.005); };
    Fault({{"kind", "status"}, {"status", 429}, {"probability", 0.05}});
    Fault({{"kind", "status"}, {"status", 500}, {"probability", 0.05}});
    Fault({{"kind", "status_after"}, {"status", 502}, {"body", "html"}, {"probability", 0.05}});
    Fault({{"kind", "drop_before"}, {"probability", 0.05}});
    Fault({{"kind", "drop_after"}, {"probability", 0.05}});
    Fault({{"kind", "truncate"}, {"probability", 0.05}});
    AddLines(400);
    RunUntilTold();
    EXPECT_GT(work_->deaths, 0);
    ExpectTheLedgersSums();
    EXPECT_EQ(Reports(), "reported |  | 400\n");
}

TEST_F(MeteringByCurrency, WhatStripeRefusesForGood_IsSetAsideWithItsReason_AndHoldsNothingUp) {
    AddLine(0, kBegin - 3h, 100, "eur");
    AddLine(1, kBegin - 2h, 0, "eur");  // such a value v2 does not take
    AddLine(2, kBegin - 1h, 300, "eur");
    RunUntilTold();
    EXPECT_THAT(Reports(), HasSubstr("reported |  | 2\n"));
    EXPECT_THAT(Reports(), HasSubstr("set_aside | refused: payload_invalid_value"));
    EXPECT_EQ(Sum("recovered_eur"), 400);
    auto backlog = Backlog();
    EXPECT_EQ(backlog.waiting, 0);
    EXPECT_EQ(backlog.set_aside, 1);
    EXPECT_THAT(backlog.last_refusal, HasSubstr("payload_invalid_value"));
}

TEST_F(MeteringByCurrency, OlderThan35Days_IsSetAsideUnsent) {
    sql().Run("update citadel.merchants set created_at = 'epoch'");
    AddLine(0, kBegin - std::chrono::days(35), 100, "eur");
    AddLine(0, kBegin - std::chrono::days(34), 200, "eur");
    RunUntilTold();
    EXPECT_EQ(Sum("recovered_eur"), 200);
    EXPECT_EQ(Backlog().last_refusal, "older than 35 days: Stripe takes no such usage");
}

TEST_F(MeteringByCurrency, RateLimited_WaitsAndLosesNothing) {
    Fault({{"kind", "status"}, {"status", 429}, {"times", 3}});
    AddLines(10);
    work_->RunDue();
    EXPECT_EQ(Backlog().waiting, 10);
    EXPECT_GT(*work_->NextDue(), work_->clock.Now());
    RunUntilTold();
    ExpectTheLedgersSums();
}

TEST_F(Metering, WithoutAMeter_KeepsItsLines_AndTheBacklogShowsTheirAge) {
    AddLines(5);
    work_->RunDue();
    auto backlog = Backlog();
    EXPECT_EQ(backlog.waiting, 5);
    EXPECT_EQ(backlog.oldest, kBegin - 1h);
    EXPECT_EQ(backlog.set_aside, 0);
    EXPECT_THAT(sql().Text("select result from citadel.scheduled_tasks where task_type = 'report_usage'"),
                HasSubstr("No meter found"));
    AddMeter("citadel_recovered", "value");
    RunUntilTold();
    EXPECT_EQ(Sum("citadel_recovered"), 5);
}

class MeteringByPlan : public Metering {
  protected:
    MeteringByPlan() {
        AddMeter("citadel_recovered", "value");
        sql().Run("update citadel.merchants set tier = 'FREE'");
    }
    // The platform's own event about the first merchant's subscription.
    void Subscription(const std::string& what, const std::string& status, Time created,
                      const std::string& key) {
        json::object price{{"id", "price_1"}, {"object", "price"}, {"lookup_key", key}};
        json::object item{{"id", "si_1"}, {"price", std::move(price)}};
        json::object object{{"id", "sub_1"},
                            {"object", "subscription"},
                            {"customer", customers_[0].second},
                            {"status", status},
                            {"items", {{"object", "list"}, {"data", json::array{std::move(item)}}}}};
        json::object event{{"id", fmt::format("evt_{}_{}", what, ToUnixSeconds(created))},
                           {"object", "event"},
                           {"type", "customer.subscription." + what},
                           {"created", ToUnixSeconds(created)},
                           {"data", {{"object", std::move(object)}}}};
        Ingest ingest(database_.url(), created);
        ingest.StoreAtOnce({json::serialize(event)});
    }
    std::string Tier() {
        return sql().Text("select tier from citadel.merchants where merchant_id = " + customers_[0].first);
    }
};

TEST_F(MeteringByPlan, TheTierFollowsThePlatformsSubscription_AndFreeWhenItEnds) {
    EXPECT_EQ(Tier(), "FREE");
    Subscription("created", "active", kBegin, "citadel_hobby");
    EXPECT_EQ(Tier(), "HOBBY");
    Subscription("updated", "active", kBegin + 1h, "citadel_pro");
    EXPECT_EQ(Tier(), "PRO");
    Subscription("updated", "active", kBegin + 30min, "citadel_growth");  // late
    EXPECT_EQ(Tier(), "PRO");
    Subscription("deleted", "canceled", kBegin + 2h, "citadel_pro");
    EXPECT_EQ(Tier(), "FREE");
}

TEST_F(MeteringByPlan, ToldIsWhatHappenedBetweenTheFirstPlanAndTheEndOfTheLast) {
    AddLine(0, kBegin - 1min, 1, "eur");
    Subscription("created", "active", kBegin, "citadel_hobby");
    AddLine(0, kBegin + 1min, 1, "eur");
    AddLine(1, kBegin + 1min, 1, "eur");  // a merchant without a plan
    Subscription("updated", "active", kBegin + 10min, "citadel_pro");
    AddLine(0, kBegin + 20min, 1, "eur");
    Subscription("deleted", "canceled", kBegin + 30min, "citadel_pro");
    AddLine(0, kBegin + 40min, 1, "eur");
    SetTime(kBegin + 1h);
    EXPECT_EQ(Backlog().waiting, 2);
    RunUntilTold();
    EXPECT_EQ(Sum("citadel_recovered"), 2);
}

}  // namespace
}  // namespace citadel::testing
