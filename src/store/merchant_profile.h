// A merchant as it sees itself, and the settings that it may change.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct MerchantProfile {
    MerchantKey key;
    std::string email;
    std::string name;
    std::string tier;
    std::int64_t mails_per_month = 0;  // of the plan
    std::int64_t queue_limit = 0;      // of the plan: tasks that may wait
    std::string stripe_account_id;     // the connected one, or else the last that was; may be empty
    bool stripe_connected = false;
    std::string billing_country;
    std::string billing_address;
    std::string brand_color;
    std::string logo_url;
    std::string from_name;
    std::string support_email;
    std::string reply_to;
    std::string timezone;
    std::string locale;
    std::string retry_mode;
    bool digest_enabled = true;
    Time created_at{};
};

// Unset members stay as they are.
struct ProfileChange {
    std::optional<std::string> billing_country;
    std::optional<std::string> billing_address;
    std::optional<std::string> brand_color;
    std::optional<std::string> logo_url;
    std::optional<std::string> from_name;
    std::optional<std::string> support_email;
    std::optional<std::string> reply_to;
    std::optional<std::string> timezone;
    std::optional<std::string> locale;
    std::optional<std::string> retry_mode;
    std::optional<bool> digest_enabled;
};

// Nothing: there is no such merchant (any more).
boost::asio::awaitable<std::optional<MerchantProfile>> ReadProfile(postgres::Pool& pool,
                                                                   MerchantKey merchant);
// The profile as it is then.
boost::asio::awaitable<std::optional<MerchantProfile>> ChangeProfile(postgres::Pool& pool,
                                                                     MerchantKey merchant,
                                                                     ProfileChange change);

// For statements that answer more than a profile: one row, read by ReadProfileRow.
const postgres::Statement& ProfileStatement();
std::optional<MerchantProfile> ReadProfileRow(const postgres::Rows& rows);

}  // namespace citadel::store
