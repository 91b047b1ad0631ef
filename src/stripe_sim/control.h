// The control API under /_sim/, in plain JSON: it makes populations and precise cases, sets faults,
// moves a manual clock and reports the truth. docs/stripe-sim.md lists every route.
#pragma once
#include <boost/json/object.hpp>

#include <functional>

#include "http/message.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/webhooks.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

class Control {
  public:
    // `nudge` makes the simulator look at its clock and agenda at once.
    Control(World& world, FaultPlan& faults, Webhooks& webhooks, std::function<void()> nudge);

    http::Reply Handle(const http::Request& request);

  private:
    using Action = json::object (Control::*)(const json::object&);
    struct Route {
        std::string_view method, path;
        Action action;
    };
    static const Route kRoutes[];

    json::object Populate(const json::object& body);
    json::object AddAccount(const json::object& body);
    json::object SetAccount(const json::object& body);
    json::object PutKey(const json::object& body);
    json::object Authorize(const json::object& body);
    json::object AddCustomer(const json::object& body);
    json::object SetCard(const json::object& body);
    json::object AddSubscription(const json::object& body);
    json::object Renew(const json::object& body);
    json::object Mail(const json::object& body);
    json::object SetFaults(const json::object& body);
    json::object SetLimits(const json::object& body);
    json::object Deauthorize(const json::object& body);
    json::object Dispute(const json::object& body);
    json::object SetEndpoint(const json::object& body);
    json::object RollSecret(const json::object& body);
    json::object SetClock(const json::object& body);
    json::object Wake(const json::object& body);
    json::object State(const json::object& query);
    json::object ShowLedger(const json::object& query);
    json::object ShowRequests(const json::object& query);
    json::object ShowFaults(const json::object& query);
    json::object Check(const json::object& query);
    json::object Acknowledged(const json::object& query);
    json::object ShowPayers(const json::object& query);
    json::object ShowCliSessions(const json::object& query);

    Account& AccountIn(const json::object& body);

    World& world_;
    FaultPlan& faults_;
    Webhooks& webhooks_;
    std::function<void()> nudge_;
};

}  // namespace citadel::stripe_sim
