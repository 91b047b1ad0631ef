// Tasks as their merchant sees and makes them. A merchant's tasks are few beside its history, so the lists
// walk the primary key backwards.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/page.h"
#include "store/work.h"

namespace citadel::store {

struct TaskLine {
    std::int64_t id = 0;
    std::string task_type;
    std::string status;  // pending, running, completed, failed
    Time run_at{};
    std::optional<std::int64_t> recovery_id;
    std::int64_t tries = 0;
    std::int64_t deferrals = 0;
    std::string result;  // in words; may be empty
    Time created_at{};
    std::optional<Time> finished_at;
    std::optional<RenewalLine> renewal;
};

struct TaskFilter {
    std::string status;     // empty: all
    std::string task_type;  // empty: all
};

boost::asio::awaitable<Page<TaskLine>> ListTasks(postgres::Pool& pool, MerchantKey merchant,
                                                 TaskFilter filter, PageOrder order);
boost::asio::awaitable<std::optional<TaskLine>> ReadTask(postgres::Pool& pool, MerchantKey merchant,
                                                         std::int64_t task_id);

// Which recovery: by its id, or by its invoice when that is 0.
struct RecoveryName {
    std::int64_t id = 0;
    std::string invoice_id;
};

enum class TaskVerdict {
    kDone,
    kNoSuchTask,
    kNoSuchRecovery,
    kUsageLimit,      // the month's e-mails are used up
    kQueueLimit,      // as many tasks wait as the plan allows
    kExists,          // the recovery has an open task of that type
    kRecoveryClosed,  //
    kRunning,         // somebody works on it at this moment
    kCompleted,
    kNotConnected,
};
struct TaskChange {
    TaskVerdict verdict = TaskVerdict::kDone;
    std::optional<TaskLine> task;  // as it is then
};

// A pending task, due at once. The plan's limits are looked at under a lock on the merchant, so that two
// calls at once cannot both take the last place.
boost::asio::awaitable<TaskChange> CreateTask(postgres::Pool& pool, MerchantKey merchant,
                                              std::string task_type, RecoveryName recovery, Time now);

// A pending task runs now. A failed one is put in line again, and the recovery that was stopped because of it
// is opened again, in the books too.
boost::asio::awaitable<TaskChange> RetryTask(postgres::Pool& pool, MerchantKey merchant, std::int64_t task_id,
                                             Time now);

// Takes a task that does not run. An open recovery that would be left with no task at all is stopped with it:
// nothing stays open that nobody will look at again.
boost::asio::awaitable<TaskVerdict> DeleteTask(postgres::Pool& pool, MerchantKey merchant,
                                               std::int64_t task_id, Time now);

inline constexpr int kCompletedDeletedAtOnce = 10'000;
// How many went, at most kCompletedDeletedAtOnce.
boost::asio::awaitable<std::int64_t> DeleteCompletedTasks(postgres::Pool& pool, MerchantKey merchant);

// For statements that answer more than tasks: $3 status or null, $4 type or null, $5 before, $6 rows.
const postgres::Statement& ListTasksStatement();
std::vector<TaskLine> ReadTaskRows(const postgres::Rows& rows);

}  // namespace citadel::store
