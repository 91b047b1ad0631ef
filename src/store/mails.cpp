#include "store/mails.h"

#include "store/books.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: emails (bucket, merchant_id, recovery_id, kind, attempt), the key of a logical mail.
const Statement kIntendMail{"intend_mail", R"sql(
with allowed as materialized (
    select r.bucket, r.merchant_id, r.recovery_id from citadel.recoveries r
    join citadel.scheduled_tasks q on q.bucket = r.bucket and q.merchant_id = r.merchant_id and q.task_id = $4
    where r.bucket = $1 and r.merchant_id = $2 and r.recovery_id = $3 and r.status = 'open'
        and q.status = 'running' and q.lease_token = $5::uuid
        and exists (select from citadel.stripe_accounts a where a.bucket = r.bucket
            and a.merchant_id = r.merchant_id and a.disconnected_at is null)
    for update of r for share of q
)
insert into citadel.emails as e (bucket, merchant_id, recovery_id, kind, attempt, entity_ref_id, to_address,
    from_address, reply_to, subject, html, text, intended_at)
select bucket, merchant_id, recovery_id, $6, $7, $8, $9, $10, $11, $12, $13, $14, citadel.at($15) from allowed
on conflict (bucket, merchant_id, recovery_id, kind, attempt) do update set kind = e.kind
returning e.email_id, e.status <> 'intended', e.entity_ref_id, e.to_address, e.from_address, e.reply_to, e.subject,
    e.html, e.text)sql"};

const Statement& SettleMailStatement() {
    static const Statement statement{"settle_mail", std::string(R"sql(
with settled as (
    update citadel.emails set status = case when $5 = '' then 'sent' else 'refused' end, provider_id = nullif($4, ''),
        error = nullif($5, ''), settled_at = citadel.at($6)
    where bucket = $1 and merchant_id = $2 and email_id = $3 and status = 'intended'
    returning bucket, merchant_id, recovery_id, status
), counted as (
    update citadel.recoveries r set mails_sent = r.mails_sent + 1, last_letter_at = citadel.at($6),
        mail_credit_until = citadel.at($6) + interval '7 days'
    from settled s where s.status = 'sent' and r.bucket = s.bucket and r.merchant_id = s.merchant_id
        and r.recovery_id = s.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'email_sent', currency, recovery_id, citadel.at($6) from counted
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect count(*) from settled"};
    return statement;
}

}  // namespace

asio::awaitable<std::optional<StoredMail>> IntendMail(postgres::Pool& pool, Task task,
                                                      std::int64_t recovery_id, MailIntent mail, Time now) {
    Params params;
    params.Int(task.merchant.bucket)
        .Int(task.merchant.id)
        .Int(recovery_id)
        .Int(task.id)
        .Text(task.lease_token);
    params.Text(mail.kind).Int(mail.attempt).Text(mail.entity_ref_id).Text(mail.to).Text(mail.from);
    params.Text(mail.reply_to).Text(mail.subject).Text(mail.html).Text(mail.text).At(now);
    Rows rows = co_await pool.Run(kIntendMail, std::move(params));
    std::optional<StoredMail> stored;
    if (rows.empty()) co_return stored;
    stored.emplace();
    stored->email_id = rows.Int(0, 0);
    stored->settled = rows.Bool(0, 1);
    stored->mail = std::move(mail);
    stored->mail.entity_ref_id = rows.Text(0, 2);
    stored->mail.to = rows.Text(0, 3);
    stored->mail.from = rows.Text(0, 4);
    stored->mail.reply_to = rows.Text(0, 5);
    stored->mail.subject = rows.Text(0, 6);
    stored->mail.html = rows.Text(0, 7);
    stored->mail.text = rows.Text(0, 8);
    co_return stored;
}

asio::awaitable<void> SettleMail(postgres::Pool& pool, MerchantKey merchant, std::int64_t email_id,
                                 std::string provider_id, std::string error, Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(email_id).Text(provider_id).Text(error).At(now);
    co_await pool.Run(SettleMailStatement(), std::move(params));
}

}  // namespace citadel::store
