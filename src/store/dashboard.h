// The figures of a merchant's first page. Read from daily_metrics over a bounded range of days and from
// indexes of what is open now, so that the cost does not grow with history.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/activity.h"
#include "store/merchant_profile.h"
#include "store/tasks_api.h"

namespace citadel::store {

struct DailyFigures {
    std::string date;                            // YYYY-MM-DD, UTC
    std::string currency;                        // empty: what concerns no money
    std::map<std::string, std::int64_t> values;  // by the column of daily_metrics
};
// The columns of daily_metrics that hold figures.
const std::vector<std::string>& DailyColumns();

// Both days included, YYYY-MM-DD.
boost::asio::awaitable<std::vector<DailyFigures>> ReadDailyFigures(postgres::Pool& pool, MerchantKey merchant,
                                                                   std::string from, std::string to);

struct DashboardFigures {
    MerchantProfile profile;
    std::string since;                                // the first day that is counted
    std::vector<DailyFigures> year;                   // a row a currency: the year that ends today
    std::vector<DailyFigures> month, previous_month;  // the same: 30 days, and the 30 before
    std::int64_t open_recoveries = 0;
    std::int64_t pending_tasks = 0;
    std::int64_t running_tasks = 0;
    std::int64_t mails_this_month = 0;  // of the calendar, UTC
    std::optional<Time> last_processed_at;
    std::vector<TaskLine> recent_tasks;
    std::vector<ActivityLine> recent_activity;
};
// Nothing: there is no such merchant (any more).
boost::asio::awaitable<std::optional<DashboardFigures>> ReadDashboard(postgres::Pool& pool,
                                                                      MerchantKey merchant, Time now);

}  // namespace citadel::store
