// The door of the simulated API under /v1 and of OAuth's calls: key, version, account, idempotency key and
// faults, then the route's function, then the answer with Stripe's headers. Routes are grouped by resource in
// api_*.cpp.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

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
    ApiKey key;
    std::string version;
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
std::span<const ApiRoute> AccountRoutes();
std::span<const ApiRoute> InvoiceItemRoutes();
std::span<const ApiRoute> InvoiceRoutes();
std::span<const ApiRoute> InvoiceActionRoutes();
std::span<const ApiRoute> CustomerRoutes();
std::span<const ApiRoute> PaymentRoutes();

class Api {
  public:
    Api(World& world, FaultPlan& faults) : world_(world), faults_(faults) {}

    static bool Serves(std::string_view path);
    boost::asio::awaitable<http::Reply> Handle(http::Request request);

  private:
    Cause CauseOf(const http::Request& request, const std::string& request_id) const;
    ApiCall ReadCall(const http::Request& request, const std::string& request_id) const;
    const ApiRoute& FindRoute(const http::Request& request, std::vector<std::string>& captures) const;
    boost::asio::awaitable<http::Reply> Serve(http::Request request, std::string request_id, int wait_millis);
    http::Reply Execute(const ApiRoute& route, ApiCall& call, bool& executed) const;

    World& world_;
    FaultPlan& faults_;
    IdempotencyKeys keys_;
};

}  // namespace citadel::stripe_sim
