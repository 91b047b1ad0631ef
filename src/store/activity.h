// The ledger as its merchant reads it.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/page.h"

namespace citadel::store {

struct ActivityLine {
    std::int64_t id = 0;
    std::string metric_type;
    std::int64_t quantity = 0;
    std::int64_t amount = 0;  // minor units
    std::string currency;
    std::optional<std::int64_t> recovery_id;
    std::string event_id;  // empty: no event of Stripe
    Time occurred_at{};
};

// `metric_type` empty: all. With one, a page looks at a bounded number of lines, so it may be short, or
// empty, and still have more.
boost::asio::awaitable<Page<ActivityLine>> ListActivity(postgres::Pool& pool, MerchantKey merchant,
                                                        std::string metric_type, PageOrder order);

// For statements that answer more than activity: $3 metric type or null, $4 before, $5 rows.
const postgres::Statement& ActivityStatement();
std::vector<ActivityLine> ReadActivityRows(const postgres::Rows& rows);

}  // namespace citadel::store
