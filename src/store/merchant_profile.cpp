#include "store/merchant_profile.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: primary keys of merchants and plans, stripe_accounts_merchant.
const Statement kReadProfile{"read_profile", R"sql(
select m.bucket, m.merchant_id, m.email, m.name, m.tier, p.mails_per_month, p.queue_limit,
    coalesce(a.stripe_account_id, ''), a.stripe_account_id is not null and a.disconnected_at is null,
    m.billing_country, m.billing_address, m.brand_color, m.logo_url, m.from_name, m.support_email, m.reply_to,
    m.timezone, m.locale, m.retry_mode, m.digest_enabled, citadel.micros(m.created_at)
from citadel.merchants m join citadel.plans p on p.tier = m.tier
left join lateral (
    select * from citadel.stripe_accounts a where a.bucket = m.bucket and a.merchant_id = m.merchant_id
    order by (a.disconnected_at is null) desc, a.connected_at desc limit 1) a on true
where m.bucket = $1 and m.merchant_id = $2)sql"};

const Statement kChangeProfile{"change_profile", R"sql(
update citadel.merchants set
    billing_country = coalesce($3, billing_country), billing_address = coalesce($4, billing_address),
    brand_color = coalesce($5, brand_color), logo_url = coalesce($6, logo_url),
    from_name = coalesce($7, from_name), support_email = coalesce($8, support_email),
    reply_to = coalesce($9, reply_to), timezone = coalesce($10, timezone), locale = coalesce($11, locale),
    retry_mode = coalesce($12, retry_mode), digest_enabled = coalesce($13::boolean, digest_enabled)
where bucket = $1 and merchant_id = $2)sql"};

void AddOrNull(Params& params, const std::optional<std::string>& text) {
    if (text) params.Text(*text);
    else params.Null();
}

}  // namespace

const Statement& ProfileStatement() { return kReadProfile; }

std::optional<MerchantProfile> ReadProfileRow(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    int column = 0;
    auto text = [&] { return rows.Text(0, column++); };
    auto number = [&] { return rows.Int(0, column++); };
    auto flag = [&] { return rows.Bool(0, column++); };
    MerchantProfile profile;
    profile.key.bucket = static_cast<std::int16_t>(number());
    profile.key.id = number();
    profile.email = text();
    profile.name = text();
    profile.tier = text();
    profile.mails_per_month = number();
    profile.queue_limit = number();
    profile.stripe_account_id = text();
    profile.stripe_connected = flag();
    profile.billing_country = text();
    profile.billing_address = text();
    profile.brand_color = text();
    profile.logo_url = text();
    profile.from_name = text();
    profile.support_email = text();
    profile.reply_to = text();
    profile.timezone = text();
    profile.locale = text();
    profile.retry_mode = text();
    profile.digest_enabled = flag();
    profile.created_at = rows.At(0, column);
    return profile;
}

asio::awaitable<std::optional<MerchantProfile>> ReadProfile(postgres::Pool& pool, MerchantKey merchant) {
    Rows rows = co_await RunAsTenant(pool, merchant, kReadProfile, KeyParams(merchant));
    co_return ReadProfileRow(rows);
}

asio::awaitable<std::optional<MerchantProfile>> ChangeProfile(postgres::Pool& pool, MerchantKey merchant,
                                                              ProfileChange change) {
    Params params = KeyParams(merchant);
    AddOrNull(params, change.billing_country);
    AddOrNull(params, change.billing_address);
    AddOrNull(params, change.brand_color);
    AddOrNull(params, change.logo_url);
    AddOrNull(params, change.from_name);
    AddOrNull(params, change.support_email);
    AddOrNull(params, change.reply_to);
    AddOrNull(params, change.timezone);
    AddOrNull(params, change.locale);
    AddOrNull(params, change.retry_mode);
    if (change.digest_enabled) params.Text(*change.digest_enabled ? "true" : "false");
    else params.Null();
    std::vector<Query> queries;
    queries.push_back(Query{&kChangeProfile, std::move(params)});
    queries.push_back(Query{&kReadProfile, KeyParams(merchant)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    co_return ReadProfileRow(answers[1]);
}

}  // namespace citadel::store
