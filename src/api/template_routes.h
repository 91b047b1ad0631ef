// A merchant's own words for the letters of the sequence: see them, bring them, take them back, look at what a
// customer would see. What may stand in them is email/markdown's to say.
#pragma once
#include "api/access.h"
#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::api {

class TemplateRoutes {
  public:
    TemplateRoutes(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

    boost::asio::awaitable<http::Reply> Show(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Write(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Delete(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Preview(Caller caller, http::Request request);

  private:
    postgres::Pool& pool_;
    const Clock& clock_;
};

}  // namespace citadel::api
