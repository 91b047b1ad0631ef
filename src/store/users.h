// What Clerk says of its users: their address and their end. Deliveries come at least once and in any order:
// each counts once, the newest word on an address stands, and a deleted user does not come back.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/merchants.h"

namespace citadel::store {

boost::asio::awaitable<bool> IsDeletedUser(postgres::Pool& pool, std::string user_id);
boost::asio::awaitable<std::optional<MerchantKey>> FindMerchantOfUser(postgres::Pool& pool,
                                                                      std::string user_id);

// False: that delivery was handled before.
boost::asio::awaitable<bool> SetUserEmail(postgres::Pool& pool, std::string svix_id, std::string user_id,
                                          MerchantKey merchant, std::string email, std::int64_t updated_ms,
                                          Time now);
// Remembers that the user is gone; its merchant's address goes and nothing is mailed to it any more. What is
// to be done at Stripe is the caller's business, before this.
boost::asio::awaitable<bool> SetUserDeleted(postgres::Pool& pool, std::string svix_id, std::string user_id,
                                            std::optional<MerchantKey> merchant, Time now);

// For the local issuer of the demo, which knows people by their address: the merchants that can be signed in
// to, and the one of an address, which signs in as `user_id` from now on if it has no user yet.
struct DemoAccount {
    std::string name;
    std::string email;
};
boost::asio::awaitable<std::vector<DemoAccount>> ListDemoAccountsAcrossMerchants(postgres::Pool& pool);
boost::asio::awaitable<std::string> AdoptByEmailAcrossMerchants(postgres::Pool& pool, std::string email,
                                                                std::string user_id, Time now);

}  // namespace citadel::store
