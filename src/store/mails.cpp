#include "store/mails.h"

#include "base/error.h"
#include "store/books.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Expects the CTE `allowed` with the recovery's key, at most one row. $4 to $13 and $16 are the mail, $14 is
// now, $15 the end of the day that the address is left in peace. A mail that is already there is handed out
// again without asking for its address a second time. Index: emails (bucket, merchant_id, recovery_id, kind,
// attempt), the key of a logical mail.
constexpr const char* kStoreMail = R"sql(
known as materialized (
    select e.* from citadel.emails e join allowed using (bucket, merchant_id, recovery_id)
    where e.kind = $4 and e.attempt = $5
), gate as (
    insert into citadel.email_addresses as g (bucket, merchant_id, address, free_at)
    select bucket, merchant_id, lower($7), citadel.at($15) from allowed where not exists (select from known)
    on conflict (bucket, merchant_id, address) do update set free_at = excluded.free_at
        where g.free_at <= citadel.at($14)
    returning bucket, merchant_id
), written as (
    insert into citadel.emails as e (bucket, merchant_id, recovery_id, kind, attempt, entity_ref_id, to_address,
        from_address, reply_to, subject, html, text, locale, links_to_us, intended_at, in_doubt_since)
    select bucket, merchant_id, recovery_id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $16::boolean,
        citadel.at($14), citadel.at($14)
    from allowed where exists (select from gate)
    on conflict (bucket, merchant_id, recovery_id, kind, attempt) do update set kind = e.kind
    returning *
), doubted as (
    update citadel.emails e set in_doubt_since = citadel.at($14) from known k
    where e.bucket = k.bucket and e.merchant_id = k.merchant_id and e.email_id = k.email_id
        and k.status = 'intended' and k.in_doubt_since is null
)
select 'stored', email_id, status, entity_ref_id, to_address, from_address, reply_to, subject, html,
    text, locale, citadel.micros(in_doubt_since), provider_id from known
union all
select 'stored', email_id, status, entity_ref_id, to_address, from_address, reply_to, subject, html,
    text, locale, null, provider_id from written
union all
select case when a.free_at = 'infinity' then 'suppressed' else 'put_off' end, 0, '', '', '', '', '', '', '', '',
    '', citadel.micros(case when isfinite(a.free_at) then a.free_at end), ''
from allowed left join citadel.email_addresses a on a.bucket = allowed.bucket
    and a.merchant_id = allowed.merchant_id and a.address = lower($7)
where not exists (select from gate) and not exists (select from known))sql";

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
), )sql") + kStoreMail};
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
), )sql") + kStoreMail};
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
    select bucket, merchant_id, 'email_sent', currency, recovery_id, citadel.at($6) from counted
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

Params ParamsOf(MerchantKey merchant, std::int64_t recovery_id, const MailIntent& mail, Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(recovery_id);
    params.Text(mail.kind).Int(mail.attempt).Text(mail.entity_ref_id).Text(mail.to).Text(mail.from);
    params.Text(mail.reply_to).Text(mail.subject).Text(mail.html).Text(mail.text).Text(mail.locale);
    params.At(now).At(now + kBetweenMails).Text(mail.links_to_us ? "t" : "f");
    return params;
}

MailPermit PermitOf(const Rows& rows, MailIntent mail, Time now) {
    MailPermit permit;
    if (rows.empty()) return permit;
    auto word = rows.Text(0, 0);
    if (word == "suppressed") permit.verdict = MailVerdict::kSuppressed;
    if (word == "put_off") {
        permit.verdict = MailVerdict::kPutOff;
        // No row to be seen: another letter to this address is being committed at this very moment.
        permit.free_at = rows.MaybeAt(0, 11).value_or(now + kBetweenMails);
    }
    if (word != "stored") return permit;
    permit.verdict = MailVerdict::kStored;
    auto& stored = permit.mail;
    stored.email_id = rows.Int(0, 1);
    auto status = rows.Text(0, 2);
    stored.settled = status != "intended";
    stored.refused = status == "refused";
    stored.mail = std::move(mail);
    stored.mail.entity_ref_id = rows.Text(0, 3);
    stored.mail.to = rows.Text(0, 4);
    stored.mail.from = rows.Text(0, 5);
    stored.mail.reply_to = rows.Text(0, 6);
    stored.mail.subject = rows.Text(0, 7);
    stored.mail.html = rows.Text(0, 8);
    stored.mail.text = rows.Text(0, 9);
    stored.mail.locale = rows.Text(0, 10);
    stored.in_doubt_since = rows.MaybeAt(0, 11);
    stored.provider_id = rows.Text(0, 12);
    return permit;
}

}  // namespace

asio::awaitable<MailPermit> IntendMail(postgres::Pool& pool, Task task, std::int64_t recovery_id,
                                       MailIntent mail, Time now) {
    Params params = ParamsOf(task.merchant, recovery_id, mail, now);
    params.Int(task.id).Text(task.lease_token);
    Rows rows = co_await pool.Run(IntendMailStatement(), std::move(params));
    co_return PermitOf(rows, std::move(mail), now);
}

asio::awaitable<MailPermit> IntendThanks(postgres::Pool& pool, MerchantKey merchant, std::int64_t recovery_id,
                                         MailIntent mail, Time now) {
    Params params = ParamsOf(merchant, recovery_id, mail, now);
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
