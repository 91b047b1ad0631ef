#include "store/collection.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

const Statement kTakeCollection{"take_collection", R"sql(
update citadel.recoveries r set auto_advance_taken = true, collector_changes = r.collector_changes + 1
from citadel.scheduled_tasks q
where r.bucket = $1 and r.merchant_id = $2 and r.recovery_id = $3 and r.status = 'open'
    and q.bucket = r.bucket and q.merchant_id = r.merchant_id and q.task_id = $4 and q.status = 'running'
    and q.lease_token = $5::uuid
returning r.collector_changes)sql"};

}  // namespace

asio::awaitable<std::optional<int>> TakeCollection(postgres::Pool& pool, Task task,
                                                   std::int64_t recovery_id) {
    Params params;
    params.Int(task.merchant.bucket)
        .Int(task.merchant.id)
        .Int(recovery_id)
        .Int(task.id)
        .Text(task.lease_token);
    Rows rows = co_await pool.Run(kTakeCollection, std::move(params));
    std::optional<int> change;
    if (!rows.empty()) change = static_cast<int>(rows.Int(0, 0));
    co_return change;
}

}  // namespace citadel::store
