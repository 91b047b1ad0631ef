// Account, customer, subscription and invoice.
#include <fmt/format.h>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

json::object RenderPlan(const View& view, const Price& price) {
    auto plan = BlankObject(ObjectKind::kPlan, view.shape);
    plan["id"] = price.id;
    plan["amount"] = price.amount;
    plan["amount_decimal"] = std::to_string(price.amount);
    plan["created"] = ToUnixSeconds(price.created);
    plan["currency"] = price.currency;
    plan["product"] = price.product;
    return plan;
}

json::object RenderPrice(const View& view, const Price& price) {
    auto object = BlankObject(ObjectKind::kPrice, view.shape);
    object["id"] = price.id;
    object["created"] = ToUnixSeconds(price.created);
    object["currency"] = price.currency;
    object["product"] = price.product;
    object["unit_amount"] = price.amount;
    object["unit_amount_decimal"] = std::to_string(price.amount);
    return object;
}

json::object RenderItem(const View& view, const Subscription& subscription) {
    auto item = BlankObject(ObjectKind::kSubscriptionItem, view.shape);
    item["id"] = subscription.item_id;
    item["created"] = ToUnixSeconds(subscription.created);
    item["subscription"] = subscription.id;
    item["plan"] = RenderPlan(view, subscription.price);
    item["price"] = RenderPrice(view, subscription.price);
    if (view.shape == Shape::kBasil) {
        item["current_period_start"] = ToUnixSeconds(subscription.period_start);
        item["current_period_end"] = ToUnixSeconds(subscription.period_end);
    }
    return item;
}

// Where the line comes from and what it costs: the part of a line in which the shapes differ.
void AddLineOrigin(const View& view, const Invoice& invoice, json::object& line) {
    if (view.shape == Shape::kBeforeBasil) {
        line["plan"] = RenderPlan(view, invoice.price);
        line["price"] = RenderPrice(view, invoice.price);
        line["subscription_item"] = invoice.subscription_item;
        line["amount_excluding_tax"] = invoice.total;
        line["unit_amount_excluding_tax"] = std::to_string(invoice.total);
        return;
    }
    line["subtotal"] = invoice.total;
    line["parent"] = {{"type", "subscription_item_details"},
                      {"invoice_item_details", nullptr},
                      {"subscription_item_details",
                       {{"invoice_item", nullptr},
                        {"proration", false},
                        {"proration_details", {{"credited_items", nullptr}}},
                        {"subscription", invoice.subscription},
                        {"subscription_item", invoice.subscription_item}}}};
    line["pricing"] = {{"type", "price_details"},
                       {"price_details", {{"price", invoice.price.id}, {"product", invoice.price.product}}},
                       {"unit_amount_decimal", std::to_string(invoice.price.amount)}};
}

json::object RenderLine(const View& view, const Invoice& invoice) {
    auto line = BlankObject(ObjectKind::kInvoiceLine, view.shape);
    line["id"] = invoice.line_id;
    line["amount"] = invoice.total;
    line["currency"] = invoice.price.currency;
    line["description"] = fmt::format("1 × {}", invoice.price.product_name);
    line["invoice"] = invoice.id;
    line["subscription"] = invoice.subscription;
    json::object period;
    period["start"] = ToUnixSeconds(invoice.period_start);
    period["end"] = ToUnixSeconds(invoice.period_end);
    line["period"] = std::move(period);
    AddLineOrigin(view, invoice, line);
    return line;
}

void AddAmounts(const View& view, const Invoice& invoice, json::object& object) {
    object["amount_due"] = invoice.total;
    object["amount_paid"] = invoice.amount_paid;
    object["amount_remaining"] = invoice.total - invoice.amount_paid;
    object["subtotal"] = invoice.total;
    object["subtotal_excluding_tax"] = invoice.total;
    object["total"] = invoice.total;
    object["total_excluding_tax"] = invoice.total;
    object["currency"] = invoice.price.currency;
    // Money that did not come through Stripe counts as paid since basil, and did not before.
    if (invoice.paid_out_of_band && view.shape == Shape::kBasil) {
        object["amount_paid"] = invoice.total;
        object["amount_remaining"] = 0;
        object["amount_paid_off_stripe"] = invoice.total;
    }
}

