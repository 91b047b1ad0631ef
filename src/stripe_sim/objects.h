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
#include <vector>

#include "base/clock.h"
#include "stripe_sim/billing_objects.h"
#include "stripe_sim/cause.h"
#include "stripe_sim/merchant.h"
#include "stripe_sim/meter_objects.h"
#include "stripe_sim/payment_objects.h"
#include "stripe_sim/shelf.h"
#include "stripe_sim/timeline.h"

namespace citadel::stripe_sim {

struct PortalSession {
    std::string id;
    std::string customer;
    std::string return_url;
    std::string flow;  // its type, or empty
    std::string after_completion_url;
    std::string configuration;
    std::string locale;
    std::string on_behalf_of;
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
    Shelf<SetupIntent> setup_intents;
    Shelf<Charge> charges;
    Shelf<Refund> refunds;
    Shelf<Dispute> disputes;
    Shelf<PortalSession> portal_sessions;
    Shelf<TestClock> test_clocks;
    std::map<std::string, Timeline> timelines;  // by test clock, the deleted ones included
    Shelf<Meter> meters;
    std::deque<MeterEvent> meter_events;
    std::unordered_map<std::string, MeterEvent*> meter_events_by_identifier;  // the latest of each
    std::map<std::string, MeterErrors> meter_errors;                          // by meter
    // By customer: the invoice items that wait for an invoice. By subscription: its invoices.
    std::unordered_map<std::string, std::vector<std::string>> pending_items, invoices_of;
};

}  // namespace citadel::stripe_sim
