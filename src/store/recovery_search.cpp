#include "store/recovery_search.h"

#include <fmt/format.h>

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr int kLookedAt = 20'000;

// Index: recoveries_pkey, backwards; it ends after kLookedAt recoveries whatever it finds.
const Statement& Search() {
    static const Statement statement{"search_recoveries", fmt::format(R"sql(
with looked_at as materialized (
    select * from citadel.recoveries where bucket = $1 and merchant_id = $2 and recovery_id < $3
    order by recovery_id desc limit {}
)
select {} from looked_at r
where ($5 = '' or r.status = $5) and (strpos(lower(r.customer_name), lower($6)) > 0
    or strpos(lower(r.customer_email), lower($6)) > 0 or strpos(lower(r.invoice_number), lower($6)) > 0
    or r.invoice_id = $6 or r.customer_id = $6)
order by r.recovery_id desc limit $4)sql",
                                                                      kLookedAt, kRecoveryLineColumns)};
    return statement;
}

const Statement& WhereSearchEnded() {
    static const Statement statement{"where_search_ended", fmt::format(R"sql(
select count(*), coalesce(min(recovery_id), 0) from (
    select recovery_id from citadel.recoveries where bucket = $1 and merchant_id = $2 and recovery_id < $3
    order by recovery_id desc limit {}) looked_at)sql",
                                                                       kLookedAt)};
    return statement;
}

}  // namespace

asio::awaitable<Page<RecoveryLine>> SearchRecoveries(postgres::Pool& pool, MerchantKey merchant,
                                                     std::string status, std::string words, PageOrder order) {
    Params ended = KeyParams(merchant);
    ended.Int(order.before);
    Params params = ended;
    params.Int(order.limit + 1).Text(status).Text(words);
    std::vector<Query> queries;
    queries.push_back(Query{&Search(), std::move(params)});
    queries.push_back(Query{&WhereSearchEnded(), std::move(ended)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    std::vector<RecoveryLine> lines;
    for (int row = 0; row < answers[0].size(); ++row) lines.push_back(ReadRecoveryLine(answers[0], row));
    auto page = CutPage(std::move(lines), order.limit);
    if (page.has_more) co_return page;
    page.has_more = answers[1].Int(0, 0) == kLookedAt;
    page.next = answers[1].Int(0, 1);
    co_return page;
}

}  // namespace citadel::store
