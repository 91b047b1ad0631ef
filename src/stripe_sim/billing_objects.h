// What a merchant sells and what he asks for it, as plain structs: product, price, subscription,
// invoice item, invoice. Prices are never removed, so others point at them.
// Members marked (truth) are known to the simulator only and never rendered.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/cause.h"
#include "stripe_sim/metadata.h"

namespace citadel::stripe_sim {

struct Product {
    std::string id;
    std::string name;
    std::string description;
    std::string default_price;
    std::string statement_descriptor;
    std::string unit_label;
    std::string url;
    std::vector<std::string> images;
    std::optional<bool> shippable;
    bool active = true;
    Metadata metadata;
    Time created{};
    Time updated{};
};

// How often a price recurs: every `count` days, weeks, months or years.
struct Recurrence {
    std::string interval = "month";
    int count = 1;
    std::optional<int> trial_days;
    friend bool operator==(const Recurrence&, const Recurrence&) = default;
};

struct Price {
    std::string id;
    std::string product;
    std::string currency;
    std::string nickname;
    std::string lookup_key;
    std::string tax_behavior = "unspecified";
    std::int64_t amount = 0;
    bool active = true;
    std::optional<Recurrence> recurring;  // absent: one time
    Metadata metadata;
    Time created{};
};

struct SubscriptionItem {
    std::string id;
    const Price* price = nullptr;
    std::int64_t quantity = 1;
    Metadata metadata;
    Time created{};
};

// How invoices are collected: charged to the customer's card, or sent and due after some days.
inline constexpr std::string_view kCharge = "charge_automatically";
inline constexpr std::string_view kSend = "send_invoice";

struct Subscription {
    std::string id;
    std::string customer;
    std::string status = "active";
    std::string description;
    std::string collection_method{kCharge};
    std::string default_payment_method;
    std::string latest_invoice;
    std::string cancel_reason;
    std::string cancel_comment;
    std::string cancel_feedback;
    std::string missing_payment_method = "create_invoice";  // what the end of a trial does without a card
    std::string pause_behavior;                             // of pause_collection; empty: not paused
    std::vector<SubscriptionItem> items;                    // at least one, of one currency and recurrence
    Metadata metadata;
    std::optional<int> days_until_due;
    bool cancel_at_period_end = false;
    bool saves_method = false;  // the card that pays becomes its own
    Time created{};
    Time anchor{};  // periods end at whole intervals from here
    Time period_start{};
    Time period_end{};
    std::optional<Time> trial_start, trial_end;
    std::optional<Time> cancel_at, canceled_at, ended_at;
    std::optional<Time> pause_resumes_at;
    int renewals_left = -1;        // (truth) how often it still renews; negative: for ever
    std::optional<Time> foretold;  // (truth) the renewal that invoice.upcoming was last told of
    bool announced = true;         // (truth) customer.subscription.created has been told
};

// A charge that waits for the customer's next invoice, or stands on one.
struct InvoiceItem {
    std::string id;
    std::string customer;
    std::string subscription;
    std::string subscription_item;
    std::string invoice;  // empty: pending
    std::string description;
    const Price* price = nullptr;
    std::int64_t quantity = 1;
    std::int64_t amount = 0;
    bool proration = false;
    bool discountable = true;
    Metadata metadata;
    Time created{};
    Time period_start{};
    Time period_end{};
};

struct InvoiceLine {
    std::string id;
    std::string subscription_item;  // of a subscription's line, or of a proration
    std::string invoice_item;       // else the item it comes from
    std::string description;
    const Price* price = nullptr;
    std::int64_t quantity = 1;
    std::int64_t amount = 0;
    bool proration = false;
    Metadata metadata;
    Time period_start{};
    Time period_end{};
};

// An invoice that is still to come has an id that begins so, in API versions that give it one.
inline constexpr std::string_view kUpcomingId = "upcoming_in_";

struct Invoice {
    std::string id;
    std::string number;
    std::string status = "draft";
    std::string billing_reason = "manual";
    std::string collection_method{kCharge};
    std::string currency;
    std::string description;
    std::string footer;
    std::string customer;
    std::string customer_email;  // as at finalisation
    std::string customer_name;
    std::string subscription;
    std::string payment_intent;  // empty before finalisation and when there is nothing to pay
    std::string payment_id;      // the invoice payment, inpay_…
    std::string charge;          // the latest
    std::string default_payment_method;
    std::string uncollectible_reason;
    std::vector<InvoiceLine> lines;
    Metadata metadata;
    Metadata subscription_metadata;
    std::int64_t total = 0;       // of the lines; negative: a credit
    std::int64_t amount_due = 0;  // after the customer's balance
    std::int64_t amount_paid = 0;
    std::int64_t starting_balance = 0;
    std::int64_t ending_balance = 0;
    int attempt_count = 0;
    bool attempted = false;
    bool auto_advance = true;
    bool paid_out_of_band = false;
    std::optional<int> days_until_due;
    Time created{};
    Time period_start{};  // the usage period, before that of the lines
    Time period_end{};
    std::optional<Time> finalizes_at;  // a draft that advances by itself
    std::optional<Time> due_date;
    std::optional<Time> finalized_at, paid_at, voided_at, uncollectible_at;
    std::optional<Time> next_payment_attempt;

    std::string last_method;  // (truth) what the latest attempt was made with, and how it ended
    std::string last_decline;
    bool first_attempt_failed = false;  // (truth)
    std::optional<Driver> paid_by;      // (truth)
};

}  // namespace citadel::stripe_sim
