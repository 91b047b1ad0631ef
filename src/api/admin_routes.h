// The operator's doors. Each act leaves a line in the audit, a refused one too.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

// Takes our access to the merchant's Stripe away, at Stripe. Nothing: done, or there was none. Else why not.
using RevokeAtStripe =
    std::function<boost::asio::awaitable<std::optional<std::string>>(MerchantKey merchant)>;

class AdminRoutes {
  public:
    AdminRoutes(postgres::Pool& pool, const Clock& clock, RevokeAtStripe revoke)
        : pool_(pool), clock_(clock), revoke_(std::move(revoke)) {}

    boost::asio::awaitable<http::Reply> ListMerchants(http::Request request);
    boost::asio::awaitable<http::Reply> EraseMerchant(http::Request request);

  private:
    boost::asio::awaitable<void> Audit(const http::Request& request, std::string action, std::string outcome,
                                       std::string detail);

    postgres::Pool& pool_;
    const Clock& clock_;
    RevokeAtStripe revoke_;
};

}  // namespace citadel::api
