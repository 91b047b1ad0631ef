// The door of the simulated API under /v1: key, version, account, idempotency key and faults, then the
// route's function, then the answer with Stripe's headers. Routes are grouped by resource in the files
// api_*.cpp.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "http/message.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/idempotency.h"
#include "stripe_sim/params.h"
#include "stripe_sim/render.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct ApiCall {
    World& world;
    Account& account;
    View view;
    Params params;
    std::vector<std::string> captures;  // what the pattern's {} matched
    Cause cause;
};

struct ApiRoute {
    std::string_view method;
    std::string_view pattern;     // "/v1/invoices/{}/pay"
    std::string_view parameters;  // names it takes, between spaces; `expand` always
    json::object (*answer)(ApiCall&);
};

std::span<const ApiRoute> CatalogRoutes();
std::span<const ApiRoute> SubscriptionRoutes();
std::span<const ApiRoute> InvoiceRoutes();
std::span<const ApiRoute> CustomerRoutes();
std::span<const ApiRoute> PaymentRoutes();

class Api {
  public:
    Api(World& world, FaultPlan& faults, Secret key) : world_(world), faults_(faults), key_(std::move(key)) {}

    boost::asio::awaitable<http::Reply> Handle(http::Request request);

  private:
    void CheckKey(const http::Request& request) const;
    Account& AccountOf(const http::Request& request) const;
    ApiCall ReadCall(const http::Request& request, const std::string& request_id) const;
    const ApiRoute& FindRoute(const http::Request& request, std::vector<std::string>& captures) const;
    boost::asio::awaitable<http::Reply> Serve(http::Request request, std::string request_id, int wait_millis);
    http::Reply Execute(const ApiRoute& route, ApiCall& call, bool& executed) const;

    World& world_;
    FaultPlan& faults_;
    Secret key_;
    IdempotencyKeys keys_;
};

}  // namespace citadel::stripe_sim
