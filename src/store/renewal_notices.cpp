#include "store/renewal_notices.h"

#include "store/mails_sql.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Indexes: primary keys, recoveries_open_by_customer.
const Statement kReadNotice{"read_renewal_notice", R"sql(
select n.notice_id, n.customer_id, n.subscription_id, citadel.micros(n.renews_at), n.amount_due, n.currency,
    n.card, n.card_expires, e.email_id, exists (select from citadel.recoveries r where r.bucket = n.bucket
        and r.merchant_id = n.merchant_id and r.customer_id = n.customer_id and r.status = 'open')
from citadel.scheduled_tasks q
join citadel.renewal_notices n
    on n.bucket = q.bucket and n.merchant_id = q.merchant_id and n.notice_id = q.notice_id
left join citadel.emails e on e.bucket = n.bucket and e.merchant_id = n.merchant_id and e.email_id = n.email_id
    and e.status = 'intended'
where q.bucket = $1 and q.merchant_id = $2 and q.task_id = $3)sql"};

// $17 task, $18 lease, $19 card, $20 its expiry. Indexes: primary keys, renewal_notices_letter. Two renewals
// of one card at the same moment meet at the address's gate; who comes second finds the letter of the first.
const Statement& IntendNoticeStatement() {
    static const Statement statement{"intend_notice", std::string(R"sql(
with allowed as materialized (
    select n.bucket, n.merchant_id, null::bigint as recovery_id, n.customer_id from citadel.renewal_notices n
    join citadel.scheduled_tasks q on q.bucket = n.bucket and q.merchant_id = n.merchant_id and q.task_id = $17
        and q.notice_id = n.notice_id
    join citadel.merchants m on m.bucket = n.bucket and m.merchant_id = n.merchant_id
    where n.bucket = $1 and n.merchant_id = $2 and n.notice_id = $3
        and (n.card is null or (n.card = $19 and n.card_expires = $20))
        and q.status = 'running' and q.lease_token = $18::uuid and m.retry_mode <> 'observe'
        and not exists (select from citadel.recoveries r where r.bucket = n.bucket
            and r.merchant_id = n.merchant_id and r.customer_id = n.customer_id and r.status = 'open')
        and exists (select from citadel.stripe_accounts a where a.bucket = n.bucket
            and a.merchant_id = n.merchant_id and a.disconnected_at is null)
    for update of n for share of q
), known as materialized (
    select e.* from allowed a join citadel.renewal_notices n on n.bucket = a.bucket
        and n.merchant_id = a.merchant_id and n.customer_id = a.customer_id and n.card = $19
        and n.card_expires = $20 and n.email_id is not null
    join citadel.emails e on e.bucket = n.bucket and e.merchant_id = n.merchant_id and e.email_id = n.email_id
))sql") + StoreMailSql(R"sql(, named as (
    update citadel.renewal_notices n set card = $19, card_expires = $20, email_id = w.email_id
    from written w where n.bucket = w.bucket and n.merchant_id = w.merchant_id and n.notice_id = $3
))sql")};
    return statement;
}

}  // namespace

asio::awaitable<std::optional<RenewalNotice>> ReadRenewalNotice(postgres::Pool& pool, Task task) {
    Params params;
    params.Int(task.merchant.bucket).Int(task.merchant.id).Int(task.id);
    Rows rows = co_await pool.Run(kReadNotice, std::move(params));
    std::optional<RenewalNotice> notice;
    if (rows.empty()) co_return notice;
    notice.emplace();
    notice->id = rows.Int(0, 0);
    notice->customer_id = rows.Text(0, 1);
    notice->subscription_id = rows.Text(0, 2);
    notice->renews_at = rows.At(0, 3);
    notice->due = Money{rows.Int(0, 4), rows.Text(0, 5)};
    notice->card = rows.Text(0, 6);
    notice->card_expires = rows.Text(0, 7);
    if (!rows.IsNull(0, 8)) notice->unsettled_mail = rows.Int(0, 8);
    notice->recovery_open = rows.Bool(0, 9);
    co_return notice;
}

asio::awaitable<MailPermit> IntendNotice(postgres::Pool& pool, Task task, std::int64_t notice_id,
                                         NoticedCard card, MailIntent mail, Time now) {
    Params params = MailParams(task.merchant, notice_id, mail, now);
    params.Int(task.id).Text(task.lease_token).Text(card.fingerprint).Text(card.expires);
    Rows rows = co_await pool.Run(IntendNoticeStatement(), std::move(params));
    co_return PermitOf(rows, std::move(mail), now);
}

}  // namespace citadel::store
