// Whether the process lives, whether it may be sent work, whether the database is there.
#pragma once
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class Health {
  public:
    explicit Health(postgres::Pool& pool) : pool_(pool) {}
    void Drain() { draining_ = true; }

    boost::asio::awaitable<http::Reply> Report(http::Request request);     // GET /api/health
    boost::asio::awaitable<http::Reply> Liveness(http::Request request);   // GET /healthz
    boost::asio::awaitable<http::Reply> Readiness(http::Request request);  // GET /readyz

  private:
    boost::asio::awaitable<bool> DatabaseAnswers();

    postgres::Pool& pool_;
    bool draining_ = false;
};

}  // namespace citadel::api
