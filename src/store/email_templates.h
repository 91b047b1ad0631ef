// A merchant's own words for the letters of its sequence, one text for each kind and number.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"

namespace citadel::store {

struct OwnTemplate {
    std::string subject;
    std::string body;  // Markdown
    Time updated_at{};
};

// Nothing: the built-in text is used.
boost::asio::awaitable<std::optional<OwnTemplate>> ReadTemplate(postgres::Pool& pool, MerchantKey merchant,
                                                                std::string kind, int attempt);
boost::asio::awaitable<void> WriteTemplate(postgres::Pool& pool, MerchantKey merchant, std::string kind,
                                           int attempt, OwnTemplate text);
boost::asio::awaitable<void> DeleteTemplate(postgres::Pool& pool, MerchantKey merchant, std::string kind,
                                            int attempt);

}  // namespace citadel::store
