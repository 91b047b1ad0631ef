#include "store/email_templates.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kReadTemplate{"read_template", R"sql(
select subject, body, citadel.micros(updated_at) from citadel.email_templates
where bucket = $1 and merchant_id = $2 and kind = $3 and attempt = $4)sql"};

const Statement kWriteTemplate{"write_template", R"sql(
insert into citadel.email_templates (bucket, merchant_id, kind, attempt, subject, body, updated_at)
values ($1, $2, $3, $4, $5, $6, citadel.at($7))
on conflict (bucket, merchant_id, kind, attempt) do update set subject = excluded.subject, body = excluded.body,
    updated_at = excluded.updated_at)sql"};

const Statement kDeleteTemplate{"delete_template", R"sql(
delete from citadel.email_templates where bucket = $1 and merchant_id = $2 and kind = $3 and attempt = $4)sql"};

Params OfTemplate(MerchantKey merchant, const TemplateName& name) {
    Params params = KeyParams(merchant);
    params.Text(name.kind).Int(name.attempt);
    return params;
}

}  // namespace

asio::awaitable<std::optional<TemplateText>> ReadTemplate(postgres::Pool& pool, MerchantKey merchant,
                                                          TemplateName name) {
    Rows rows = co_await RunAsTenant(pool, merchant, kReadTemplate, OfTemplate(merchant, name));
    std::optional<TemplateText> text;
    if (rows.empty()) co_return text;
    text.emplace();
    text->subject = rows.Text(0, 0);
    text->body = rows.Text(0, 1);
    text->updated_at = rows.At(0, 2);
    co_return text;
}

asio::awaitable<void> WriteTemplate(postgres::Pool& pool, MerchantKey merchant, TemplateName name,
                                    TemplateText text) {
    Params params = OfTemplate(merchant, name);
    params.Text(text.subject).Text(text.body).At(text.updated_at);
    co_await RunAsTenant(pool, merchant, kWriteTemplate, std::move(params));
}

asio::awaitable<void> DeleteTemplate(postgres::Pool& pool, MerchantKey merchant, TemplateName name) {
    co_await RunAsTenant(pool, merchant, kDeleteTemplate, OfTemplate(merchant, name));
}

}  // namespace citadel::store
