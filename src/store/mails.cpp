#include "store/mails.h"

#include "base/error.h"
#include "store/books.h"
#include "store/mails_sql.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: emails (bucket, merchant_id, recovery_id, kind, attempt), the key of a logical mail.
constexpr const char* kKnownLetter = R"sql(, known as materialized (
    select e.* from citadel.emails e join allowed using (bucket, merchant_id, recovery_id)
    where e.kind = $4 and e.attempt = $5
))sql";

const Statement& IntendMailStatement() {
    static const Statement statement{"intend_mail", std::string(R"sql(
with allowed as materialized (
    select r.bucket, r.merchant_id, r.recovery_id from citadel.recoveries r
    join citadel.scheduled_tasks q on q.bucket = r.bucket and q.merchant_id = r.merchant_id and q.task_id = $17
    where r.bucket = $1 and r.merchant_id = $2 and r.recovery_id = $3 and r.status = 'open'
        and q.status = 'running' and q.lease_token = $18::uuid
        and exists (select from citadel.stripe_accounts a where a.bucket = r.bucket
            and a.merchant_id = r.merchant_id and a.disconnected_at is null)
    for update of r for share of q
))sql") + kKnownLetter + StoreMailSql()};
    return statement;
}

const Statement& IntendThanksStatement() {
    static const Statement statement{"intend_thanks", std::string(R"sql(
with allowed as materialized (
    select r.bucket, r.merchant_id, r.recovery_id from citadel.recoveries r
    join citadel.merchants m on m.bucket = r.bucket and m.merchant_id = r.merchant_id and m.thanks_enabled
    where r.bucket = $1 and r.merchant_id = $2 and r.recovery_id = $3 and r.status = 'recovered'
        and r.amount_reversed = 0
        and exists (select from citadel.stripe_accounts a where a.bucket = r.bucket
            and a.merchant_id = r.merchant_id and a.disconnected_at is null)
    for update of r
))sql") + kKnownLetter + StoreMailSql()};
    return statement;
}

const Statement& SettleMailStatement() {
    static const Statement statement{"settle_mail", std::string(R"sql(
with settled as (
    update citadel.emails set status = case when $5 = '' then 'sent' else 'refused' end, provider_id = nullif($4, ''),
        error = nullif($5, ''), settled_at = citadel.at($6), in_doubt_since = null
    where bucket = $1 and merchant_id = $2 and email_id = $3 and status = 'intended'
    returning bucket, merchant_id, recovery_id, status, links_to_us
), counted as (
    update citadel.recoveries r set mails_sent = r.mails_sent + 1, last_letter_at = citadel.at($6),
        -- Where a click will tell, the click gives the credit.
        mail_credit_until = case when s.links_to_us then r.mail_credit_until
            else citadel.at($6) + interval '7 days' end
    from settled s where s.status = 'sent' and r.bucket = s.bucket and r.merchant_id = s.merchant_id
        and r.recovery_id = s.recovery_id
    returning r.bucket, r.merchant_id, r.recovery_id, r.currency
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select s.bucket, s.merchant_id, case when s.recovery_id is null then 'notice_sent' else 'email_sent' end,
        coalesce(c.currency, ''), s.recovery_id, citadel.at($6)
    from settled s left join counted c on c.recovery_id = s.recovery_id
    where s.status = 'sent' and (s.recovery_id is null or c.recovery_id is not null)
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + "\nselect count(*) from settled"};
    return statement;
}

// Indexes: merchants_thanks, recoveries_closed. A letter in doubt is found again until it is settled.
const Statement kFindThanksDue{"find_thanks_due", R"sql(
select r.bucket, r.merchant_id, r.recovery_id, r.customer_email, r.customer_name, r.amount_recovered, r.currency,
    r.invoice_id, r.invoice_number, r.hosted_invoice_url, coalesce(last.locale, '')
from citadel.merchants m
join citadel.recoveries r on r.bucket = m.bucket and r.merchant_id = m.merchant_id
    and r.closed_at >= citadel.at($1) and r.status = 'recovered'
left join lateral (
    select e.locale from citadel.emails e
    where e.bucket = r.bucket and e.merchant_id = r.merchant_id and e.recovery_id = r.recovery_id
    order by e.email_id desc limit 1) last on true
where m.thanks_enabled and r.customer_email <> '' and r.amount_recovered > 0 and r.amount_reversed = 0
    and not exists (select from citadel.emails e where e.bucket = r.bucket and e.merchant_id = r.merchant_id
        and e.recovery_id = r.recovery_id and e.kind = 'paid' and e.status <> 'intended')
order by r.closed_at limit $2)sql"};

const Statement kClearMailDoubt{"clear_mail_doubt", R"sql(
update citadel.emails set in_doubt_since = null
where bucket = $1 and merchant_id = $2 and email_id = $3 and status = 'intended')sql"};

// A letter that comes once in a sequence has the merchant's words whatever its number.
const Statement kReadLetterhead{"read_letterhead", R"sql(
select m.name, m.from_name, m.support_email, m.reply_to, m.brand_color, m.logo_url, m.locale, m.timezone,
    t.subject, t.body
from citadel.merchants m
left join lateral (
    select subject, body from citadel.email_templates t
    where t.bucket = m.bucket and t.merchant_id = m.merchant_id and t.kind = $3
        and (t.attempt = $4 or $3 in ('final_notice', 'paid', 'card_expiring'))
    order by t.attempt = $4 desc, t.attempt limit 1) t on true
where m.bucket = $1 and m.merchant_id = $2)sql"};

const Statement kMarkAddressSuppressed{"mark_address_suppressed", R"sql(
update citadel.recoveries set address_suppressed = true
where bucket = $1 and merchant_id = $2 and recovery_id = $3 and status = 'open')sql"};

}  // namespace

asio::awaitable<MailPermit> IntendMail(postgres::Pool& pool, Task task, std::int64_t recovery_id,
                                       MailIntent mail, Time now) {
    Params params = MailParams(task.merchant, recovery_id, mail, now);
    params.Int(task.id).Text(task.lease_token);
    Rows rows = co_await pool.Run(IntendMailStatement(), std::move(params));
    co_return PermitOf(rows, std::move(mail), now);
}

asio::awaitable<MailPermit> IntendThanks(postgres::Pool& pool, MerchantKey merchant, std::int64_t recovery_id,
                                         MailIntent mail, Time now) {
    Params params = MailParams(merchant, recovery_id, mail, now);
    Rows rows = co_await pool.Run(IntendThanksStatement(), std::move(params));
    co_return PermitOf(rows, std::move(mail), now);
}

asio::awaitable<std::vector<ThanksDue>> FindThanksDueAcrossMerchants(postgres::Pool& pool, Time paid_since,
                                                                     int limit) {
    Params params;
    params.At(paid_since).Int(limit);
    Rows rows = co_await pool.Run(kFindThanksDue, std::move(params));
    std::vector<ThanksDue> due;
    for (int row = 0; row < rows.size(); ++row) {
        ThanksDue one;
        one.merchant.bucket = static_cast<std::int16_t>(rows.Int(row, 0));
        one.merchant.id = rows.Int(row, 1);
        one.recovery_id = rows.Int(row, 2);
        one.customer_email = rows.Text(row, 3);
        one.customer_name = rows.Text(row, 4);
        one.recovered = Money{rows.Int(row, 5), rows.Text(row, 6)};
        one.invoice_id = rows.Text(row, 7);
        one.invoice_number = rows.Text(row, 8);
        one.hosted_invoice_url = rows.Text(row, 9);
        one.locale = rows.Text(row, 10);
        due.push_back(std::move(one));
    }
    co_return due;
}

asio::awaitable<void> SettleMail(postgres::Pool& pool, MerchantKey merchant, std::int64_t email_id,
                                 std::string provider_id, std::string error, Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(email_id).Text(provider_id).Text(error).At(now);
    co_await pool.Run(SettleMailStatement(), std::move(params));
}

asio::awaitable<void> ClearMailDoubt(postgres::Pool& pool, MerchantKey merchant, std::int64_t email_id) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(email_id);
    co_await pool.Run(kClearMailDoubt, std::move(params));
}

asio::awaitable<Letterhead> ReadLetterhead(postgres::Pool& pool, MerchantKey merchant, std::string kind,
                                           int attempt) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Text(kind).Int(attempt);
    Rows rows = co_await pool.Run(kReadLetterhead, std::move(params));
    if (rows.empty()) throw Trouble(TroubleKind::kRejected, "the merchant is gone");
    Letterhead head;
    head.name = rows.Text(0, 0);
    head.from_name = rows.Text(0, 1);
    head.support_email = rows.Text(0, 2);
    head.reply_to = rows.Text(0, 3);
    head.brand_color = rows.Text(0, 4);
    head.logo_url = rows.Text(0, 5);
    head.locale = rows.Text(0, 6);
    head.timezone = rows.Text(0, 7);
    head.own_subject = rows.Text(0, 8);
    head.own_body = rows.Text(0, 9);
    co_return head;
}

asio::awaitable<void> MarkAddressSuppressed(postgres::Pool& pool, MerchantKey merchant,
                                            std::int64_t recovery_id) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(recovery_id);
    co_await pool.Run(kMarkAddressSuppressed, std::move(params));
}

}  // namespace citadel::store
