// The log of everything that happened, as Stripe's event list shows it. An event keeps a snapshot of
// its object from the moment it was made; the JSON is rendered from it when it is asked for, in the
// account's API version of that moment, or sent, in the endpoint's. Events older than 30 days are forgotten.
#pragma once
#include <boost/json/object.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/objects.h"

namespace citadel::stripe_sim {

namespace json = boost::json;

template <typename T>
using Copy = std::shared_ptr<const T>;

// The platform's application: access was given or revoked.
struct Application {};
// A thin event: it points at an object, and shows its data only when it is fetched.
struct ThinBody {
    std::string related_id, related_type, related_url;
    json::object data;
};
// An invoice, shown as its invoice payment.
struct PaymentOf {
    Copy<Invoice> invoice;
};

// A payment method, shown as a customer's source.
struct SourceOf {
    Copy<PaymentMethod> method;
};

using Snapshot =
    std::variant<Copy<Invoice>, PaymentOf, Copy<Subscription>, Copy<Customer>, Copy<PaymentMethod>, SourceOf,
                 Copy<PaymentIntent>, Copy<SetupIntent>, Copy<Charge>, Copy<Refund>, Copy<Dispute>,
                 Copy<Merchant>, Application, Copy<Meter>, Copy<ThinBody>, Copy<Product>, Copy<Price>,
                 Copy<InvoiceItem>, Copy<PortalSession>, Copy<TestClock>>;

template <typename T>
Copy<T> Keep(const T& object) {
    return std::make_shared<const T>(object);
}

struct Event {
    std::string id;
    std::string type;
    std::string account;
    std::string api_version;
    Time created{};
    Snapshot object;
    json::object previous;  // previous_attributes; empty: absent
    std::string request_id;
    std::string idempotency_key;
    std::vector<std::string> pending;  // the endpoints that have not acknowledged it
    bool acknowledged = false;         // by an endpoint of the platform
};
using EventPtr = std::shared_ptr<Event>;

class EventLog {
  public:
    // Called with each new event, once; the webhooks listen here.
    std::function<void(const EventPtr&)> on_event;
    // Called to send an event once more to that endpoint; empty: to Stripe's CLI.
    std::function<void(const EventPtr&, const std::string& endpoint)> on_resend;

    void Add(EventPtr event);
    // One account's events, oldest first.
    const std::deque<EventPtr>& Of(const std::string& account) const;
    // nullptr: none of that account.
    EventPtr Find(const std::string& account, const std::string& id) const;

  private:
    std::unordered_map<std::string, std::deque<EventPtr>> by_account_;
};

// The id of what an event shows; empty where that has none of its own.
std::string IdIn(const Snapshot& snapshot);

// The invoice an event is about, or empty.
std::string InvoiceOf(const Event& event);

}  // namespace citadel::stripe_sim
