#include "support/judgement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <map>

#include "app/demo_report.h"
#include "support/run.h"

namespace citadel::testing {
namespace {

// Open recoveries that have no task, or several, of the kind that drives them.
constexpr const char* kMisdriven = R"sql(
select r.recovery_id, r.customer_email, count(q.task_id)
from citadel.recoveries r
left join citadel.scheduled_tasks q on q.bucket = r.bucket and q.merchant_id = r.merchant_id
    and q.recovery_id = r.recovery_id and q.task_type = 'dunning_retry' and q.status in ('pending', 'running')
where r.status = 'open' group by 1, 2 having count(q.task_id) <> 1)sql";

constexpr const char* kLeftBehind = R"sql(
select q.task_id, q.task_type, q.status, r.status, r.reason
from citadel.scheduled_tasks q join citadel.recoveries r using (bucket, merchant_id, recovery_id)
where q.status in ('pending', 'running') and r.status <> 'open')sql";

constexpr const char* kInDoubt = R"sql(
select recovery_id, slot, intended_at from citadel.payment_attempts where outcome is null)sql";

constexpr const char* kSlots = R"sql(
select idempotency_key, coalesce(outcome, 'in doubt'), intended_at, settled_at, coalesce(detail, '')
from citadel.payment_attempts where driver = 'citadel')sql";

}  // namespace

void ExpectNothingLeftBehind(Sql& sql) {
    EXPECT_EQ(sql.Lines(kMisdriven), "");
    EXPECT_EQ(sql.Lines(kLeftBehind), "");
    EXPECT_EQ(sql.Lines(kInDoubt), "");
}

void ExpectTheBanksView(const boost::json::object& ledger, Sql& sql) {
    struct Answer {
        bool approved = false;
        std::string words;
    };
    std::map<std::string, Answer> asked;  // by key
    for (const auto& row : ledger.at("attempts").as_array()) {
        auto outcome = row.at("outcome").as_string();
        if (outcome != "approved" && outcome != "declined") continue;
        asked[std::string(row.at("idempotencyKey").as_string())] = {
            outcome == "approved",
            fmt::format("{} at {}", outcome.c_str(), row.at("time").as_string().c_str())};
    }
    for (const auto& slot : sql.Rows(kSlots)) {
        auto told =
            fmt::format("{}: {}, intended {}, settled {} ({})", slot[0], slot[1], slot[2], slot[3], slot[4]);
        auto answer = asked.find(slot[0]);
        bool we_say_so = slot[1] != "not_charged", it_was = answer != asked.end();
        EXPECT_EQ(we_say_so, it_was) << told
                                     << "; the bank: " << (it_was ? answer->second.words : "was not asked");
        if (!it_was) continue;
        EXPECT_EQ(slot[1] == "succeeded", answer->second.approved)
            << told << "; the bank: " << answer->second.words;
        asked.erase(answer);
    }
    for (const auto& [key, answer] : asked)
        ADD_FAILURE() << "the bank alone knows of " << key << ": " << answer.words;
}

void ExpectTheMainJobDone(boost::asio::io_context& io, postgres::Pool& pool, app::SimRemote& simulator,
                          Sql& sql) {
    auto report = Await(io, app::MakeDemoReport(pool, simulator));
    for (const auto& complaint : report.complaints) ADD_FAILURE() << complaint;
    EXPECT_TRUE(report.books_balanced);
    ExpectNothingLeftBehind(sql);
    ExpectTheBanksView(Await(io, simulator.Get("/_sim/ledger?driver=engine")), sql);
    EXPECT_GT(report.engine.failed, 0) << "nothing failed: nothing was shown";
    EXPECT_GT(report.engine.recovered, 0) << "nothing came back: nothing was shown";
    EXPECT_GT(report.engine.attempts, 0) << "nothing was charged: nothing was shown";
}

}  // namespace citadel::testing
