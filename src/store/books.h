// The one place that says how ledger rows add up to a day's metrics. Every statement that writes the
// ledger ends in kAddToDailyMetrics, so the books cannot drift apart; BooksDifference() recomputes.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "postgres/pool.h"

namespace citadel::store {

// A CTE that expects the CTE `ledger` with the columns of kLedgerColumns, and sums it into daily_metrics. A
// statement on the hot road names the metric types that it can write: what it cannot write costs nothing
// then.
std::string AddToDailyMetrics(const std::vector<std::string_view>& metric_types = {});
inline constexpr const char* kLedgerColumns =
    "bucket, merchant_id, metric_type, quantity, amount, currency, recovery_id, event_id, occurred_at";

// How many (merchant, day, currency) rows differ between daily_metrics and the sum of the ledger.
boost::asio::awaitable<std::int64_t> CountBookDifferencesAcrossMerchants(postgres::Pool& pool);

}  // namespace citadel::store
