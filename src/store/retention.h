// What is forgotten, of all merchants: at most `limit` rows at once, found by an index over their age. Each
// returns how many went.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <cstdint>

#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::store {

// Events that Stripe cannot send again.
boost::asio::awaitable<std::int64_t> DropEventsAcrossMerchants(postgres::Pool& pool, Time received_before,
                                                               std::int64_t limit);

// Tasks that are over, so that the queue's table does not grow with history: what came of them stands in the
// timeline and in the ledger.
boost::asio::awaitable<std::int64_t> DropTasksAcrossMerchants(postgres::Pool& pool, Time finished_before,
                                                              std::int64_t limit);

// Renewal notices that led to no letter.
boost::asio::awaitable<std::int64_t> DropRenewalNoticesAcrossMerchants(postgres::Pool& pool,
                                                                       Time noted_before, std::int64_t limit);

}  // namespace citadel::store
