#include "store/retention.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Rows;
using postgres::Statement;

namespace {

// Index: processed_events_age.
const Statement kDropEvents{"drop_events", R"sql(
delete from citadel.processed_events where ctid = any (array(
    select ctid from citadel.processed_events where received_at < citadel.at($1) order by received_at limit $2)))sql"};

// What is pending or running has no time of its end. Index: scheduled_tasks_finished.
const Statement kDropTasks{"drop_tasks", R"sql(
delete from citadel.scheduled_tasks where ctid = any (array(
    select ctid from citadel.scheduled_tasks where finished_at < citadel.at($1) order by finished_at limit $2)))sql"};

// Index: renewal_notices_age.
const Statement kDropNotices{"drop_renewal_notices", R"sql(
delete from citadel.renewal_notices where email_id is null and ctid = any (array(
    select ctid from citadel.renewal_notices where noted_at < citadel.at($1) and email_id is null limit $2)))sql"};

asio::awaitable<std::int64_t> Drop(postgres::Pool& pool, const Statement& statement, Time before,
                                   std::int64_t limit) {
    Params params;
    params.At(before).Int(limit);
    Rows rows = co_await pool.Run(statement, std::move(params));
    co_return rows.affected();
}

}  // namespace

asio::awaitable<std::int64_t> DropEventsAcrossMerchants(postgres::Pool& pool, Time received_before,
                                                        std::int64_t limit) {
    return Drop(pool, kDropEvents, received_before, limit);
}

asio::awaitable<std::int64_t> DropTasksAcrossMerchants(postgres::Pool& pool, Time finished_before,
                                                       std::int64_t limit) {
    return Drop(pool, kDropTasks, finished_before, limit);
}

asio::awaitable<std::int64_t> DropRenewalNoticesAcrossMerchants(postgres::Pool& pool, Time noted_before,
                                                                std::int64_t limit) {
    return Drop(pool, kDropNotices, noted_before, limit);
}

}  // namespace citadel::store
