#include "store/email_templates.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kRead{"read_email_template", R"sql(
select subject, body, citadel.micros(updated_at) from citadel.email_templates
where bucket = $1 and merchant_id = $2 and kind = $3 and attempt = $4)sql"};

const Statement kWrite{"write_email_template", R"sql(
insert into citadel.email_templates (bucket, merchant_id, kind, attempt, subject, body, updated_at)
values ($1, $2, $3, $4, $5, $6, citadel.at($7))
on conflict (bucket, merchant_id, kind, attempt)
do update set subject = excluded.subject, body = excluded.body, updated_at = excluded.updated_at)sql"};

const Statement kDelete{"delete_email_template", R"sql(
delete from citadel.email_templates
where bucket = $1 and merchant_id = $2 and kind = $3 and attempt = $4)sql"};

Params Of(MerchantKey merchant, const std::string& kind, int attempt) {
    Params params = KeyParams(merchant);
    params.Text(kind).Int(attempt);
    return params;
}

}  // namespace

asio::awaitable<std::optional<OwnTemplate>> ReadTemplate(postgres::Pool& pool, MerchantKey merchant,
                                                         std::string kind, int attempt) {
    Rows rows = co_await RunAsTenant(pool, merchant, kRead, Of(merchant, kind, attempt));
    std::optional<OwnTemplate> text;
    if (!rows.empty()) text = OwnTemplate{rows.Text(0, 0), rows.Text(0, 1), rows.At(0, 2)};
    co_return text;
}

asio::awaitable<void> WriteTemplate(postgres::Pool& pool, MerchantKey merchant, std::string kind, int attempt,
                                    OwnTemplate text) {
    Params params = Of(merchant, kind, attempt);
    params.Text(text.subject).Text(text.body).At(text.updated_at);
    co_await RunAsTenant(pool, merchant, kWrite, std::move(params));
}

asio::awaitable<void> DeleteTemplate(postgres::Pool& pool, MerchantKey merchant, std::string kind,
                                     int attempt) {
    co_await RunAsTenant(pool, merchant, kDelete, Of(merchant, kind, attempt));
}

}  // namespace citadel::store
