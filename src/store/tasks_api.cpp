#include "store/tasks_api.h"

#include "base/error.h"
#include "store/books.h"
#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: scheduled_tasks_pkey, backwards.
const Statement kListTasks{"list_tasks", R"sql(
select q.task_id, q.task_type, q.status, citadel.micros(q.run_at), q.recovery_id, q.tries, q.deferrals, q.result,
    citadel.micros(q.created_at), citadel.micros(q.finished_at),
    n.customer_id, n.subscription_id, citadel.micros(n.renews_at)
from citadel.scheduled_tasks q left join citadel.renewal_notices n
    on n.bucket = q.bucket and n.merchant_id = q.merchant_id and n.notice_id = q.notice_id
where q.bucket = $1 and q.merchant_id = $2 and q.task_id < $5 and ($3::text is null or q.status = $3)
    and ($4::text is null or q.task_type = $4)
order by q.task_id desc limit $6)sql"};

const Statement kReadTask{"read_task", R"sql(
select q.task_id, q.task_type, q.status, citadel.micros(q.run_at), q.recovery_id, q.tries, q.deferrals, q.result,
    citadel.micros(q.created_at), citadel.micros(q.finished_at),
    n.customer_id, n.subscription_id, citadel.micros(n.renews_at)
from citadel.scheduled_tasks q left join citadel.renewal_notices n
    on n.bucket = q.bucket and n.merchant_id = q.merchant_id and n.notice_id = q.notice_id
where q.bucket = $1 and q.merchant_id = $2 and q.task_id = $3)sql"};

// One at a time a merchant: the statement after it sees what the one before it made.
const Statement kLockMerchant{"lock_merchant", R"sql(
select 1 from citadel.merchants where bucket = $1 and merchant_id = $2 for update)sql"};

// Index: recoveries' keys, scheduled_tasks_due, scheduled_tasks_one_open, daily_metrics_pkey.
const Statement kCreateTask{"create_task", R"sql(
with plan as materialized (
    select p.mails_per_month, p.queue_limit,
        (select coalesce(sum(d.emails_sent - d.notices_sent), 0) from citadel.daily_metrics d
         where d.bucket = $1 and d.merchant_id = $2
            and d.date >= date_trunc('month', citadel.at($6) at time zone 'UTC')::date) as mails,
        (select count(*) from citadel.scheduled_tasks q
         where q.bucket = $1 and q.merchant_id = $2 and q.status = 'pending'
            and q.task_type in ('dunning_retry', 'notify_action_required') and q.notice_id is null) as waiting
    from citadel.merchants m join citadel.plans p on p.tier = m.tier where m.bucket = $1 and m.merchant_id = $2
), recovery as materialized (
    select recovery_id, status from citadel.recoveries
    where bucket = $1 and merchant_id = $2 and (recovery_id = $4 or invoice_id = $5) limit 1
), made as (
    insert into citadel.scheduled_tasks (bucket, merchant_id, task_type, status, run_at, recovery_id, created_at)
    select $1, $2, $3, 'pending', citadel.at($6), r.recovery_id, citadel.at($6)
    from plan p, recovery r where p.mails < p.mails_per_month and p.waiting < p.queue_limit and r.status = 'open'
    on conflict (bucket, merchant_id, recovery_id, task_type)
        where status in ('pending', 'running') and recovery_id is not null do nothing
    returning task_id
)
select case when p.mails >= p.mails_per_month then 'usage_limit' when p.waiting >= p.queue_limit then 'queue_limit'
        when r.status is null then 'no_recovery' when r.status <> 'open' then 'closed'
        when m.task_id is null then 'exists' else 'done' end, m.task_id
from plan p left join recovery r on true left join made m on true)sql"};

