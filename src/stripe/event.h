// A webhook's JSON as an Event: the envelope, and of the object inside only what decisions need.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "stripe/invoice.h"

namespace citadel::stripe {

struct Event {
    std::string id;
    std::string type;
    std::string account;  // the connected account; empty: the platform's own event
    std::string api_version;
    Time created{};
    bool livemode = false;
    std::string request_idempotency_key;  // equal to one of ours: we caused it

    std::string object_type;  // "invoice", "subscription", "charge", … of data.object
    std::string object_id;
    std::string customer;      // whom it concerns, for every object that says so; object_id of a customer
    std::string subscription;  // invoice and subscription objects
    std::string payment_intent;
    std::string charge;
    std::string status;       // data.object.status
    std::int64_t amount = 0;  // charge: amount_refunded; dispute: amount; minor units
    std::string currency;
    std::string price;  // subscription: first item's price id
    std::string price_lookup_key;
    std::string metadata_merchant;  // subscription metadata.citadel_merchant_id
    // customer and subscription, updated: previous_attributes names a default, and there is one now.
    bool default_payment_method_changed = false;
    Invoice invoice;  // when object_type is "invoice"
};

// `body` is the raw webhook. Throws BadObject with a sentence for the sender: not JSON, not an event,
// no id or type, nested too deep, amount out of range. A thin event (object v2.core.event) is returned
// with its type and id and no object. Of an object that no decision looks at only type, id and customer
// are read. The invoice of an invoice.upcoming is none yet: it needs no id, and event.invoice has none.
Event ParseEvent(std::string_view body);
// The same for an event already parsed, as `citadel replay` has it.
Event ReadEvent(const boost::json::object& event);

}  // namespace citadel::stripe
