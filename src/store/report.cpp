#include "store/report.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Param;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kCounts{"report_counts", R"sql(
select count(*), count(*) filter (where status = 'recovered'), count(*) filter (where status = 'stopped'),
    count(*) filter (where status = 'exhausted'), count(*) filter (where status = 'open'),
    (select count(*) from citadel.payment_attempts
        where driver = 'citadel' and outcome <> 'not_charged'),
    (select count(*) from citadel.payment_attempts where outcome is null),
    (select count(*) from citadel.emails where status = 'sent'),
    count(*) filter (where status = 'open' and not exists (
        select from citadel.scheduled_tasks q where q.bucket = r.bucket and q.merchant_id = r.merchant_id
            and q.recovery_id = r.recovery_id and q.status in ('pending', 'running'))),
    (select count(*) from citadel.scheduled_tasks where status = 'failed')
from citadel.recoveries r)sql"};

const Statement kAmounts{"report_amounts", R"sql(
select currency, sum(recovered_amount)::bigint from citadel.daily_metrics
where currency <> '' group by currency having sum(recovered_amount) > 0 order by currency)sql"};

const Statement kCauses{"report_causes", R"sql(
select cause, count(*) from citadel.recoveries where status = 'recovered' group by cause order by cause)sql"};

const Statement kMissingEvents{"report_missing_events", R"sql(
select count(*) from unnest($1::text[], $2::text[]) as e(account, event_id)
join citadel.stripe_accounts a on a.stripe_account_id = e.account
where not exists (select from citadel.processed_events p
    where p.bucket = a.bucket and p.merchant_id = a.merchant_id and p.event_id = e.event_id))sql"};

const Statement kSentMails{"report_sent_mails", R"sql(
select e.email_id, a.stripe_account_id, r.customer_id, r.invoice_id
from citadel.emails e
join citadel.recoveries r
    on r.bucket = e.bucket and r.merchant_id = e.merchant_id and r.recovery_id = e.recovery_id
join citadel.stripe_accounts a on a.bucket = e.bucket and a.merchant_id = e.merchant_id
where e.email_id > $1 and e.status = 'sent' order by e.email_id limit $2)sql"};

}  // namespace

asio::awaitable<Report> ReadReportAcrossMerchants(postgres::Pool& pool) {
    std::vector<Query> queries;
    queries.push_back(Query{&kCounts, Params()});
    queries.push_back(Query{&kAmounts, Params()});
    queries.push_back(Query{&kCauses, Params()});
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    const Rows& counts = answers[0];
    Report report;
    report.failed = counts.Int(0, 0);
    report.recovered = counts.Int(0, 1);
    report.stopped = counts.Int(0, 2);
    report.exhausted = counts.Int(0, 3);
    report.open = counts.Int(0, 4);
    report.attempts = counts.Int(0, 5);
    report.unsettled = counts.Int(0, 6);
    report.emails = counts.Int(0, 7);
    report.stranded = counts.Int(0, 8);
    report.tasks_failed = counts.Int(0, 9);
    for (int row = 0; row < answers[1].size(); ++row) {
        report.recovered_amounts.push_back(Money{answers[1].Int(row, 1), answers[1].Text(row, 0)});
    }
    for (int row = 0; row < answers[2].size(); ++row)
        report.causes[answers[2].Text(row, 0)] = answers[2].Int(row, 1);
    co_return report;
}

asio::awaitable<std::int64_t> CountMissingEventsAcrossMerchants(postgres::Pool& pool,
                                                                std::vector<EventName> events) {
    std::vector<Param> accounts, ids;
    for (const auto& event : events) {
        accounts.emplace_back(event.account);
        ids.emplace_back(event.event_id);
    }
    Params params;
    params.Array(accounts).Array(ids);
    Rows rows = co_await pool.Run(kMissingEvents, std::move(params));
    co_return rows.Int(0, 0);
}

asio::awaitable<std::vector<SentMail>> ListSentMailsAcrossMerchants(postgres::Pool& pool, std::int64_t after,
                                                                    int limit) {
    Params params;
    params.Int(after).Int(limit);
    Rows rows = co_await pool.Run(kSentMails, std::move(params));
    std::vector<SentMail> mails;
    mails.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        mails.push_back(SentMail{rows.Int(row, 0), rows.Text(row, 1), rows.Text(row, 2), rows.Text(row, 3)});
    }
    co_return mails;
}

}  // namespace citadel::store
