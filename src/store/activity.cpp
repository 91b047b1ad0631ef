#include "store/activity.h"

#include "store/tenant.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

constexpr int kLinesLookedAt = 20'000;

// Index: usage_logs_pkey, backwards; it ends after kLinesLookedAt lines whatever the filter finds.
const Statement kListActivity{"list_activity", R"sql(
with looked_at as materialized (
    select log_id, metric_type, quantity, amount, currency, recovery_id, event_id, occurred_at
    from citadel.usage_logs where bucket = $1 and merchant_id = $2 and log_id < $4
    order by log_id desc limit case when $3::text is null then $5 else 20000 end
)
select log_id, metric_type, quantity, amount, currency, recovery_id, event_id, citadel.micros(occurred_at)
from looked_at where $3 is null or metric_type = $3
order by log_id desc limit $5)sql"};

const Statement kWhereLookEnded{"where_look_ended", R"sql(
select count(*), coalesce(min(log_id), 0) from (
    select log_id from citadel.usage_logs where bucket = $1 and merchant_id = $2 and log_id < $3
    order by log_id desc limit 20000) looked_at)sql"};

}  // namespace

const Statement& ActivityStatement() { return kListActivity; }

std::vector<ActivityLine> ReadActivityRows(const Rows& rows) {
    std::vector<ActivityLine> lines;
    for (int row = 0; row < rows.size(); ++row) {
        ActivityLine line;
        line.id = rows.Int(row, 0);
        line.metric_type = rows.Text(row, 1);
        line.quantity = rows.Int(row, 2);
        line.amount = rows.Int(row, 3);
        line.currency = rows.Text(row, 4);
        if (!rows.IsNull(row, 5)) line.recovery_id = rows.Int(row, 5);
        line.event_id = rows.Text(row, 6);
        line.occurred_at = rows.At(row, 7);
        lines.push_back(std::move(line));
    }
    return lines;
}

asio::awaitable<Page<ActivityLine>> ListActivity(postgres::Pool& pool, MerchantKey merchant,
                                                 std::string metric_type, PageOrder order) {
    Params params = KeyParams(merchant);
    params.TextOrNull(metric_type).Int(order.before).Int(order.limit + 1);
    Rows rows = co_await RunAsTenant(pool, merchant, kListActivity, std::move(params));
    auto page = CutPage(ReadActivityRows(rows), order.limit);
    if (page.has_more || metric_type.empty()) co_return page;
    Params ended = KeyParams(merchant);
    ended.Int(order.before);
    Rows look = co_await RunAsTenant(pool, merchant, kWhereLookEnded, std::move(ended));
    page.has_more = look.Int(0, 0) == kLinesLookedAt;
    page.next = look.Int(0, 1);
    co_return page;
}

}  // namespace citadel::store
