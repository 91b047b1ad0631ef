// Sends events to the endpoints that want them, as Stripe does: signed afresh at every try, many at a
// time, in no promised order, and again with growing pauses until a 2xx or three days have passed. An
// answer is an acknowledgement the moment it is read; what the platform's endpoints acknowledge, the
// ledger knows.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "http/client.h"
#include "runtime/nursery.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// The two endpoints of the platform that are there from the start, at one address.
struct WebhookTarget {
    std::string url;        // empty: there are none
    Secret secret;          // signs the platform's own events
    Secret connect_secret;  // signs those of connected accounts
    std::vector<std::string> types;
};

// The events the engine acts on (contract, section 5), and the charges it counts.
std::vector<std::string> DefaultEventTypes();

class Webhooks {
  public:
    // `nudge` is called when there may be something to send.
    Webhooks(boost::asio::io_context& io, World& world, FaultPlan& faults, std::function<void()> nudge);

    void SetTarget(WebhookTarget target);
    // As its endpoints are now.
    WebhookTarget target() const;
    void Enqueue(const EventPtr& event);
    // Once more, whether it has been acknowledged or not.
    void Resend(const EventPtr& event, const std::string& endpoint);
    // Starts what is due, as far as there is room.
    void Dispatch();

    std::size_t in_flight() const { return in_flight_; }
    std::size_t undelivered() const { return queue_.size() + in_flight_ + given_up_; }
    std::size_t pending() const { return queue_.size() + in_flight_; }
    std::optional<Time> NextDue() const;
    boost::asio::awaitable<void> Close() { return nursery_.Close(); }

  private:
    struct Delivery {
        EventPtr event;
        std::string endpoint;
        int tries = 0;
        Time first{};
    };
    void Place(std::string& id, bool connect, const Secret& secret);
    void Schedule(const EventPtr& event, const WebhookEndpoint& endpoint);
    void Put(Delivery delivery, Time at);
    boost::asio::awaitable<void> Deliver(Delivery delivery);
    http::Call Sign(const Event& event, const WebhookEndpoint& endpoint) const;
    void Acknowledge(Event& event, const std::string& endpoint);
    void TryAgainLater(Delivery delivery);

    World& world_;
    FaultPlan& faults_;
    std::function<void()> nudge_;
    WebhookTarget target_;
    std::string own_;  // the ids of its endpoints
    std::string connect_;
    http::Client client_;
    runtime::Nursery nursery_;
    std::map<std::pair<Time, std::uint64_t>, Delivery> queue_;
    std::uint64_t next_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t given_up_ = 0;
};

}  // namespace citadel::stripe_sim