// Subscription, payment and what became of it: the part of an invoice in which the shapes differ.
void AddLinks(const View& view, const Invoice& invoice, json::object& object) {
    auto metadata = RenderMetadata(invoice.subscription_metadata);
    if (view.shape == Shape::kBeforeBasil) {
        object["subscription"] = invoice.subscription;
        object["subscription_details"] = {{"metadata", std::move(metadata)}};
        object["payment_intent"] = invoice.finalized_at ? TextOrNull(invoice.payment_intent) : nullptr;
        object["charge"] = TextOrNull(invoice.charge);
        object["paid"] = invoice.status == "paid";
        object["paid_out_of_band"] = invoice.paid_out_of_band;
        return;
    }
    object["parent"] = {{"type", "subscription_details"},
                        {"quote_details", nullptr},
                        {"subscription_details",
                         {{"metadata", std::move(metadata)}, {"subscription", invoice.subscription}}}};
    if (invoice.status == "uncollectible") {
        object["status_details"] = {{"uncollectible", {{"reason", invoice.uncollectible_reason}}}};
    }
}

void AddState(const View& view, const Invoice& invoice, json::object& object) {
    object["status"] = invoice.status;
    object["attempt_count"] = invoice.attempt_count;
    object["attempted"] = invoice.attempted;
    object["auto_advance"] = invoice.auto_advance;
    object["next_payment_attempt"] = TimeOrNull(invoice.next_payment_attempt);
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
    object["ending_balance"] = 0;
    object["invoice_pdf"] = url + "/pdf";
    object["hosted_invoice_url"] = std::move(url);
}

}  // namespace

json::object Render(const View& view, const Account& account) {
    auto object = BlankObject(ObjectKind::kAccount, view.shape);
    object["id"] = account.id;
    object["email"] = TextOrNull(account.email);
    object["country"] = account.country;
    object["created"] = ToUnixSeconds(account.created);
    object["default_currency"] = account.currency;
    object["charges_enabled"] = true;
    object["business_profile"].as_object()["name"] = account.name;
    object["settings"].as_object()["dashboard"].as_object()["display_name"] = account.name;
    object["external_accounts"] =
        RenderList({}, false, fmt::format("/v1/accounts/{}/external_accounts", account.id));
    auto& requirements = object["requirements"].as_object();
    requirements["currently_due"] = json::array();
    requirements["eventually_due"] = json::array();
    requirements["disabled_reason"] = nullptr;
    return object;
}

json::object Render(const View& view, const Customer& customer) {
    auto object = BlankObject(ObjectKind::kCustomer, view.shape);
    object["id"] = customer.id;
    object["email"] = TextOrNull(customer.email);
    object["name"] = TextOrNull(customer.name);
    object["created"] = ToUnixSeconds(customer.created);
    object["currency"] = TextOrNull(customer.currency);
    object["delinquent"] = customer.delinquent;
    object["invoice_prefix"] = customer.invoice_prefix;
    object["next_invoice_sequence"] = customer.next_invoice_sequence;
    object["metadata"] = RenderMetadata(customer.metadata);
    json::array locales;
    if (!customer.locale.empty()) locales.emplace_back(customer.locale);
    object["preferred_locales"] = std::move(locales);
    auto& settings = object["invoice_settings"].as_object();
    settings["default_payment_method"] = TextOrNull(customer.default_payment_method);
    return object;
}

