// Workers outside: claim due tasks under a lease, keep the lease, say what came of it.
#pragma once
#include "base/clock.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class WorkerRoutes {
  public:
    WorkerRoutes(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

    boost::asio::awaitable<http::Reply> Claim(http::Request request);
    boost::asio::awaitable<http::Reply> Heartbeat(http::Request request);
    boost::asio::awaitable<http::Reply> Complete(http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
};

}  // namespace citadel::api
