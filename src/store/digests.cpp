#include "store/digests.h"

#include <boost/json.hpp>

#include "base/error.h"
#include "store/books.h"
#include "store/json_rows.h"

namespace citadel::store {

namespace asio = boost::asio;
namespace json = boost::json;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Weeks are counted in local days, so that one with a change of clocks is a week like any other.
// Index: recoveries_recovered, recoveries_open_by_customer, emails_sent.
const Statement kReadDigestFacts{"read_digest_facts", R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid)
), letter as materialized (
    select i.ord, m.*, z.zone, date_trunc('week', q.run_at at time zone z.zone) as monday,
        m.digest_enabled and exists (select from citadel.stripe_accounts a where a.bucket = m.bucket
            and a.merchant_id = m.merchant_id and a.disconnected_at is null) as wanted
    from item i
    join citadel.scheduled_tasks q
        on q.bucket = i.bucket and q.merchant_id = i.merchant_id and q.task_id = i.task_id
    join citadel.merchants m on m.bucket = i.bucket and m.merchant_id = i.merchant_id
    cross join lateral (select citadel.known_zone(m.timezone) as zone) z
    where q.status = 'running' and q.lease_token = i.lease_token
), span as materialized (
    select l.*, (monday - interval '56 days') at time zone zone as first,
        (monday - interval '7 days') at time zone zone as since, monday at time zone zone as until
    from letter l
)
select i.ord, s.name, s.email, s.locale, s.brand_color, s.wanted, to_char(s.monday, 'IYYY-"W"IW'),
    s.monday::date - 7 - date '1970-01-01',
    (select jsonb_agg(to_jsonb(w)) from (
        select ((s.monday::date - (r.closed_at at time zone s.zone)::date) - 1) / 7 as weeks_ago,
            coalesce(r.cause, '') as cause, r.currency, count(*) as count, sum(r.amount_recovered)::bigint as amount
        from citadel.recoveries r
        where r.bucket = s.bucket and r.merchant_id = s.merchant_id and r.status = 'recovered'
            and r.closed_at >= s.first and r.closed_at < s.until
        group by 1, 2, 3 order by 1, 2, 3) w),
    (select jsonb_agg(to_jsonb(o)) from (
        select r.currency, count(*) as count, sum(r.amount_due)::bigint as amount,
            count(*) filter (where r.next_action_at < s.until + interval '7 days') as planned,
            count(*) filter (where r.needs_customer) as need_customer,
            min((r.next_action_at at time zone s.zone)::date) - date '1970-01-01' as next_action
        from citadel.recoveries r
        where r.bucket = s.bucket and r.merchant_id = s.merchant_id and r.status = 'open'
        group by 1 order by 1) o),
    l.sent, l.delivered, l.opened, l.clicked
from item i left join span s on s.ord = i.ord left join lateral (
    select count(*) as sent, count(e.delivered_at) as delivered, count(e.first_opened_at) as opened,
        count(e.first_clicked_at) as clicked
    from citadel.emails e
    where e.bucket = s.bucket and e.merchant_id = s.merchant_id and e.status = 'sent'
        and e.settled_at >= s.since and e.settled_at < s.until) l on true
order by i.ord)sql"};

// The merchant's row is locked, so that a "no more" comes wholly before or wholly after.
const Statement kIntendDigests{"intend_digests", R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint, task_id bigint,
        lease_token uuid, week text, entity_ref_id text, to_address text, from_address text, unsubscribe_url text,
        subject text, html text, text text)
), allowed as materialized (
    select i.* from item i
    join citadel.merchants m on m.bucket = i.bucket and m.merchant_id = i.merchant_id
    join citadel.scheduled_tasks q
        on q.bucket = i.bucket and q.merchant_id = i.merchant_id and q.task_id = i.task_id
    where m.digest_enabled and q.status = 'running' and q.lease_token = i.lease_token
        and exists (select from citadel.stripe_accounts a where a.bucket = m.bucket
            and a.merchant_id = m.merchant_id and a.disconnected_at is null)
    order by m.bucket, m.merchant_id
    for share of m, q
), stored as (
    insert into citadel.digest_mails as d (bucket, merchant_id, week, entity_ref_id, to_address, from_address,
        unsubscribe_url, subject, html, text, intended_at)
    select bucket, merchant_id, week, entity_ref_id, to_address, from_address, unsubscribe_url, subject, html, text,
        citadel.at($2)
    from allowed order by bucket, merchant_id
    on conflict (bucket, merchant_id, week) do update set unsent = false,
        intended_at = case when d.unsent then excluded.intended_at else d.intended_at end
    returning *
)
select i.ord, d.week, d.entity_ref_id, d.to_address, d.from_address, d.unsubscribe_url, d.subject, d.html, d.text,
    citadel.micros(d.intended_at), d.status <> 'intended'