json::object Render(const View& view, const Subscription& subscription) {
    auto object = BlankObject(ObjectKind::kSubscription, view.shape);
    object["id"] = subscription.id;
    object["customer"] = subscription.customer;
    object["status"] = subscription.status;
    object["currency"] = subscription.price.currency;
    object["created"] = ToUnixSeconds(subscription.created);
    object["start_date"] = ToUnixSeconds(subscription.created);
    object["billing_cycle_anchor"] = ToUnixSeconds(subscription.created);
    object["default_payment_method"] = TextOrNull(subscription.default_payment_method);
    object["latest_invoice"] = TextOrNull(subscription.latest_invoice);
    object["cancel_at_period_end"] = false;
    object["canceled_at"] = TimeOrNull(subscription.canceled_at);
    object["ended_at"] = TimeOrNull(subscription.canceled_at);
    object["metadata"] = RenderMetadata(subscription.metadata);
    auto& details = object["cancellation_details"].as_object();
    details["reason"] = TextOrNull(subscription.cancel_reason);
    details["comment"] = TextOrNull(subscription.cancel_comment);
    details["feedback"] = TextOrNull(subscription.cancel_feedback);
    if (view.shape == Shape::kBeforeBasil) {
        object["current_period_start"] = ToUnixSeconds(subscription.period_start);
        object["current_period_end"] = ToUnixSeconds(subscription.period_end);
    }
    json::array items;
    items.emplace_back(RenderItem(view, subscription));
    object["items"] =
        RenderList(std::move(items), false, "/v1/subscription_items?subscription=" + subscription.id);
    return object;
}

json::object Render(const View& view, const Invoice& invoice) {
    auto object = BlankObject(ObjectKind::kInvoice, view.shape);
    object["id"] = invoice.id;
    object["account_country"] = view.account.country;
    object["account_name"] = view.account.name;
    object["billing_reason"] = invoice.billing_reason;
    object["created"] = ToUnixSeconds(invoice.created);
    object["customer"] = invoice.customer;
    object["customer_email"] = TextOrNull(invoice.customer_email);
    object["customer_name"] = TextOrNull(invoice.customer_name);
    object["default_payment_method"] = TextOrNull(invoice.default_payment_method);
    object["metadata"] = RenderMetadata(invoice.metadata);
    object["period_start"] = ToUnixSeconds(invoice.last_period_start);
    object["period_end"] = ToUnixSeconds(invoice.period_start);
    object["webhooks_delivered_at"] = ToUnixSeconds(invoice.created);
    json::array lines;
    lines.emplace_back(RenderLine(view, invoice));
    object["lines"] = RenderList(std::move(lines), false, fmt::format("/v1/invoices/{}/lines", invoice.id));
    AddAmounts(view, invoice, object);
    AddState(view, invoice, object);
    AddLinks(view, invoice, object);
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
    object["amount_requested"] = invoice.total;
    object["created"] = ToUnixSeconds(invoice.created);
    object["currency"] = invoice.price.currency;
    object["invoice"] = invoice.id;
    object["is_default"] = true;
    object["livemode"] = false;
    object["payment"] = {{"type", "payment_intent"}, {"payment_intent", invoice.payment_intent}};
    object["status"] = std::move(status);
    object["status_transitions"] = {{"canceled_at", TimeOrNull(canceled_at)},
                                    {"paid_at", paid ? TimeOrNull(invoice.paid_at) : nullptr}};
    return object;
}

json::object RenderList(json::array data, bool has_more, std::string url) {
    json::object list;
    list["object"] = "list";
    list["data"] = std::move(data);
    list["has_more"] = has_more;
    list["url"] = std::move(url);
    return list;
}

json::value TextOrNull(std::string_view text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

json::value TimeOrNull(const std::optional<Time>& time) {
    if (!time) return nullptr;
    return ToUnixSeconds(*time);
}

json::object RenderMetadata(const Metadata& metadata) {
    json::object object;
    for (const auto& [key, value] : metadata) object[key] = value;
    return object;
}

}  // namespace citadel::stripe_sim
