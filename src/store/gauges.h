// What /metrics tells about all merchants together. A few cheap looks at indexes; the caller keeps the answer
// for some seconds.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <cstdint>

#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::store {

struct Gauges {
    std::int64_t due = 0;        // tasks that wait and are due
    std::int64_t running = 0;    // under a lease
    Duration oldest_due_age{0};  // how long the one that waits longest has been due
    std::int64_t attempts = 0;   // today (UTC), as the three below
    std::int64_t recovered = 0;
    std::int64_t failed = 0;
    std::int64_t mails = 0;
};
boost::asio::awaitable<Gauges> ReadGaugesAcrossMerchants(postgres::Pool& pool, Time now);

}  // namespace citadel::store
