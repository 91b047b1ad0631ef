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

// Index: recoveries_open_by_customer.
const Statement kListTaken{"list_taken", R"sql(
select recovery_id, invoice_id, collector_changes from citadel.recoveries
where bucket = $1 and merchant_id = $2 and status = 'open' and auto_advance_taken
order by recovery_id)sql"};

const Statement kMarkGivenBack{"mark_given_back", R"sql(
update citadel.recoveries set auto_advance_taken = false
where bucket = $1 and merchant_id = $2 and recovery_id = $3)sql"};

}  // namespace

asio::awaitable<std::vector<TakenInvoice>> ListTaken(postgres::Pool& pool, MerchantKey merchant) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id);
    Rows rows = co_await pool.Run(kListTaken, std::move(params));
    std::vector<TakenInvoice> taken;
    for (int row = 0; row < rows.size(); ++row) {
        taken.push_back({rows.Int(row, 0), rows.Text(row, 1), static_cast<int>(rows.Int(row, 2))});
    }
    co_return taken;
}

asio::awaitable<void> MarkGivenBack(postgres::Pool& pool, MerchantKey merchant, std::int64_t recovery_id) {
    Params params;
    params.Int(merchant.bucket).Int(merchant.id).Int(recovery_id);
    co_await pool.Run(kMarkGivenBack, std::move(params));
}

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
