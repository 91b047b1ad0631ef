#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kActAsTenant{"act_as_tenant", R"sql(
select set_config('role', 'citadel_api', true), set_config('citadel.merchant_id', $1, true))sql"};

const Statement kActAsSignIn{"act_as_sign_in", R"sql(
select set_config('role', 'citadel_api', true), set_config('citadel.merchant_id', $1, true),
    set_config('citadel.clerk_user_id', $2, true))sql"};

}  // namespace

Query ActAsTenant(MerchantKey merchant) {
    Params params;
    params.Int(merchant.id);
    return Query{&kActAsTenant, std::move(params)};
}

Query ActAsSignIn(const std::string& clerk_user_id, MerchantKey newcomer) {
    Params params;
    params.Int(newcomer.id).Text(clerk_user_id);
    return Query{&kActAsSignIn, std::move(params)};
}

asio::awaitable<Rows> RunAsTenant(postgres::Pool& pool, MerchantKey merchant, const Statement& statement,
                                  Params params) {
    std::vector<Query> queries;
    queries.push_back(Query{&statement, std::move(params)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    Rows first = std::move(answers.front());
    co_return first;
}

asio::awaitable<std::vector<Rows>> RunAsTenant(postgres::Pool& pool, MerchantKey merchant,
                                               std::vector<Query> queries) {
    queries.insert(queries.begin(), ActAsTenant(merchant));
    std::vector<Rows> answers = co_await pool.Run(std::move(queries));
    answers.erase(answers.begin());
    co_return answers;
}

Params KeyParams(MerchantKey merchant) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id);
    return params;
}

}  // namespace citadel::store