// 'task_failed' is the reason that a task which failed for good gives the end of its recovery. A signal that
// came in since then has put its own in its place, so what is opened again was ended by nothing else.
const Statement& RetryTaskStatement() {
    static const Statement statement{"retry_task", std::string(R"sql(
with target as materialized (
    select bucket, merchant_id, task_id, task_type, recovery_id, status from citadel.scheduled_tasks
    where bucket = $1 and merchant_id = $2 and task_id = $3 for update
), about as materialized (
    select r.bucket, r.merchant_id, r.recovery_id, r.status, r.reason, r.currency
    from target t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.recovery_id = t.recovery_id
    for update of r
), verdict as materialized (
    select case when t.status = 'running' then 'running' when t.status = 'completed' then 'completed'
        when not exists (select from citadel.stripe_accounts a where a.bucket = t.bucket
            and a.merchant_id = t.merchant_id and a.disconnected_at is null) then 'not_connected'
        when a.status <> 'open' and not (a.status = 'stopped' and a.reason = 'task_failed' and t.status = 'failed')
            then 'closed'
        when t.status = 'failed' and exists (select from citadel.scheduled_tasks q where q.bucket = t.bucket
            and q.merchant_id = t.merchant_id and q.recovery_id = t.recovery_id and q.task_type = t.task_type
            and q.status in ('pending', 'running')) then 'exists'
        when t.status = 'failed' and t.task_type in ('report_usage', 'send_weekly_digest') then 'exists'
        else 'done' end as verdict, t.status as was
    from target t left join about a on true
), lined_up as (
    update citadel.scheduled_tasks q set status = 'pending',
        run_at = case v.was when 'pending' then least(q.run_at, citadel.at($4)) else citadel.at($4) end,
        tries = case v.was when 'pending' then q.tries else 0 end, finished_at = null
    from target t, verdict v
    where v.verdict = 'done' and q.bucket = t.bucket and q.merchant_id = t.merchant_id and q.task_id = t.task_id
), opened as (
    update citadel.recoveries r set status = 'open', reason = null, closed_at = null, next_action_at = citadel.at($4),
        wind_down = ''
    from about a, verdict v
    where v.verdict = 'done' and a.status = 'stopped' and r.bucket = a.bucket and r.merchant_id = a.merchant_id
        and r.recovery_id = a.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'stopped', -1, 0, currency, recovery_id, citadel.at($4) from opened
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect verdict from verdict"};
    return statement;
}

const Statement& DeleteTaskStatement() {
    static const Statement statement{"delete_task", std::string(R"sql(
with target as materialized (
    select bucket, merchant_id, task_id, recovery_id, status from citadel.scheduled_tasks
    where bucket = $1 and merchant_id = $2 and task_id = $3 for update
), gone as (
    delete from citadel.scheduled_tasks q using target t
    where t.status <> 'running' and q.bucket = t.bucket and q.merchant_id = t.merchant_id and q.task_id = t.task_id
), stopping as materialized (
    select r.bucket, r.merchant_id, r.recovery_id from target t join citadel.recoveries r
        on r.bucket = t.bucket and r.merchant_id = t.merchant_id and r.recovery_id = t.recovery_id
    where t.status = 'pending' and r.status = 'open' and not exists (
        select from citadel.scheduled_tasks q where q.bucket = t.bucket and q.merchant_id = t.merchant_id
            and q.recovery_id = t.recovery_id and q.status in ('pending', 'running') and q.task_id <> t.task_id)
    for update of r
), stopped as (
    update citadel.recoveries r set status = 'stopped', reason = 'stopped_by_merchant', closed_at = citadel.at($4),
        next_action_at = null, wind_down = case when r.auto_advance_taken then 'give_back' else '' end
    from stopping s where r.bucket = s.bucket and r.merchant_id = s.merchant_id and r.recovery_id = s.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), ledger as (
    insert into citadel.usage_logs
        (bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'stopped', 1, 0, currency, recovery_id, citadel.at($4) from stopped
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect status from target"};
    return statement;
}

const Statement kDeleteCompletedTasks{"delete_completed_tasks", R"sql(
delete from citadel.scheduled_tasks where bucket = $1 and merchant_id = $2 and status = 'completed' and task_id in (
    select task_id from citadel.scheduled_tasks where bucket = $1 and merchant_id = $2 and status = 'completed'
    order by task_id limit $3))sql"};

TaskVerdict VerdictOf(const std::string& name) {
    if (name == "usage_limit") return TaskVerdict::kUsageLimit;
    if (name == "queue_limit") return TaskVerdict::kQueueLimit;
    if (name == "no_recovery") return TaskVerdict::kNoSuchRecovery;
    if (name == "closed") return TaskVerdict::kRecoveryClosed;
    if (name == "exists") return TaskVerdict::kExists;
    if (name == "running") return TaskVerdict::kRunning;
    if (name == "completed") return TaskVerdict::kCompleted;
    if (name == "not_connected") return TaskVerdict::kNotConnected;
    CITADEL_CHECK(name == "done", "the statement gives verdicts that are known");
    return TaskVerdict::kDone;
}

}  // namespace

const Statement& ListTasksStatement() { return kListTasks; }

std::vector<TaskLine> ReadTaskRows(const Rows& rows) {
    std::vector<TaskLine> tasks;
    for (int row = 0; row < rows.size(); ++row) {
        TaskLine task;
        task.id = rows.Int(row, 0);
        task.task_type = rows.Text(row, 1);
        task.status = rows.Text(row, 2);
        task.run_at = rows.At(row, 3);
        if (!rows.IsNull(row, 4)) task.recovery_id = rows.Int(row, 4);
        task.tries = rows.Int(row, 5);
        task.deferrals = rows.Int(row, 6);
        task.result = rows.Text(row, 7);
        task.created_at = rows.At(row, 8);
        task.finished_at = rows.MaybeAt(row, 9);
        if (!rows.IsNull(row, 10))
            task.renewal = RenewalLine{rows.Text(row, 10), rows.Text(row, 11), rows.At(row, 12)};
        tasks.push_back(std::move(task));
    }
    return tasks;
}

asio::awaitable<Page<TaskLine>> ListTasks(postgres::Pool& pool, MerchantKey merchant, TaskFilter filter,
                                          PageOrder order) {
    Params params = KeyParams(merchant);
    params.TextOrNull(filter.status).TextOrNull(filter.task_type).Int(order.before).Int(order.limit + 1);
    Rows rows = co_await RunAsTenant(pool, merchant, kListTasks, std::move(params));
    co_return CutPage(ReadTaskRows(rows), order.limit);
}

asio::awaitable<std::optional<TaskLine>> ReadTask(postgres::Pool& pool, MerchantKey merchant,
                                                  std::int64_t task_id) {
    Params params = KeyParams(merchant);
    params.Int(task_id);
    Rows rows = co_await RunAsTenant(pool, merchant, kReadTask, std::move(params));
    std::optional<TaskLine> task;
    for (auto& line : ReadTaskRows(rows)) task = std::move(line);
    co_return task;
}

asio::awaitable<TaskChange> CreateTask(postgres::Pool& pool, MerchantKey merchant, std::string task_type,
                                       RecoveryName recovery, Time now) {
    Params params = KeyParams(merchant);
    params.Text(task_type).Int(recovery.id).TextOrNull(recovery.invoice_id).At(now);
    std::vector<Query> queries;
    queries.push_back(Query{&kLockMerchant, KeyParams(merchant)});
    queries.push_back(Query{&kCreateTask, std::move(params)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    TaskChange change;
    change.verdict = TaskVerdict::kNoSuchRecovery;  // the merchant was erased a moment ago
    if (answers[1].empty()) co_return change;
    change.verdict = VerdictOf(answers[1].Text(0, 0));
    if (change.verdict != TaskVerdict::kDone) co_return change;
    auto made = answers[1].Int(0, 1);
    change.task = co_await ReadTask(pool, merchant, made);
    co_return change;
}

asio::awaitable<TaskChange> RetryTask(postgres::Pool& pool, MerchantKey merchant, std::int64_t task_id,
                                      Time now) {
    Params params = KeyParams(merchant);
    params.Int(task_id).At(now);
    Params key = KeyParams(merchant);
    key.Int(task_id);
    std::vector<Query> queries;
    queries.push_back(Query{&RetryTaskStatement(), std::move(params)});
    queries.push_back(Query{&kReadTask, std::move(key)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    TaskChange change;
    change.verdict = TaskVerdict::kNoSuchTask;
    if (answers[0].empty()) co_return change;
    change.verdict = VerdictOf(answers[0].Text(0, 0));
    for (auto& line : ReadTaskRows(answers[1])) change.task = std::move(line);
    co_return change;
}

asio::awaitable<TaskVerdict> DeleteTask(postgres::Pool& pool, MerchantKey merchant, std::int64_t task_id,
                                        Time now) {
    Params params = KeyParams(merchant);
    params.Int(task_id).At(now);
    Rows rows = co_await RunAsTenant(pool, merchant, DeleteTaskStatement(), std::move(params));
    if (rows.empty()) co_return TaskVerdict::kNoSuchTask;
    if (rows.Text(0, 0) == "running") co_return TaskVerdict::kRunning;
    co_return TaskVerdict::kDone;
}

asio::awaitable<std::int64_t> DeleteCompletedTasks(postgres::Pool& pool, MerchantKey merchant) {
    Params params = KeyParams(merchant);
    params.Int(kCompletedDeletedAtOnce);
    Rows rows = co_await RunAsTenant(pool, merchant, kDeleteCompletedTasks, std::move(params));
    co_return rows.affected();
}

}  // namespace citadel::store
