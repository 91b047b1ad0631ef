// What is judged after every day of a history, and at its end.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "property/history_world.h"
#include "support/run.h"
#include "support/state.h"

namespace citadel::testing {

namespace json = boost::json;

void HistoryWorld::ExpectPromisesKept() {
    auto check = Await(io_, remote_->Get("/_sim/check"));
    auto violations = json::serialize(check.at("violations"));
    EXPECT_EQ(violations, "[]") << StoryOf(violations);
    EXPECT_EQ(check.at("duplicateCharges").to_number<int>(), 0);
    EXPECT_EQ(check.at("chargesAfterStop").to_number<int>(), 0);
    EXPECT_EQ(BookDifferences(database_.url()), 0);
    auto& sql = database_.sql();
    EXPECT_EQ(Stranded(sql), 0) << "an open recovery that no task looks at";
    EXPECT_EQ(
        sql.Lines("select recovery_id, task_type from citadel.scheduled_tasks where recovery_id is not null "
                  "and status in ('pending', 'running') group by 1, 2 having count(*) > 1"),
        "");
    EXPECT_EQ(sql.Lines("select recovery_id, result, count(*) from citadel.scheduled_tasks where recovery_id "
                        "is not null group by 1, 2 having count(*) > 100"),
              "")
        << "a task that is made again and again";
    EXPECT_EQ(
        sql.Lines("select r.recovery_id, a.slot from citadel.payment_attempts a join citadel.recoveries r "
                  "using (bucket, merchant_id, recovery_id) where a.driver = 'citadel' "
                  "and a.intended_at > r.closed_at"),
        "")
        << "a charge was begun after the end";
    EXPECT_EQ(sql.Lines("select e.email_id from citadel.emails e join citadel.recoveries r "
                        "using (bucket, merchant_id, recovery_id) where e.intended_at > r.closed_at"),
              "")
        << "a letter was begun after the end";
    EXPECT_EQ(
        sql.Lines(
            "select recovery_id from citadel.recoveries where policy = 'classic/1' and slots_used > 12"),
        "");
}

// Both sides' books of the first invoice that the text names.
std::string HistoryWorld::StoryOf(const std::string& text) {
    auto begin = text.find("in_");
    if (begin == text.npos) return "";
    auto invoice = text.substr(begin, text.find_first_of(" \"\\", begin) - begin);
    auto& sql = database_.sql();
    auto of = fmt::format(
        "where (bucket, merchant_id, recovery_id) in (select bucket, merchant_id, "
        "recovery_id from citadel.recoveries where invoice_id = '{}')",
        invoice);
    std::string story = "\nThe story of " + invoice + "\n";
    for (const char* table : {"recoveries", "payment_attempts", "recovery_decisions", "scheduled_tasks"})
        story += fmt::format("{}:\n{}", table,
                             sql.Lines(fmt::format("select row_to_json(t)::text from (select * from "
                                                   "citadel.{} {} order by 4) t",
                                                   table, of)));
    story +=
        "events:\n" + sql.Lines(fmt::format("select row_to_json(t)::text from citadel.processed_events t "
                                            "where invoice_id = '{}' order by created_at",
                                            invoice));
    return story + json::serialize(Await(io_, remote_->Get("/_sim/ledger?invoice=" + invoice))) + "\n";
}

void HistoryWorld::ExpectRest() {
    auto& sql = database_.sql();
    // Of a merchant who took our access away nothing can be learned.
    const std::string in_reach =
        "exists (select from citadel.stripe_accounts c where c.merchant_id = r.merchant_id and "
        "c.disconnected_at is null)";
    EXPECT_EQ(
        sql.Lines("select recovery_id, slot from citadel.payment_attempts r where outcome is null and " +
                  in_reach),
        "")
        << "a slot that nobody resolved";
    EXPECT_EQ(sql.Lines("select recovery_id, wind_down from citadel.recoveries r where wind_down <> '' and "
                        "status <> 'open' and " +
                        in_reach),
              "")
        << "something was left to be done at Stripe";
    // What Stripe says was paid, and what we say, for merchants who are still connected.
    auto check = Await(io_, remote_->Get("/_sim/check"));
    EXPECT_GE(check.at("invoicesRecovered").to_number<std::int64_t>(),
              sql.Number("select count(*) from citadel.recoveries where status = 'recovered'"));
}

Tally HistoryWorld::tally() {
    auto& sql = database_.sql();
    auto count = [&](const std::string& what) {
        return static_cast<std::uint64_t>(sql.Number("select count(*) from citadel." + what));
    };
    Tally tally;
    tally.recovered = count("recoveries where status = 'recovered'");
    tally.stopped = count("recoveries where status = 'stopped'");
    tally.exhausted = count("recoveries where status = 'exhausted'");
    tally.charges = count("payment_attempts where driver = 'citadel'");
    tally.mails = count("emails where status = 'sent'");
    tally.crashes = crash_count_;
    return tally;
}

}  // namespace citadel::testing
