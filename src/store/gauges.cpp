#include "store/gauges.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: scheduled_tasks_due and scheduled_tasks_leases, whole; daily_metrics_by_date.
const Statement kGauges{"read_gauges", R"sql(
select q.due, q.running, coalesce($1 - citadel.micros(q.oldest), 0), d.attempts, d.recovered, d.failed, d.mails
from (
    select count(*) filter (where status = 'pending' and run_at <= citadel.at($1)) as due,
        count(*) filter (where status = 'running') as running,
        min(run_at) filter (where status = 'pending' and run_at <= citadel.at($1)) as oldest
    from citadel.scheduled_tasks where status in ('pending', 'running')) q, (
    select coalesce(sum(attempts), 0)::bigint as attempts, coalesce(sum(recovered_count), 0)::bigint as recovered,
        coalesce(sum(failed_count), 0)::bigint as failed, coalesce(sum(emails_sent), 0)::bigint as mails
    from citadel.daily_metrics where date = (citadel.at($1) at time zone 'UTC')::date) d)sql"};

}  // namespace

asio::awaitable<Gauges> ReadGaugesAcrossMerchants(postgres::Pool& pool, Time now) {
    Params params;
    params.At(now);
    Rows rows = co_await pool.Run(kGauges, std::move(params));
    Gauges gauges;
    gauges.due = rows.Int(0, 0);
    gauges.running = rows.Int(0, 1);
    gauges.oldest_due_age = Duration(rows.Int(0, 2));
    gauges.attempts = rows.Int(0, 3);
    gauges.recovered = rows.Int(0, 4);
    gauges.failed = rows.Int(0, 5);
    gauges.mails = rows.Int(0, 6);
    co_return gauges;
}

}  // namespace citadel::store
