// An invoice as it stands at Stripe right now, with what a charge decision needs beside it: its payment's
// last error, the card that collection would take, and where the customer lives.
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>

#include "stripe/invoice.h"

namespace citadel::stripe {

// A card, or whatever else pays.
struct PaymentMethod {
    std::string id;           // pm_…, or card_… and src_… of old
    std::string fingerprint;  // the same for the same card, whatever its id; empty when Stripe does not say
    std::string brand;        // lower case: visa, mastercard, amex, …; empty when it is no card
    std::string funding;      // credit, debit, prepaid, unknown
    std::string country;      // of the issuer, ISO 3166
    std::string last4;
    int exp_month = 0;  // 0: no card, or Stripe does not say
    int exp_year = 0;
};

struct LiveInvoice {
    Invoice invoice;
    std::string payment_status;  // of the payment intent: requires_payment_method, processing, …
    std::string latest_charge;   // the newest attempt's charge, whoever made it
    bool has_error = false;      // the five below are the last attempt's
    std::string decline_code;    // decline_code, or code when there is none
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
    PaymentMethod failed_method;  // the one that was declined; no id when Stripe does not say

    // By Stripe's order: the invoice's own default, the subscription's, its source, the customer's, its
    // source. nullopt: there is none, so nothing can be charged.
    std::optional<PaymentMethod> method;
    std::string customer_country;  // ISO 3166 from the address, or empty
    std::string customer_locale;   // the first of preferred_locales (BCP 47), or empty
};

// Expansions that ReadLiveInvoice reads; both shapes of a subscription's place.
inline constexpr const char* kLiveInvoiceExpansions =
    "expand[]=payments.data.payment.payment_intent&expand[]=default_payment_method"
    "&expand[]=customer.invoice_settings.default_payment_method"
    "&expand[]=parent.subscription_details.subscription.default_payment_method";

// Throws BadObject as ReadInvoice does.
LiveInvoice ReadLiveInvoice(const boost::json::object& object);
PaymentMethod ReadPaymentMethod(const boost::json::object& object);
// The end of Stripe's order above, from the subscription's own default on; either may be missing.
std::optional<PaymentMethod> MethodOfSubscription(const boost::json::object* subscription,
                                                  const boost::json::object* customer);
// The first of a customer's preferred_locales, or empty.
std::string FirstLocale(const boost::json::object* customer);

}  // namespace citadel::stripe