from item i left join stored d on d.bucket = i.bucket and d.merchant_id = i.merchant_id order by i.ord)sql"};

const Statement& SettleDigestsStatement() {
    static const Statement statement{"settle_digests", std::string(R"sql(
with item as materialized (
    select * from jsonb_to_recordset($1::jsonb) as x(ord int, bucket smallint, merchant_id bigint,
        week text, provider_id text, error text)
), settled as (
    update citadel.digest_mails d set status = case when i.error = '' then 'sent' else 'refused' end,
        provider_id = nullif(i.provider_id, ''), error = nullif(i.error, ''), settled_at = citadel.at($2)
    from item i
    where d.bucket = i.bucket and d.merchant_id = i.merchant_id and d.week = i.week and d.status = 'intended'
    returning i.ord, d.bucket, d.merchant_id, d.status
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, occurred_at)
    select bucket, merchant_id, 'digest_' || status, citadel.at($2) from settled
    returning bucket, merchant_id, metric_type, quantity, amount, currency, occurred_at
), )sql") + AddToDailyMetrics() + R"sql(
select i.ord, s.ord is not null from item i left join settled s on s.ord = i.ord order by i.ord)sql"};
    return statement;
}

const Statement kNoteUnsent{"note_digest_unsent", R"sql(
update citadel.digest_mails set unsent = true
where bucket = $1 and merchant_id = $2 and week = $3 and status = 'intended' and intended_at = citadel.at($4))sql"};

const Statement kStopDigests{"stop_digests", R"sql(
with stopped as (
    update citadel.merchants set digest_enabled = false where bucket = $1 and merchant_id = $2
    returning bucket, merchant_id
), vanished as (
    delete from citadel.scheduled_tasks q using stopped s
    where q.bucket = s.bucket and q.merchant_id = s.merchant_id and q.task_type = 'send_weekly_digest'
        and q.status = 'pending'
)
select count(*) from stopped)sql"};

std::int64_t Number(const json::object& row, const char* name) {
    return row.at(name).to_number<std::int64_t>();
}
std::string Text(const json::object& row, const char* name) { return std::string(row.at(name).as_string()); }

// The rows that the statement put together; null where there are none.
json::array RowsIn(const Rows& rows, int row, int column) {
    return rows.IsNull(row, column) ? json::array() : json::parse(rows.Text(row, column)).as_array();
}

Day DayOf(std::int64_t number) { return Day(std::chrono::days(number)); }

DigestFacts ReadFacts(const Rows& rows, int row) {
    DigestFacts facts;
    facts.merchant_name = rows.Text(row, 1);
    facts.email = rows.Text(row, 2);
    facts.locale = rows.Text(row, 3);
    facts.brand_color = rows.Text(row, 4);
    facts.wanted = rows.Bool(row, 5);
    facts.week = rows.Text(row, 6);
    facts.monday = DayOf(rows.Int(row, 7));
    for (const auto& value : RowsIn(rows, row, 8)) {
        const auto& line = value.as_object();
        facts.recovered.push_back({static_cast<int>(Number(line, "weeks_ago")), Text(line, "cause"),
                                   Number(line, "count"),
                                   Money{Number(line, "amount"), Text(line, "currency")}});
    }
    for (const auto& value : RowsIn(rows, row, 9)) {
        const auto& line = value.as_object();
        OpenLine open;
        open.count = Number(line, "count");
        open.amount = Money{Number(line, "amount"), Text(line, "currency")};
        open.planned = Number(line, "planned");
        open.need_customer = Number(line, "need_customer");
        if (!line.at("next_action").is_null()) open.next_action = DayOf(Number(line, "next_action"));
        facts.open.push_back(std::move(open));
    }
    facts.letters_sent = rows.Int(row, 10);
    facts.letters_delivered = rows.Int(row, 11);
    facts.letters_opened = rows.Int(row, 12);
    facts.letters_clicked = rows.Int(row, 13);
    return facts;
}

}  // namespace

