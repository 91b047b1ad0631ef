// A subscription as it stands at Stripe right now, with the card that its next renewal will be charged to and
// whom to write to about it.
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>

#include "stripe/live_invoice.h"

namespace citadel::stripe {

struct LiveSubscription {
    std::string id;
    std::string status;             // active, trialing, past_due, paused, canceled, …; open enum
    std::string collection_method;  // charge_automatically, send_invoice
    bool collection_paused = false;
    bool cancel_at_period_end = false;
    std::optional<Time> cancel_at;
    // As LiveInvoice::method, without an invoice. nullopt: there is none.
    std::optional<PaymentMethod> method;
    std::string customer_email;
    std::string customer_name;
    std::string customer_country;  // ISO 3166 from the address, or empty
    std::string customer_locale;   // the first of preferred_locales (BCP 47), or empty
};

// Expansions that ReadLiveSubscription reads.
inline constexpr const char* kLiveSubscriptionExpansions =
    "expand[]=default_payment_method&expand[]=default_source"
    "&expand[]=customer.invoice_settings.default_payment_method&expand[]=customer.default_source";

// Throws BadObject: no id, a wrong type.
LiveSubscription ReadLiveSubscription(const boost::json::object& object);

}  // namespace citadel::stripe
