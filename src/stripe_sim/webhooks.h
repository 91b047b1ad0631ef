// Sends events to the receiver as Stripe does: signed afresh at every try, many at a time, in no
// promised order, and again with growing pauses until a 2xx or three days have passed. An answer is an
// acknowledgement the moment it is read; the ledger then knows what the receiver has been told.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/secret.h"
#include "http/client.h"
#include "runtime/nursery.h"
#include "stripe_sim/faults.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct WebhookTarget {
    std::string url;        // empty: nothing is sent
    Secret secret;          // signs the platform's own events
    Secret connect_secret;  // signs those of connected accounts
    std::set<std::string> types;
};

// The events the engine acts on (contract, section 5), and the charges it counts.
std::set<std::string> DefaultEventTypes();

class Webhooks {
  public:
    // `nudge` is called when there may be something to send.
    Webhooks(boost::asio::io_context& io, World& world, FaultPlan& faults, std::function<void()> nudge);

    void SetTarget(WebhookTarget target) { target_ = std::move(target); }
    const WebhookTarget& target() const { return target_; }
    void Enqueue(const EventPtr& event);
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
        int tries = 0;
        Time first{};
    };
    void Put(Delivery delivery, Time at);
    boost::asio::awaitable<void> Deliver(Delivery delivery);
    http::Call Sign(const Event& event) const;
    void Acknowledge(Event& event);
    void TryAgainLater(Delivery delivery);

    World& world_;
    FaultPlan& faults_;
    std::function<void()> nudge_;
    WebhookTarget target_;
    http::Client client_;
    runtime::Nursery nursery_;
    std::map<std::pair<Time, std::uint64_t>, Delivery> queue_;
    std::uint64_t next_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t given_up_ = 0;
};

}  // namespace citadel::stripe_sim
