// What the simulated Stripe keeps about people, their cards and the money that moved. Plain structs
// without behaviour; an empty text is Stripe's null. Members marked (truth) are known to the simulator
// only and never rendered.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/fields.h"
#include "stripe_sim/metadata.h"

namespace citadel::stripe_sim {

struct Card {
    std::string brand = "visa";
    std::string last4 = "4242";
    std::string country = "US";
    std::string funding = "credit";
    std::string fingerprint;
    int exp_month = 8;
    int exp_year = 2030;
};

// How the bank will answer (truth). The script comes first, an answer per attempt, the last one stays.
// Else, if it `asks`, the payer has to confirm before anything else; then `decline_code` holds until
// `clears_at` (for ever without it); then approval. With a `period` the card is good only for `window`
// after each payday.
struct BankStance {
    std::deque<std::string> script;  // "approve", "requires_action" or a decline code
    std::string asks;                // empty, "requires_action" or "authentication_required"
    bool asks_always = false;        // false: once confirmed, never again
    std::string decline_code;        // empty: approves
    std::optional<Time> clears_at;
    Duration period{0};
    Duration window{0};
    bool refuses_new_customers = false;  // a declining test card that cannot be attached either
    std::string disputed_as;             // the reason for which a charge on it is disputed; empty: none is
    bool inquires = false;               // that dispute is only an inquiry
};

struct PaymentMethod {
    std::string id;  // pm_…; card_… for one made as a customer's source
    std::string customer;
    std::string allow_redisplay = "unspecified";
    Card card;
    BillingDetails billing;
    Metadata metadata;
    Time created{};
    bool spent = false;  // used without a customer, or detached: never to be used again
    BankStance bank;     // (truth)
};

struct Customer {
    std::string id;
    std::string email;
    std::string name;
    std::string phone;
    std::string description;
    std::string currency;
    std::string tax_exempt = "none";
    std::string test_clock;
    std::string default_payment_method;
    std::string default_source;
    std::string invoice_prefix;
    std::string invoice_footer;
    std::vector<std::pair<std::string, std::string>> invoice_fields;  // custom fields: name and value
    std::vector<std::string> locales;
    std::optional<Address> address;
    std::optional<Shipping> shipping;
    std::int64_t balance = 0;
    int next_invoice_sequence = 1;
    bool delinquent = false;
    bool deleted = false;
    Metadata metadata;
    Time created{};
};

// Why the latest try of an intent failed. Without a decline code the payer did not confirm.
struct PaymentFailure {
    std::string decline_code;
    std::string charge;
    std::string payment_method;
    bool setup = false;  // of a setup intent
};

// Whether and how Stripe chooses the methods of an intent by itself.
struct AutomaticMethods {
    std::string allow_redirects = "always";
};

struct PaymentIntent {
    std::string id;
    std::string invoice;
    std::string customer;
    std::string currency;
    std::string status = "requires_payment_method";
    std::string latest_charge;
    std::string payment_method;
    std::string cancellation_reason;
    std::string description;
    std::string receipt_email;
    std::string statement_descriptor;
    std::string statement_descriptor_suffix;
    std::string transfer_group;
    std::string return_url;  // of the latest confirmation
    std::string setup_future_usage;
    std::string capture_method = "automatic";
    std::string confirmation_method = "automatic";
    std::vector<std::string> method_types{"card"};
    std::optional<AutomaticMethods> automatic_methods;
    std::optional<Shipping> shipping;
    Metadata metadata;
    std::int64_t amount = 0;
    std::int64_t amount_received = 0;
    std::int64_t amount_capturable = 0;
    std::optional<PaymentFailure> last_error;
    std::optional<Time> canceled_at;
    Time created{};
    bool confirmed_by_payer = false;  // (truth) the card at hand has been authenticated
};

struct SetupIntent {
    std::string id;
    std::string customer;
    std::string payment_method;
    std::string status = "requires_payment_method";
    std::string usage = "off_session";
    std::string description;
    std::string cancellation_reason;
    std::string return_url;
    std::vector<std::string> method_types{"card"};
    std::optional<AutomaticMethods> automatic_methods;
    Metadata metadata;
    std::optional<PaymentFailure> last_error;
    Time created{};
};

struct Charge {
    std::string id;
    std::string payment_intent;
    std::string invoice;
    std::string customer;
    std::string payment_method;
    std::string currency;
    std::string decline_code;  // empty: succeeded
    std::string description;
    std::string receipt_email;
    std::string statement_descriptor;
    std::string statement_descriptor_suffix;
    std::string transfer_group;
    std::string fraud_report;  // the merchant's own: "safe" or "fraudulent"
    Card card;
    BillingDetails billing;
    std::optional<Shipping> shipping;
    Metadata metadata;
    std::int64_t amount = 0;
    std::int64_t amount_captured = 0;
    std::int64_t amount_refunded = 0;
    bool captured = true;
    bool disputed = false;
    bool authenticated = false;  // the payer confirmed (3-D Secure)
    Time created{};
    bool succeeded() const { return decline_code.empty(); }
};

struct Refund {
    std::string id;
    std::string charge;
    std::string payment_intent;
    std::string currency;
    std::string reason;
    Metadata metadata;
    std::int64_t amount = 0;
    Time created{};
};

struct Dispute {
    std::string id;
    std::string charge;
    std::string payment_intent;
    std::string currency;
    std::string brand;
    std::string status = "needs_response";
    std::string reason = "subscription_canceled";
    Metadata evidence;
    Metadata metadata;
    std::int64_t amount = 0;
    int submissions = 0;
    bool inquiry = false;  // the bank only asks: no money was taken
    Time created{};
};

}  // namespace citadel::stripe_sim
