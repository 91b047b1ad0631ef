#include "store/tracking.h"

#include "store/books.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index of both: emails (bucket, merchant_id, recovery_id, kind, attempt).
const Statement& RecordOpenStatement() {
    static const Statement statement{"record_open", std::string(R"sql(
with opened as (
    update citadel.emails set first_opened_at = citadel.at($6)
    where bucket = $1 and merchant_id = $2 and recovery_id = $3 and kind = $4 and attempt = $5
        and first_opened_at is null
    returning bucket, merchant_id, recovery_id
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select o.bucket, o.merchant_id, 'email_opened', r.currency, r.recovery_id, citadel.at($6)
    from opened o join citadel.recoveries r using (bucket, merchant_id, recovery_id)
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect count(*) from opened"};
    return statement;
}

// A letter about an expiring card is named by its notice ($3). Index of both: renewal_notices_pkey,
// emails_pkey.
const Statement& RecordNoticeOpenStatement() {
    static const Statement statement{"record_notice_open", std::string(R"sql(
with opened as (
    update citadel.emails e set first_opened_at = citadel.at($6)
    from citadel.renewal_notices n
    where n.bucket = $1 and n.merchant_id = $2 and n.notice_id = $3 and e.bucket = n.bucket
        and e.merchant_id = n.merchant_id and e.email_id = n.email_id and e.kind = $4 and e.attempt = $5
        and e.first_opened_at is null
    returning e.bucket, e.merchant_id
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, occurred_at)
    select bucket, merchant_id, 'email_opened', citadel.at($6) from opened
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect count(*) from opened"};
    return statement;
}

const Statement& RecordNoticeClickStatement() {
    static const Statement statement{"record_notice_click", std::string(R"sql(
with mail as materialized (
    select e.bucket, e.merchant_id, e.email_id, e.locale, n.customer_id from citadel.renewal_notices n
    join citadel.emails e on e.bucket = n.bucket and e.merchant_id = n.merchant_id and e.email_id = n.email_id
    where n.bucket = $1 and n.merchant_id = $2 and n.notice_id = $3 and e.kind = $4 and e.attempt = $5
), clicked as (
    update citadel.emails e set first_clicked_at = citadel.at($6) from mail m
    where e.bucket = m.bucket and e.merchant_id = m.merchant_id and e.email_id = m.email_id
        and e.first_clicked_at is null
    returning e.bucket, e.merchant_id
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, occurred_at)
    select bucket, merchant_id, 'email_clicked', citadel.at($6) from clicked
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select a.stripe_account_id, a.stripe_account_id is not null and a.disconnected_at is null,
    case when m.from_name = '' then m.name else m.from_name end, mail.locale, '', mail.customer_id, '', ''
from mail
join citadel.merchants m on m.bucket = mail.bucket and m.merchant_id = mail.merchant_id
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = mail.bucket and a.merchant_id = mail.merchant_id
    order by (a.disconnected_at is null) desc, a.connected_at desc limit 1) a on true)sql"};
    return statement;
}

bool IsNotice(const LetterKey& letter) { return letter.kind == "card_expiring"; }

const Statement& RecordClickStatement() {
    static const Statement statement{"record_click", std::string(R"sql(
with mail as materialized (
    select bucket, merchant_id, email_id, recovery_id, locale from citadel.emails
    where bucket = $1 and merchant_id = $2 and recovery_id = $3 and kind = $4 and attempt = $5
), clicked as (
    update citadel.emails e set first_clicked_at = citadel.at($6) from mail m
    where e.bucket = m.bucket and e.merchant_id = m.merchant_id and e.email_id = m.email_id
        and e.first_clicked_at is null
    returning e.bucket, e.merchant_id, e.recovery_id
), touched as (
    update citadel.recoveries r set last_clicked_at = greatest(r.last_clicked_at, citadel.at($6)),
        mail_credit_until = case when r.status = 'open'
            then greatest(r.mail_credit_until, citadel.at($6) + interval '7 days') else r.mail_credit_until end
    from mail m
    where r.bucket = m.bucket and r.merchant_id = m.merchant_id and r.recovery_id = m.recovery_id
    returning r.*
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select t.bucket, t.merchant_id, 'email_clicked', t.currency, t.recovery_id, citadel.at($6)
    from clicked c join touched t using (bucket, merchant_id, recovery_id)
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select a.stripe_account_id, a.stripe_account_id is not null and a.disconnected_at is null,
    case when m.from_name = '' then m.name else m.from_name end, mail.locale, t.invoice_id, t.customer_id, t.status,
    t.hosted_invoice_url
from touched t join mail using (bucket, merchant_id, recovery_id)
join citadel.merchants m on m.bucket = t.bucket and m.merchant_id = t.merchant_id
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = t.bucket and a.merchant_id = t.merchant_id
    order by (a.disconnected_at is null) desc, a.connected_at desc limit 1) a on true)sql"};
    return statement;
}

Params ParamsOf(const LetterKey& letter, Time now) {
    Params params;
    params.Int(letter.merchant.bucket).Int(letter.merchant.id).Int(letter.recovery_id);
    params.Text(letter.kind).Int(letter.attempt).At(now);
    return params;
}

}  // namespace

asio::awaitable<void> RecordOpen(postgres::Pool& pool, LetterKey letter, Time now) {
    const Statement& statement = IsNotice(letter) ? RecordNoticeOpenStatement() : RecordOpenStatement();
    co_await pool.Run(statement, ParamsOf(letter, now));
}

asio::awaitable<std::optional<ClickedLetter>> RecordClick(postgres::Pool& pool, LetterKey letter, Time now) {
    const Statement& statement = IsNotice(letter) ? RecordNoticeClickStatement() : RecordClickStatement();
    Rows rows = co_await pool.Run(statement, ParamsOf(letter, now));
    std::optional<ClickedLetter> clicked;
    if (rows.empty()) co_return clicked;
    clicked.emplace();
    clicked->account = rows.Text(0, 0);
    clicked->connected = rows.Bool(0, 1);
    clicked->merchant_name = rows.Text(0, 2);
    clicked->locale = rows.Text(0, 3);
    clicked->invoice_id = rows.Text(0, 4);
    clicked->customer_id = rows.Text(0, 5);
    clicked->status = rows.Text(0, 6);
    clicked->hosted_invoice_url = rows.Text(0, 7);
    co_return clicked;
}

}  // namespace citadel::store
