// An invoice as the engine sees it, read from either shape: before and after API version 2025-03-31.
// Shapes are told apart by the fields that are there, never by comparing version texts
// (webhooks carry the endpoint's version, not ours).
#pragma once
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/clock.h"

namespace citadel::stripe {

struct Invoice {
    std::string id;
    std::string status;             // draft open paid uncollectible void; open enum, compare with care
    std::string billing_reason;     // subscription_cycle, subscription_create, manual, …
    std::string collection_method;  // charge_automatically, send_invoice
    std::string currency;           // lower-case ISO 4217
    std::optional<Time> created;
    std::int64_t amount_due = 0;  // minor units, as all amounts
    std::int64_t amount_paid = 0;
    std::int64_t amount_remaining = 0;
    std::int64_t attempt_count = 0;  // Stripe's automatic attempts
    bool auto_advance = false;
    std::optional<Time> next_payment_attempt;  // when Stripe itself will try again
    std::string customer;
    std::string subscription;    // empty for a one-off invoice
    std::string payment_intent;  // old shape: top level; new shape: default entry of `payments` when expanded
    std::string charge;          // old shape, or latest_charge of an expanded payment intent
    bool paid_out_of_band = false;
    std::string customer_email;
    std::string customer_name;
    std::string customer_country;  // ISO 3166 from the address, or empty
    std::string hosted_invoice_url;
    std::string number;
    std::string payment_method;  // the invoice's own default, or empty
};

// A JSON text that is not what Stripe sends; what() names the member and what was expected.
class BadObject : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Throws BadObject: no id, an amount that is no integer or does not fit 64 bits, a wrong type.
// Missing optional members and unknown enum values are fine.
Invoice ReadInvoice(const boost::json::object& object);
// The same of an invoice that is still to come (invoice.upcoming): its id, which leads nowhere and which
// older API versions leave out, is not read.
Invoice ReadUpcomingInvoice(const boost::json::object& object);

// Members by name with a check of their type; all throw BadObject naming the member. A dot in the name
// steps into an object: "parent.subscription_details". A missing or null text is "", a missing or null
// number or time nullopt, a missing or null flag false. Texts never contain NUL; ids are at most 255 bytes.
std::string ReadText(const boost::json::object& object, std::string_view name);
bool ReadFlag(const boost::json::object& object, std::string_view name);
// Unix seconds between 1970 and 9999.
std::optional<Time> ReadTime(const boost::json::object& object, std::string_view name);
// A text that must be there, 1 to 255 bytes: ids and names of types.
std::string RequireText(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> ReadInteger(const boost::json::object& object, std::string_view name);
// An id that Stripe gives as text or, when expanded, as an object with an id.
std::string ReadId(const boost::json::object& object, std::string_view name);

}  // namespace citadel::stripe
