// A merchant's tasks: to see, to put in line within the plan's limits, to hasten, to delete.
#pragma once
#include <functional>

#include "api/access.h"
#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::api {

class TaskRoutes {
  public:
    TaskRoutes(postgres::Pool& pool, const Clock& clock, std::function<void()> on_work)
        : pool_(pool), clock_(clock), on_work_(std::move(on_work)) {}

    boost::asio::awaitable<http::Reply> List(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> One(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Create(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Retry(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Delete(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> DeleteCompleted(Caller caller, http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
    std::function<void()> on_work_;
};

}  // namespace citadel::api
