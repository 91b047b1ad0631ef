// Invoice, its lines and its payment; and the items that wait for an invoice.
#include <fmt/format.h>

#include "stripe_sim/clock_scope.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kLinesShown = 10;  // of an invoice within itself; the rest through /lines

bool IsUpcoming(const Invoice& invoice) { return invoice.id.starts_with(kUpcomingId); }

json::object RenderPeriod(Time start, Time end) {
    json::object period;
    period["start"] = ToUnixSeconds(start);
    period["end"] = ToUnixSeconds(end);
    return period;
}

std::string UnitAmount(std::int64_t amount, std::int64_t quantity, const Price& price) {
    if (amount == price.amount * quantity || quantity == 0) return std::to_string(price.amount);
    if (amount % quantity == 0) return std::to_string(amount / quantity);
    return fmt::format("{:.12g}", static_cast<double>(amount) / static_cast<double>(quantity));
}

json::object RenderPricing(std::int64_t amount, std::int64_t quantity, const Price& price) {
    json::object details;
    details["price"] = price.id;
    details["product"] = price.product;
    json::object pricing;
    pricing["type"] = "price_details";
    pricing["price_details"] = std::move(details);
    pricing["unit_amount_decimal"] = UnitAmount(amount, quantity, price);
    return pricing;
}

json::object RenderLineParent(const Invoice& invoice, const InvoiceLine& line) {
    json::object details;
    details["invoice_item"] = TextOrNull(line.invoice_item);
    details["proration"] = line.proration;
    details["proration_details"] = {{"credited_items", nullptr}};
    details["subscription"] = TextOrNull(line.subscription_item.empty() ? "" : invoice.subscription);
    json::object parent;
    parent["invoice_item_details"] = nullptr;
    parent["subscription_item_details"] = nullptr;
    if (line.invoice_item.empty() || !line.subscription_item.empty()) {
        details["subscription_item"] = line.subscription_item;
        parent["type"] = "subscription_item_details";
        parent["subscription_item_details"] = std::move(details);
    } else {
        parent["type"] = "invoice_item_details";
        parent["invoice_item_details"] = std::move(details);
    }
    return parent;
}

// Where the line comes from and what it costs: the part of a line in which the shapes differ.
void AddLineOrigin(const View& view, const Invoice& invoice, const InvoiceLine& line, json::object& object) {
    if (view.shape == Shape::kBasil) {
        object["subtotal"] = line.amount;
        object["parent"] = RenderLineParent(invoice, line);
        object["pricing"] = RenderPricing(line.amount, line.quantity, *line.price);
        object["quantity_decimal"] = std::to_string(line.quantity);
        return;
    }
    object["type"] = line.invoice_item.empty() ? "subscription" : "invoiceitem";
    object["plan"] = RenderPlan(view, *line.price);
    object["price"] = Render(view, *line.price);
    object["proration"] = line.proration;
    if (!line.invoice_item.empty()) object["invoice_item"] = line.invoice_item;
    if (!line.subscription_item.empty()) object["subscription_item"] = line.subscription_item;
    object["amount_excluding_tax"] = line.amount;
    object["unit_amount_excluding_tax"] = UnitAmount(line.amount, line.quantity, *line.price);
}

void AddAmounts(const View& view, const Invoice& invoice, json::object& object) {
    auto due = invoice.amount_due;
    object["amount_due"] = due;
    object["amount_paid"] = invoice.amount_paid;
    object["amount_remaining"] = due - invoice.amount_paid;
    object["subtotal"] = invoice.total;
    object["subtotal_excluding_tax"] = invoice.total;
    object["total"] = invoice.total;
    object["total_excluding_tax"] = invoice.total;
    object["starting_balance"] = invoice.starting_balance;
    object["currency"] = invoice.currency;
    // Money that did not come through Stripe counts as paid since basil, and did not before.
    if (invoice.paid_out_of_band && view.shape == Shape::kBasil) {
        object["amount_paid"] = due;
        object["amount_remaining"] = 0;
        object["amount_paid_off_stripe"] = due;
    }
}

