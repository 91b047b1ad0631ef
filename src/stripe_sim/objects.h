// What the simulated Stripe keeps, as plain structs without behaviour. One merchant's objects live in
// that merchant's Account, so an object of another account cannot be found by mistake.
// Members marked (truth) are known to the simulator only and never rendered.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/billing_objects.h"
#include "stripe_sim/cause.h"
#include "stripe_sim/merchant.h"
#include "stripe_sim/metadata.h"
#include "stripe_sim/shelf.h"

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

// How the bank will answer (truth). The script comes first, an answer per attempt, the last one stays;
// then `decline_code` until `clears_at` (for ever without it); then approval. With a `period` the card
// is good only for `window` after each payday.
struct BankStance {
    std::deque<std::string> script;  // "approve", "requires_action" or a decline code
    std::string decline_code;        // empty: approves
    std::optional<Time> clears_at;
    Duration period{0};
    Duration window{0};
};

struct PaymentMethod {
    std::string id;
    std::string customer;
    Card card;
    Metadata metadata;
    Time created{};
    BankStance bank;  // (truth)
};

struct Customer {
    std::string id;
    std::string email;
    std::string name;
    std::string currency;
    std::string locale;
    std::string default_payment_method;
    std::string invoice_prefix;
    int next_invoice_sequence = 1;
    bool delinquent = false;
    Metadata metadata;
    Time created{};
};

struct PaymentFailure {
    std::string decline_code;
    std::string charge;
    std::string payment_method;
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
    std::int64_t amount = 0;
    std::optional<PaymentFailure> last_error;
    std::optional<Time> canceled_at;
    Time created{};
};

struct Charge {
    std::string id;
    std::string payment_intent;
    std::string invoice;
    std::string customer;
    std::string email;
    std::string name;
    std::string payment_method;
    std::string currency;
    std::string decline_code;  // empty: succeeded
    Card card;
    std::int64_t amount = 0;
    std::int64_t amount_refunded = 0;
    bool disputed = false;
    Time created{};
    bool succeeded() const { return decline_code.empty(); }
};

struct Refund {
    std::string id;
    std::string charge;
    std::string payment_intent;
    std::string currency;
    std::string reason;
    std::int64_t amount = 0;
    Time created{};
};

struct MeterEvent {
    std::string event_name;
    std::string identifier;
    Metadata payload;
    Time timestamp{};
    Time created{};
};

struct PortalSession {
    std::string id;
    std::string customer;
    std::string return_url;
    std::string flow;  // its type, or empty
    Time created{};
};

struct Dispute {
    std::string id;
    std::string charge;
    std::string payment_intent;
    std::string currency;
    std::string brand;
    std::int64_t amount = 0;
    Time created{};
};

struct Account : Merchant {
    Shelf<Customer> customers;
    Shelf<PaymentMethod> payment_methods;
    Shelf<Product> products;
    Shelf<Price> prices;
    Shelf<Subscription> subscriptions;
    Shelf<InvoiceItem> invoice_items;
    Shelf<Invoice> invoices;
    Shelf<PaymentIntent> payment_intents;
    Shelf<Charge> charges;
    Shelf<Refund> refunds;
    Shelf<Dispute> disputes;
    Shelf<PortalSession> portal_sessions;
    std::vector<MeterEvent> meter_events;
    // By customer: the invoice items that wait for an invoice. By subscription: its invoices.
    std::unordered_map<std::string, std::vector<std::string>> pending_items, invoices_of;
};

}  // namespace citadel::stripe_sim