asio::awaitable<std::vector<DigestFacts>> ReadDigestFacts(postgres::Pool& pool, std::vector<Task> batch) {
    json::array items;
    for (const auto& task : batch) {
        json::object row = KeyOf(task);
        row["ord"] = items.size();
        items.push_back(std::move(row));
    }
    Params params;
    params.Text(json::serialize(items));
    Rows rows = co_await pool.Run(kReadDigestFacts, std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()), "every task of a batch is answered");
    std::vector<DigestFacts> facts;
    facts.reserve(batch.size());
    for (int row = 0; row < rows.size(); ++row) facts.push_back(ReadFacts(rows, row));
    co_return facts;
}

asio::awaitable<std::vector<std::optional<StoredDigest>>> IntendDigests(postgres::Pool& pool,
                                                                        std::vector<DigestMail> batch,
                                                                        Time now) {
    json::array items;
    for (const auto& mail : batch) {
        json::object row = KeyOf(mail.task);
        row["ord"] = items.size();
        row["week"] = mail.week;
        row["entity_ref_id"] = mail.entity_ref_id;
        row["to_address"] = mail.to;
        row["from_address"] = mail.from;
        row["unsubscribe_url"] = mail.unsubscribe_url;
        row["subject"] = mail.subject;
        row["html"] = mail.html;
        row["text"] = mail.text;
        items.push_back(std::move(row));
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    Rows rows = co_await pool.Run(kIntendDigests, std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()), "every mail of a batch is answered");
    std::vector<std::optional<StoredDigest>> stored(batch.size());
    for (int row = 0; row < rows.size(); ++row) {
        if (rows.IsNull(row, 1)) continue;
        auto& digest = stored[static_cast<std::size_t>(row)].emplace();
        digest.mail = {batch[static_cast<std::size_t>(row)].task,
                       rows.Text(row, 1),
                       rows.Text(row, 2),
                       rows.Text(row, 3),
                       rows.Text(row, 4),
                       rows.Text(row, 5),
                       rows.Text(row, 6),
                       rows.Text(row, 7),
                       rows.Text(row, 8)};
        digest.intended_at = rows.At(row, 9);
        digest.settled = rows.Bool(row, 10);
    }
    co_return stored;
}

asio::awaitable<std::vector<bool>> SettleDigests(postgres::Pool& pool, std::vector<DigestVerdict> batch,
                                                 Time now) {
    json::array items;
    for (const auto& verdict : batch) {
        items.push_back({{"ord", items.size()},
                         {"bucket", verdict.merchant.bucket},
                         {"merchant_id", verdict.merchant.id},
                         {"week", verdict.week},
                         {"provider_id", verdict.provider_id},
                         {"error", verdict.error}});
    }
    Params params;
    params.Text(json::serialize(items)).At(now);
    Rows rows = co_await pool.Run(SettleDigestsStatement(), std::move(params));
    CITADEL_CHECK(rows.size() == static_cast<int>(batch.size()), "every verdict of a batch is answered");
    std::vector<bool> settled;
    for (int row = 0; row < rows.size(); ++row) settled.push_back(rows.Bool(row, 1));
    co_return settled;
}

asio::awaitable<void> NoteDigestUnsent(postgres::Pool& pool, MerchantKey merchant, std::string week,
                                       Time intended_at) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Text(week).At(intended_at);
    co_await pool.Run(kNoteUnsent, std::move(params));
}

asio::awaitable<bool> StopDigests(postgres::Pool& pool, MerchantKey merchant) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id);
    Rows rows = co_await pool.Run(kStopDigests, std::move(params));
    co_return rows.Int(0, 0) > 0;
}

}  // namespace citadel::store
