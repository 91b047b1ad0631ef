#include "plain_sql.h"

#include <libpq-fe.h>

#include <stdexcept>

#include "base/types.h"
#include "postgres/migrations.h"
#include "webhook_load.h"

namespace citadel::bench {

using postgres::Param;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kAddMerchants{"add_merchants", R"sql(
with tenants as (
    select * from unnest($1::smallint[], $2::bigint[], $3::text[]) as t(bucket, merchant_id, account)
), merchants as (
    insert into citadel.merchants (bucket, merchant_id, name, created_at)
    select bucket, merchant_id, account, now() from tenants
)
insert into citadel.stripe_accounts (stripe_account_id, bucket, merchant_id, connected_at)
select account, bucket, merchant_id, now() from tenants)sql"};

std::shared_ptr<PGresult> Owned(PGresult* result) { return {result, PQclear}; }

void AddMerchants(PlainConnection& connection) {
    std::vector<Param> buckets, ids, accounts;
    for (int i = 0; i < kMerchants; ++i) {
        auto tenant = TenantOf(i);
        buckets.push_back(std::to_string(tenant.bucket));
        ids.push_back(std::to_string(tenant.merchant_id));
        accounts.push_back(AccountOf(i));
    }
    Params params;
    params.Array(buckets).Array(ids).Array(accounts);
    connection.Prepare(kAddMerchants);
    connection.Run(kAddMerchants, params);
    connection.Execute("analyze citadel.merchants, citadel.stripe_accounts");
}

}  // namespace

PlainConnection::PlainConnection(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_));
}

PlainConnection::~PlainConnection() { PQfinish(connection_); }

void PlainConnection::Execute(const std::string& sql) {
    auto result = Owned(PQexec(connection_, sql.c_str()));
    auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQerrorMessage(connection_));
}

void PlainConnection::Prepare(const Statement& statement) {
    auto result = Owned(PQprepare(connection_, statement.name.c_str(), statement.sql.c_str(), 0, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
        throw std::runtime_error(PQerrorMessage(connection_));
}

Rows PlainConnection::Run(const Statement& prepared, const Params& params) {
    std::vector<const char*> values;
    for (const auto& param : params.values()) values.push_back(param ? param->c_str() : nullptr);
    auto result = Owned(PQexecPrepared(connection_, prepared.name.c_str(), static_cast<int>(values.size()),
                                       values.data(), nullptr, nullptr, 0));
    auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(PQerrorMessage(connection_));
    return Rows(result);
}

std::string UrlOfDatabase(const std::string& url, const std::string& database) {
    auto end = url.find('?');
    auto begin = url.rfind('/', end);
    return url.substr(0, begin + 1) + database + url.substr(end);
}

std::string MakeDatabase(const std::string& server_url, const std::string& name) {
    PlainConnection(server_url).Execute("create database " + name);
    auto url = UrlOfDatabase(server_url, name);
    postgres::Migrate(url);
    PlainConnection connection(url);
    AddMerchants(connection);
    return url;
}

Tenant TenantOf(int index) {
    // As spread over the key space as the real ones are.
    auto id = static_cast<std::int64_t>((static_cast<std::uint64_t>(index) + 1) * 0x9e3779b97f4a7c15ull >> 1);
    return {BucketOf(id), id};
}

}  // namespace citadel::bench
