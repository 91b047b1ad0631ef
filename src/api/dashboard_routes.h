// The figures: first page, days, ledger.
#pragma once
#include "api/access.h"
#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::api {

class DashboardRoutes {
  public:
    DashboardRoutes(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

    boost::asio::awaitable<http::Reply> Dashboard(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Daily(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Breakdown(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Activity(Caller caller, http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
};

}  // namespace citadel::api
