// A merchant about itself: who it is, its settings, all that is kept about it.
#pragma once
#include "api/access.h"
#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::api {

class MerchantRoutes {
  public:
    MerchantRoutes(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

    boost::asio::awaitable<http::Reply> Me(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Change(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Export(Caller caller, http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
};

}  // namespace citadel::api
