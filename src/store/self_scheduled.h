// Work that schedules itself: each end of such a task makes its successor in the same transaction, under a
// unique key, so the chain neither dies nor forks. Its first link, and whatever a fault took away, is made
// by RestoreSelfScheduled, which any number of processes may call at once.
//
//   send_weekly_digest  one a merchant that is connected and wants it; Mondays, 08:00 in its own zone
//   report_usage        one for the platform, since all its calls go to one account; hourly
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/tasks.h"

namespace citadel::store {

inline constexpr const char* kReportUsage = "report_usage";
inline constexpr const char* kSendWeeklyDigest = "send_weekly_digest";

// The tenant of the platform's own work; no merchant has this key.
inline constexpr MerchantKey kPlatform{0, 0};

// Due tasks of these kinds, oldest first, each to one caller only.
boost::asio::awaitable<std::vector<Task>> ClaimSelfScheduledAcrossMerchants(postgres::Pool& pool, Time now,
                                                                            int limit, Duration lease);

struct SelfScheduledEnd {
    Task task;
    // kCompleted, kFailed: the successor is made. kDeferred, kRetried: the same task is run again.
    TaskEnd end = TaskEnd::kCompleted;
    std::string result;  // in words
    // When that is. Of a digest's successor the database knows it better: the Monday after this one's, or,
    // after an outage of weeks, the newest Monday that was missed. None for a merchant that left or wants
    // none.
    Time next_at{};
};

// One verdict each, in order. A lost lease changes nothing.
boost::asio::awaitable<std::vector<SettleVerdict>> EndSelfScheduled(postgres::Pool& pool,
                                                                    std::vector<SelfScheduledEnd> batch,
                                                                    Time now);

// Makes what is missing; returns how many that were.
boost::asio::awaitable<std::int64_t> RestoreSelfScheduledAcrossMerchants(postgres::Pool& pool, Time now);

}  // namespace citadel::store
