// Which card a recovery would charge next, as far as it is known.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>

#include "postgres/pool.h"
#include "store/charges.h"

namespace citadel::store {

// Nothing: no card is known yet, or there is no such recovery.
boost::asio::awaitable<std::optional<Card>> ReadCardOf(postgres::Pool& pool, MerchantKey merchant,
                                                       std::int64_t recovery_id);

}  // namespace citadel::store
