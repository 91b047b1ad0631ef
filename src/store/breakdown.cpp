#include "store/breakdown.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: recoveries_open_by_customer, which holds what is open and nothing else.
const Statement kOpen{"breakdown_open", R"sql(
select currency, count(*), sum(amount_due)::bigint from citadel.recoveries
where bucket = $1 and merchant_id = $2 and status = 'open'
group by currency order by 3 desc, 1)sql"};

// Index: recoveries_closed.
const Statement kCauses{"breakdown_causes", R"sql(
select coalesce(cause, 'customer'), currency, count(*), sum(amount_recovered - amount_reversed)::bigint
from citadel.recoveries
where bucket = $1 and merchant_id = $2 and status = 'recovered'
    and closed_at >= $3::date::timestamp at time zone 'UTC'
    and closed_at < ($4::date + 1)::timestamp at time zone 'UTC'
group by 1, 2 order by 4 desc, 1, 2)sql"};

// What failed in those days is open or has ended since. Index: recoveries_open_by_customer,
// recoveries_closed.
const Statement kDeclined{"breakdown_declined", R"sql(
with failed as (
    select * from citadel.recoveries where bucket = $1 and merchant_id = $2 and status = 'open'
    union all
    select * from citadel.recoveries where bucket = $1 and merchant_id = $2
        and closed_at >= $3::date::timestamp at time zone 'UTC'
)
select decline_code, advice_code, network_decline_code, network_advice_code, currency, count(*),
    sum(amount_due)::bigint, count(*) filter (where status = 'recovered'),
    coalesce(sum(amount_recovered - amount_reversed) filter (where status = 'recovered'), 0)::bigint
from failed
where first_failed_at >= $3::date::timestamp at time zone 'UTC'
    and first_failed_at < ($4::date + 1)::timestamp at time zone 'UTC'
group by 1, 2, 3, 4, 5)sql"};

}  // namespace

asio::awaitable<Breakdown> ReadBreakdown(postgres::Pool& pool, MerchantKey merchant, std::string from,
                                         std::string to) {
    Params key = KeyParams(merchant), days = key;
    days.Text(from).Text(to);
    std::vector<Query> queries;
    queries.push_back(Query{&kOpen, std::move(key)});
    queries.push_back(Query{&kCauses, days});
    queries.push_back(Query{&kDeclined, std::move(days)});
    std::vector<Rows> answers = co_await RunAsTenant(pool, merchant, std::move(queries));
    Breakdown breakdown;
    for (int row = 0; row < answers[0].size(); ++row)
        breakdown.open.push_back({answers[0].Text(row, 0), answers[0].Int(row, 1), answers[0].Int(row, 2)});
    const Rows& causes = answers[1];
    for (int row = 0; row < causes.size(); ++row)
        breakdown.causes.push_back(
            {causes.Text(row, 0), causes.Text(row, 1), causes.Int(row, 2), causes.Int(row, 3)});
    const Rows& declined = answers[2];
    for (int row = 0; row < declined.size(); ++row) {
        Breakdown::Declined sum;
        sum.decline = {declined.Text(row, 0), declined.Text(row, 1), declined.Text(row, 2),
                       declined.Text(row, 3)};
        sum.currency = declined.Text(row, 4);
        sum.count = declined.Int(row, 5);
        sum.amount = declined.Int(row, 6);
        sum.recovered_count = declined.Int(row, 7);
        sum.recovered_amount = declined.Int(row, 8);
        breakdown.declined.push_back(std::move(sum));
    }
    co_return breakdown;
}

}  // namespace citadel::store
