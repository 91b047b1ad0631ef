// Why money failed and what brought it back, and how often a card may still be tried: what the dashboard
// shows beside its figures.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/clock.h"
#include "postgres/pool.h"
#include "store/breakdown.h"
#include "store/recoveries_view.h"

namespace citadel::api {

// Declines by family (policy/decline).
boost::json::object ToJson(const store::Breakdown& breakdown);

// What the networks' limits leave for the card of a recovery, as it stands now. Empty while no card is known.
boost::asio::awaitable<boost::json::array> NetworkBudgets(postgres::Pool& pool, MerchantKey merchant,
                                                          const store::RecoveryLine& recovery, Time now);

}  // namespace citadel::api
