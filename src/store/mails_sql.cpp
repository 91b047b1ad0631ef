#include "store/mails_sql.h"

namespace citadel::store {

using postgres::Params;
using postgres::Rows;

namespace {

// $4 to $13 and $16 are the mail, $14 is now, $15 the end of the address's day.
constexpr const char* kStore = R"sql(, gate as (
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
))sql";

constexpr const char* kAnswer = R"sql(
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

}  // namespace

std::string StoreMailSql(const std::string& more) { return kStore + more + kAnswer; }

Params MailParams(MerchantKey merchant, std::int64_t about, const MailIntent& mail, Time now) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(about);
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

}  // namespace citadel::store