// Subscription, payment and what became of it: the part of an invoice in which the shapes differ.
void AddLinks(const View& view, const Invoice& invoice, json::object& object) {
    bool subscribed = !invoice.subscription.empty();
    auto metadata = RenderMetadata(invoice.subscription_metadata);
    if (view.shape == Shape::kBeforeBasil) {
        object["subscription"] = TextOrNull(invoice.subscription);
        object["subscription_details"] = nullptr;
        if (subscribed) object["subscription_details"] = {{"metadata", std::move(metadata)}};
        object["payment_intent"] = TextOrNull(invoice.payment_intent);
        object["charge"] = TextOrNull(invoice.charge);
        object["paid"] = invoice.status == "paid";
        object["paid_out_of_band"] = invoice.paid_out_of_band;
        return;
    }
    object["parent"] = nullptr;
    if (subscribed) {
        json::object details;
        details["metadata"] = std::move(metadata);
        details["subscription"] = invoice.subscription;
        object["parent"] = {{"type", "subscription_details"},
                            {"quote_details", nullptr},
                            {"subscription_details", std::move(details)}};
    }
    if (invoice.status == "uncollectible") {
        object["status_details"] = {{"uncollectible", {{"reason", invoice.uncollectible_reason}}}};
    }
}

void AddState(const View& view, const Invoice& invoice, json::object& object) {
    object["status"] = invoice.status;
    object["attempt_count"] = invoice.attempt_count;
    object["attempted"] = invoice.attempted;
    object["auto_advance"] = invoice.auto_advance;
    object["automatically_finalizes_at"] = TimeOrNull(invoice.finalizes_at);
    object["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
    object["due_date"] = TimeOrNull(invoice.due_date);
    object["effective_at"] = TimeOrNull(invoice.finalized_at);
    object["number"] = TextOrNull(invoice.number);
    object["status_transitions"] = {{"finalized_at", TimeOrNull(invoice.finalized_at)},
                                    {"marked_uncollectible_at", TimeOrNull(invoice.uncollectible_at)},
                                    {"paid_at", TimeOrNull(invoice.paid_at)},
                                    {"voided_at", TimeOrNull(invoice.voided_at)}};
    if (!invoice.finalized_at) {
        for (auto name : {"ending_balance", "hosted_invoice_url", "invoice_pdf"}) object[name] = nullptr;
        return;
    }
    auto url = view.world.HostedUrl(view.account, invoice.id);
    object["ending_balance"] = invoice.ending_balance;
    object["invoice_pdf"] = url + "/pdf";
    object["hosted_invoice_url"] = std::move(url);
}

json::object RenderFirstLines(const View& view, const Invoice& invoice) {
    json::array lines;
    for (const auto& line : invoice.lines) {
        if (lines.size() == kLinesShown) break;
        lines.emplace_back(RenderLine(view, invoice, line));
    }
    return RenderList(std::move(lines), invoice.lines.size() > kLinesShown,
                      fmt::format("/v1/invoices/{}/lines", invoice.id));
}

}  // namespace

json::object RenderLine(const View& view, const Invoice& invoice, const InvoiceLine& line) {
    auto object = BlankObject(ObjectKind::kInvoiceLine, view.shape);
    object["id"] = line.id;
    object["amount"] = line.amount;
    object["currency"] = invoice.currency;
    object["description"] = TextOrNull(line.description);
    object["invoice"] = invoice.id;
    if (IsUpcoming(invoice) && view.shape == Shape::kBeforeBasil) object["invoice"] = nullptr;
    object["metadata"] = RenderMetadata(line.metadata);
    object["period"] = RenderPeriod(line.period_start, line.period_end);
    object["quantity"] = line.quantity;
    object["subscription"] = TextOrNull(line.subscription_item.empty() ? "" : invoice.subscription);
    AddLineOrigin(view, invoice, line, object);
    return object;
}

