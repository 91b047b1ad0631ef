#include "store/suppressions.h"

#include "store/books.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// $4 the service's id, $5 the word's id, $6 its type, $7 for good, $8 detail, $9 said at, $10 now.
// Indexes: emails_pkey, processed_events_pkey, recoveries_open_by_customer.
constexpr const char* kBookMailWord = R"sql(
with mail as materialized (
    select * from citadel.emails
    where bucket = $1 and merchant_id = $2 and email_id = $3 and coalesce(provider_id, $4) = $4
    for update
), seen as (
    insert into citadel.processed_events (bucket, merchant_id, event_id, type, kind, created_at, received_at)
    select bucket, merchant_id, $5, 'email.' || $6, 'mail_word', citadel.at($9), citadel.at($10) from mail
    on conflict do nothing
    returning event_id
), fact as materialized (
    select m.*, case
        when $6 = 'delivered' and delivered_at is null then 'email_delivered'
        when $6 = 'opened' and first_opened_at is null then 'email_opened'
        when $6 = 'clicked' and first_clicked_at is null then 'email_clicked'
        when ($6 = 'bounced' and $7::boolean or $6 = 'suppressed') and bounced_at is null then 'email_bounced'
        when $6 = 'bounced' and not $7::boolean or $6 = 'delivery_delayed' then 'email_delayed'
        when $6 = 'complained' and complained_at is null then 'email_complained'
        when $6 = 'failed' and failed_at is null then 'email_failed'
        end as metric
    from mail m where exists (select from seen)
), changed as (
    update citadel.emails e set provider_id = $4,
        delivered_at = case when f.metric = 'email_delivered' then citadel.at($10) else e.delivered_at end,
        first_opened_at = case when f.metric = 'email_opened' then citadel.at($10) else e.first_opened_at end,
        first_clicked_at = case when f.metric = 'email_clicked' then citadel.at($10) else e.first_clicked_at end,
        bounced_at = case when f.metric = 'email_bounced' then citadel.at($10) else e.bounced_at end,
        complained_at = case when f.metric = 'email_complained' then citadel.at($10) else e.complained_at end,
        failed_at = case when f.metric = 'email_failed' then citadel.at($10) else e.failed_at end,
        error = case when f.metric in ('email_bounced', 'email_complained', 'email_failed') then $6 || ': ' || $8
            else e.error end
    from fact f where e.bucket = f.bucket and e.merchant_id = f.merchant_id and e.email_id = f.email_id
), lost as materialized (
    select *, lower(to_address) as address from fact where metric in ('email_bounced', 'email_complained')
), suppressed as (
    insert into citadel.email_suppressions (bucket, merchant_id, address, reason, detail, email_id, suppressed_at)
    select bucket, merchant_id, address, $6, $8, email_id, citadel.at($10) from lost
    on conflict do nothing
), closed as (
    insert into citadel.email_addresses as g (bucket, merchant_id, address, free_at)
    select bucket, merchant_id, address, 'infinity' from lost
    on conflict (bucket, merchant_id, address) do update set free_at = 'infinity'
), told as (
    update citadel.recoveries r set address_suppressed = true from lost l
    where r.bucket = l.bucket and r.merchant_id = l.merchant_id and r.status = 'open'
        and lower(r.customer_email) = l.address
    returning r.bucket, r.merchant_id, r.recovery_id, r.policy
), noted as (
    insert into citadel.recovery_decisions (bucket, merchant_id, recovery_id, decided_at, action, rule, reason, policy)
    select bucket, merchant_id, recovery_id, citadel.at($10), 'note', 'mail.' || $6,
        'the customer''s address takes no more mail (' || $6 || case when $8 = '' then '' else ': ' || $8 end || ')', policy
    from told
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, event_id, occurred_at)
    select f.bucket, f.merchant_id, f.metric, coalesce(r.currency, ''), f.recovery_id, $5, citadel.at($10)
    from fact f left join citadel.recoveries r using (bucket, merchant_id, recovery_id) where f.metric is not null
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql";

const Statement& BookMailWordStatement() {
    static const Statement statement{"book_mail_word",
                                     std::string(kBookMailWord) + AddToDailyMetrics() +
                                         "\nselect (select count(*) from mail), (select count(*) from seen)"};
    return statement;
}

// Index: emails_provider.
const Statement kNameMail{"name_mail", R"sql(
select bucket, merchant_id, email_id from citadel.emails where provider_id = $1 limit 1)sql"};

}  // namespace

asio::awaitable<MailWord> NameMailAcrossMerchants(postgres::Pool& pool, MailWord word) {
    Params params;
    params.Text(word.provider_id);
    Rows rows = co_await pool.Run(kNameMail, std::move(params));
    word.merchant = {};
    word.email_id = 0;
    if (!rows.empty()) {
        word.merchant.bucket = static_cast<std::int16_t>(rows.Int(0, 0));
        word.merchant.id = rows.Int(0, 1);
        word.email_id = rows.Int(0, 2);
    }
    co_return word;
}

asio::awaitable<MailWordVerdict> BookMailWord(postgres::Pool& pool, MailWord word, Time now) {
    Params params;
    params.Int(word.merchant.bucket).Int(word.merchant.id).Int(word.email_id);
    params.Text(word.provider_id).Text(word.word_id).Text(word.type).Text(word.for_good ? "t" : "f");
    params.Text(word.detail).At(word.said_at).At(now);
    Rows rows = co_await pool.Run(BookMailWordStatement(), std::move(params));
    if (rows.Int(0, 0) == 0) co_return MailWordVerdict::kUnknownMail;
    auto verdict = rows.Int(0, 1) == 0 ? MailWordVerdict::kDuplicate : MailWordVerdict::kBooked;
    co_return verdict;
}

}  // namespace citadel::store
