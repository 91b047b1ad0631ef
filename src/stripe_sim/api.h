// The door of the simulated API under /v1 and /v2 and of OAuth's calls: faults, key, version, account, limits
// and idempotency key, then the route's function, then the answer with Stripe's headers. Routes are grouped
// by resource in api_*.cpp.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/idempotency.h"
#include "stripe_sim/object_locks.h"
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
std::span<const ApiRoute> MeterRoutes();
std::span<const ApiRoute> MeterV2Routes();
std::span<const ApiRoute> ThinEventRoutes();
std::span<const ApiRoute> InvoiceItemRoutes();
std::span<const ApiRoute> InvoiceRoutes();
std::span<const ApiRoute> InvoiceActionRoutes();
std::span<const ApiRoute> InvoicePaymentRoutes();
std::span<const ApiRoute> CustomerRoutes();
std::span<const ApiRoute> PaymentMethodRoutes();
std::span<const ApiRoute> PaymentIntentRoutes();
std::span<const ApiRoute> SetupIntentRoutes();
std::span<const ApiRoute> ChargeRoutes();
std::span<const ApiRoute> DisputeRoutes();
std::span<const ApiRoute> PortalRoutes();
std::span<const ApiRoute> WebhookRoutes();
std::span<const ApiRoute> TestClockRoutes();

// Refuses a text that is no API version.
void CheckVersion(std::string_view version);

// How far a call came, and what it answers.
struct Outcome {
    http::Reply reply;
    bool executed = false;  // something was done: an idempotency key keeps the answer
};

class Api {
  public:
    Api(World& world, FaultPlan& faults) : world_(world), faults_(faults) {}

    static bool Serves(std::string_view path);
    boost::asio::awaitable<http::Reply> Handle(http::Request request);

  private:
    Cause CauseOf(const http::Request& request, const std::string& request_id) const;
    ApiCall ReadCall(const http::Request& request, const std::string& request_id) const;
    const ApiRoute& FindRoute(const http::Request& request, std::vector<std::string>& captures) const;
    // `request`, `strike` and `record` are the caller's, who waits.
    boost::asio::awaitable<http::Reply> Serve(const http::Request& request, const FaultStrike& strike,
                                              RequestRecord& record);
    Outcome Execute(const ApiRoute& route, ApiCall& call) const;
    void CheckLimits(const LimitedRequest& request) const;

    World& world_;
    FaultPlan& faults_;
    IdempotencyKeys keys_{std::chrono::hours(24)};
    IdempotencyKeys keys_of_v2_{std::chrono::days(30)};  // only successes are kept there
    ObjectLocks locks_;
};

}  // namespace citadel::stripe_sim
