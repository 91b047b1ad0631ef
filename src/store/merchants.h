// Tenants and the Stripe accounts that are theirs.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct NewMerchant {
    std::string name;
    std::string email;
    std::string stripe_account_id;     // acct_…; connected at once
    std::string retry_mode = "weave";  // observe, weave, own
    std::string platform_customer_id;  // the merchant as a customer of the platform; may be empty
    std::string tier = "FREE";
};

// Connects the account to a new merchant; an account that is known keeps its merchant and is connected
// again. Returns whose it is.
boost::asio::awaitable<MerchantKey> AddMerchant(postgres::Pool& pool, NewMerchant merchant, Time now);

// The merchant that signs in as this user; the first call makes it, tier FREE, once however many first calls
// come at once. Its e-mail address is learned from Clerk's webhook.
boost::asio::awaitable<MerchantKey> ProvisionMerchant(postgres::Pool& pool, std::string clerk_user_id,
                                                      Time now);

struct MerchantLine {
    MerchantKey key;
    std::string name;
    std::string email;
    std::string tier;
    std::string retry_mode;
    std::string stripe_account_id;
    bool connected = false;
};
boost::asio::awaitable<std::vector<MerchantLine>> ListMerchantsAcrossTenants(postgres::Pool& pool);

}  // namespace citadel::store
