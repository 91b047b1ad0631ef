#include "support/state.h"

#include <fmt/format.h>

#include "postgres/pool.h"
#include "store/books.h"
#include "support/run.h"

namespace citadel::testing {
namespace {

// {0}: what names a row; {1}: which accounts.
constexpr const char* kRecoveries = R"sql(
select {0}, 'recovery', r.status, r.reason, r.cause, r.currency, r.amount_due, r.amount_recovered, r.amount_reversed,
    r.policy, r.needs_customer, r.slots_used, r.mails_sent, r.stripe_attempts, r.stripe_next_attempt_at,
    r.decline_code, r.first_failed_at, r.customer_name, r.next_action_at is null
from citadel.recoveries r join citadel.stripe_accounts a using (bucket, merchant_id) where {1}
order by 1, r.customer_email)sql";
constexpr const char* kTasks = R"sql(
select {0}, 'open task', q.task_type, q.status, count(*)
from citadel.scheduled_tasks q join citadel.stripe_accounts a using (bucket, merchant_id)
left join citadel.recoveries r using (bucket, merchant_id, recovery_id)
where {1} and q.status in ('pending', 'running') group by 1, 2, 3, 4 order by 1, 2, 3, 4)sql";
constexpr const char* kLedger = R"sql(
select {0}, 'ledger', l.metric_type, l.currency, sum(l.quantity), sum(l.amount)
from citadel.usage_logs l join citadel.stripe_accounts a using (bucket, merchant_id)
left join citadel.recoveries r using (bucket, merchant_id, recovery_id)
where {1} group by 1, 2, 3, 4 having sum(l.quantity) <> 0 or sum(l.amount) <> 0 order by 1, 2, 3, 4)sql";
constexpr const char* kDaily = R"sql(
select {2}, 'day', to_jsonb(d) - 'bucket' - 'merchant_id' from citadel.daily_metrics d
join citadel.stripe_accounts a using (bucket, merchant_id) where {1} order by 1, d.date, d.currency)sql";
constexpr const char* kEvents = R"sql(
select {2}, 'events', count(*) from citadel.processed_events p
join citadel.stripe_accounts a using (bucket, merchant_id) where {1} group by 1 order by 1)sql";

std::string Describe(Sql& sql, const std::string& name, const std::string& tenant, const std::string& which) {
    std::string text;
    for (const char* query : {kRecoveries, kTasks, kLedger, kDaily, kEvents}) {
        text += sql.Lines(fmt::format(fmt::runtime(query), name, which, tenant));
    }
    return text;
}

}  // namespace

std::string StateOf(Sql& sql) {
    return Describe(sql, "a.stripe_account_id || ' ' || coalesce(r.customer_email, '')",
                    "a.stripe_account_id", "true");
}

std::string StateOfAccount(Sql& sql, const std::string& account) {
    return Describe(sql, "''", "''", fmt::format("a.stripe_account_id = '{}'", account));
}

std::int64_t BookDifferences(const std::string& url) {
    boost::asio::io_context io(1);
    postgres::ConnectionOptions options;
    options.url = url;
    postgres::Pool pool(io, options, 1);
    auto differences = Await(io, store::CountBookDifferencesAcrossMerchants(pool));
    pool.Close();
    return differences;
}

std::int64_t Stranded(Sql& sql) {
    return sql.Number(R"sql(
select count(*) from citadel.recoveries r where r.status = 'open' and not exists (
    select from citadel.scheduled_tasks q where q.bucket = r.bucket and q.merchant_id = r.merchant_id
        and q.recovery_id = r.recovery_id and q.status in ('pending', 'running')))sql");
}

void AddMerchants(Sql& sql, const std::string& prefix, int count) {
    sql.Run(fmt::format(R"sql(
with made as (
    insert into citadel.stripe_accounts (stripe_account_id, bucket, merchant_id, connected_at)
    select '{0}' || n, (last + n) % 64, last + n, 'epoch' from generate_series(1, {1}) n,
        (select max(merchant_id) as last from citadel.stripe_accounts) known
    returning bucket, merchant_id)
insert into citadel.merchants (bucket, merchant_id, name, policy, created_at)
select bucket, merchant_id, 'Merchant ' || merchant_id, 'classic/1', 'epoch' from made)sql",
                        prefix, count));
}

}  // namespace citadel::testing
