// What the simulated Stripe keeps, as plain structs without behaviour. One merchant's objects live in
// that merchant's Account, so an object of another account cannot be found by mistake.
// Members marked (truth) are known to the simulator only and never rendered.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace citadel::stripe_sim {

using Metadata = std::map<std::string, std::string>;

// Who makes a charge happen.
enum class Driver { kStripe, kEngine, kCustomer };

// What an event's `request` member tells: the API call behind it, if there was one.
struct Cause {
    Driver driver = Driver::kStripe;
    std::string request_id;
    std::string idempotency_key;
    std::size_t acknowledged = 0;  // how many events the receiver had acknowledged when the call arrived
};

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

struct Price {
    std::string id;
    std::string product;
    std::string product_name;
    std::string currency;
    std::int64_t amount = 0;
    Time created{};
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

struct Subscription {
    std::string id;
    std::string item_id;
    std::string customer;
    std::string status = "active";
    std::string default_payment_method;
    std::string latest_invoice;
    std::string cancel_reason;
    std::string cancel_comment;
    std::string cancel_feedback;
    Price price;
    Metadata metadata;
    Time created{};
    Time period_start{};
    Time period_end{};
    std::optional<Time> canceled_at;
    int renewals_left = -1;  // (truth) how often it still renews; negative: for ever
};

struct Invoice {
    std::string id;
    std::string number;
    std::string status = "draft";
    std::string billing_reason = "subscription_cycle";
    std::string customer;
    std::string customer_email;  // as at finalisation
    std::string customer_name;
    std::string subscription;
    std::string subscription_item;
    std::string line_id;
    std::string payment_intent;
    std::string payment_id;  // the invoice payment, inpay_…
    std::string charge;      // the latest
    std::string default_payment_method;
    std::string uncollectible_reason;
    Price price;
    Metadata metadata;
    Metadata subscription_metadata;
    std::int64_t total = 0;
    std::int64_t amount_paid = 0;
    int attempt_count = 0;
    bool attempted = false;
    bool auto_advance = true;
    bool paid_out_of_band = false;
    Time created{};
    Time period_start{};  // of the line: the period that is paid for
    Time period_end{};
    Time last_period_start{};
    std::optional<Time> finalized_at, paid_at, voided_at, uncollectible_at;
    std::optional<Time> next_payment_attempt;

    std::string last_method;  // (truth) what the latest attempt was made with, and how it ended
    std::string last_decline;
    bool first_attempt_failed = false;  // (truth)
    std::optional<Driver> paid_by;      // (truth)
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

// Objects of one kind in order of creation, found by id; addresses never change.
template <typename T>
class Shelf {
  public:
    T& Add(T object) {
        objects_.push_back(std::move(object));
        T& added = objects_.back();
        by_id_.emplace(added.id, &added);
        return added;
    }
    T* Find(const std::string& id) {
        auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second;
    }
    const T* Find(const std::string& id) const {
        auto found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second;
    }
    std::deque<T>& all() { return objects_; }
    const std::deque<T>& all() const { return objects_; }

  private:
    std::deque<T> objects_;
    std::unordered_map<std::string, T*> by_id_;
};

// What a merchant's settings do when Stripe's own retries have come to nothing.
enum class FinalAction { kNone, kCancel, kUnpaid, kUncollectible };

struct Account {
    std::string id;
    std::string name;
    std::string email;
    std::string country = "US";
    std::string currency = "usd";
    std::string api_version;          // of the webhooks about this account
    std::vector<int> retry_schedule;  // Stripe's own retries: days after the first attempt; empty: off
    FinalAction final_action = FinalAction::kNone;
    bool connected = true;  // false: access was revoked
    Time created{};

    Shelf<Customer> customers;
    Shelf<PaymentMethod> payment_methods;
    Shelf<Subscription> subscriptions;
    Shelf<Invoice> invoices;
    Shelf<PaymentIntent> payment_intents;
    Shelf<Charge> charges;
    Shelf<Refund> refunds;
    Shelf<Dispute> disputes;
    Shelf<PortalSession> portal_sessions;
    std::vector<MeterEvent> meter_events;
};

}  // namespace citadel::stripe_sim