json::object Render(const View& view, const Invoice& invoice) {
    auto object = BlankObject(ObjectKind::kInvoice, view.shape);
    object["id"] = invoice.id;
    object["account_country"] = view.account.country;
    object["account_name"] = view.account.name;
    object["billing_reason"] = invoice.billing_reason;
    object["collection_method"] = invoice.collection_method;
    object["created"] = ToUnixSeconds(invoice.created);
    object["customer"] = invoice.customer;
    object["customer_email"] = TextOrNull(invoice.customer_email);
    object["customer_name"] = TextOrNull(invoice.customer_name);
    object["default_payment_method"] = TextOrNull(invoice.default_payment_method);
    object["description"] = TextOrNull(invoice.description);
    object["footer"] = TextOrNull(invoice.footer);
    object["lines"] = RenderFirstLines(view, invoice);
    object["metadata"] = RenderMetadata(invoice.metadata);
    object["period_start"] = ToUnixSeconds(invoice.period_start);
    object["period_end"] = ToUnixSeconds(invoice.period_end);
    object["test_clock"] = TextOrNull(ClockOfCustomer(view.account, invoice.customer));
    object["webhooks_delivered_at"] = ToUnixSeconds(invoice.created);
    AddAmounts(view, invoice, object);
    AddState(view, invoice, object);
    AddLinks(view, invoice, object);
    if (IsUpcoming(invoice)) object["webhooks_delivered_at"] = nullptr;
    if (IsUpcoming(invoice) && view.shape == Shape::kBeforeBasil) object.erase("id");
    return object;
}

json::object Render(const View& view, const InvoiceItem& item) {
    auto object = BlankObject(ObjectKind::kInvoiceItem, view.shape);
    object["id"] = item.id;
    object["amount"] = item.amount;
    object["currency"] = item.price->currency;
    object["customer"] = item.customer;
    object["date"] = ToUnixSeconds(item.created);
    object["description"] = TextOrNull(item.description);
    object["discountable"] = item.discountable;
    object["invoice"] = TextOrNull(item.invoice);
    object["metadata"] = RenderMetadata(item.metadata);
    object["period"] = RenderPeriod(item.period_start, item.period_end);
    object["proration"] = item.proration;
    object["quantity"] = item.quantity;
    object["test_clock"] = TextOrNull(ClockOfCustomer(view.account, item.customer));
    if (view.shape == Shape::kBeforeBasil) {
        object["plan"] = RenderPlan(view, *item.price);
        object["price"] = Render(view, *item.price);
        object["subscription"] = TextOrNull(item.subscription);
        if (!item.subscription_item.empty()) object["subscription_item"] = item.subscription_item;
        bool whole = item.quantity != 0 && item.amount % item.quantity == 0;
        object["unit_amount"] = nullptr;
        if (whole) object["unit_amount"] = item.amount / item.quantity;
        object["unit_amount_decimal"] = UnitAmount(item.amount, item.quantity, *item.price);
        return object;
    }
    object["net_amount"] = item.amount;
    object["pricing"] = RenderPricing(item.amount, item.quantity, *item.price);
    object["quantity_decimal"] = std::to_string(item.quantity);
    if (item.subscription.empty()) return object;
    json::object details;
    details["subscription"] = item.subscription;
    if (!item.subscription_item.empty()) details["subscription_item"] = item.subscription_item;
    object["parent"] = {{"type", "subscription_details"}, {"subscription_details", std::move(details)}};
    return object;
}

json::object RenderInvoicePayment(const View&, const Invoice& invoice) {
    bool paid = invoice.status == "paid" && !invoice.paid_out_of_band;
    std::string status = paid ? "paid" : invoice.voided_at || invoice.paid_out_of_band ? "canceled" : "open";
    auto canceled_at = invoice.voided_at;
    if (invoice.paid_out_of_band) canceled_at = invoice.paid_at;
    json::object object;
    object["id"] = invoice.payment_id;
    object["object"] = "invoice_payment";
    object["amount_paid"] = nullptr;
    if (paid) object["amount_paid"] = invoice.amount_paid;
    object["amount_requested"] = invoice.amount_due;
    object["created"] = ToUnixSeconds(invoice.created);
    object["currency"] = invoice.currency;
    object["invoice"] = invoice.id;
    object["is_default"] = true;
    object["livemode"] = false;
    object["payment"] = {{"type", "payment_intent"}, {"payment_intent", invoice.payment_intent}};
    object["status"] = std::move(status);
    object["status_transitions"] = {{"canceled_at", TimeOrNull(canceled_at)},
                                    {"paid_at", paid ? TimeOrNull(invoice.paid_at) : nullptr}};
    return object;
}

}  // namespace citadel::stripe_sim
