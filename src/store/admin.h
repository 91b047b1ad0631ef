// What the operator may do: see all merchants, erase one, and leave a line for each act. Runs as
// citadel_admin.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct AdminMerchant {
    MerchantKey key;
    std::string name;
    std::string email;
    std::string tier;
    std::string retry_mode;
    std::string stripe_account_id;  // the connected one, or else the last that was; may be empty
    bool stripe_connected = false;
    Time created_at{};
};

// In the order of their keys, behind `after`; at most `limit`.
boost::asio::awaitable<std::vector<AdminMerchant>> ListMerchantsForAdminAcrossMerchants(postgres::Pool& pool,
                                                                                        MerchantKey after,
                                                                                        int limit);
boost::asio::awaitable<std::optional<AdminMerchant>> FindMerchantAcrossMerchants(postgres::Pool& pool,
                                                                                 std::int64_t merchant_id);

struct AuditLine {
    std::string action;   // merchants.list, merchants.erase
    std::string subject;  // the merchant's id, or empty
    std::string outcome;  // begun, done, refused
    std::string detail;
    std::string request_id;
    std::string remote_address;
};
boost::asio::awaitable<void> WriteAudit(postgres::Pool& pool, AuditLine line, Time now);

// Erases the merchant and all its rows. First, in one transaction, whatever could make new rows: the sign-in,
// the account, tasks and recoveries, alone among the batches of events (store/events); then the rest in
// bounded steps. Interrupted, it is simply called again: the merchant's own row goes last. Returns how many
// rows went.
boost::asio::awaitable<std::int64_t> EraseMerchant(postgres::Pool& pool, MerchantKey merchant);

}  // namespace citadel::store
