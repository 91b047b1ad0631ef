// The second wall between tenants: a transaction of the API acts as the role citadel_api for one tenant, and
// row-level security shows it nothing else, however faulty the query (sql/migrations/0006_api.sql). Both are
// set for the transaction, in the same round trip, so that they hold behind PgBouncer and never stick.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <vector>

#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

// The first query of every transaction of the API.
postgres::Query ActAsTenant(MerchantKey merchant);
// The same for somebody who signs in and whose tenant is not known yet, or is only being made.
postgres::Query ActAsSignIn(const std::string& clerk_user_id, MerchantKey newcomer);

boost::asio::awaitable<postgres::Rows> RunAsTenant(postgres::Pool& pool, MerchantKey merchant,
                                                   const postgres::Statement& statement,
                                                   postgres::Params params);
// One answer a query, in order.
boost::asio::awaitable<std::vector<postgres::Rows>> RunAsTenant(postgres::Pool& pool, MerchantKey merchant,
                                                                std::vector<postgres::Query> queries);

// $1 and $2 of every statement of a tenant.
postgres::Params KeyParams(MerchantKey merchant);

}  // namespace citadel::store
