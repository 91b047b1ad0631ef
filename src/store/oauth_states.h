// States of OAuth under way: 256 random bits that left for Stripe with a browser and have to come back with
// it, kept as a hash, good once, for the user who asked.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

// Also forgets this merchant's states that ended a day ago.
boost::asio::awaitable<void> AddOAuthState(postgres::Pool& pool, MerchantKey merchant, std::string user_id,
                                           std::string state_hash, Time now, Time expires_at);

enum class StateUse { kFirst, kUnknown, kExpired, kUsed };
// Uses the state up. Somebody else's is kUnknown, and stays as it is.
boost::asio::awaitable<StateUse> UseOAuthState(postgres::Pool& pool, MerchantKey merchant,
                                               std::string user_id, std::string state_hash, Time now);

}  // namespace citadel::store
