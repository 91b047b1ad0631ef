// Customers and their payment methods.
#include <fmt/format.h>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
namespace {

json::value RenderInvoiceFields(const Customer& customer) {
    if (customer.invoice_fields.empty()) return nullptr;
    json::array fields;
    for (const auto& [name, value] : customer.invoice_fields)
        fields.push_back({{"name", name}, {"value", value}});
    return fields;
}

void FillBilling(const BillingDetails& details, json::object& billing) {
    billing["address"] = RenderAddress(details.address);
    billing["email"] = TextOrNull(details.email);
    billing["name"] = TextOrNull(details.name);
    billing["phone"] = TextOrNull(details.phone);
}

}  // namespace

json::object RenderAddress(const Address& address) {
    json::object object;
    object["city"] = TextOrNull(address.city);
    object["country"] = TextOrNull(address.country);
    object["line1"] = TextOrNull(address.line1);
    object["line2"] = TextOrNull(address.line2);
    object["postal_code"] = TextOrNull(address.postal_code);
    object["state"] = TextOrNull(address.state);
    return object;
}

json::value RenderShipping(const std::optional<Shipping>& shipping) {
    if (!shipping) return nullptr;
    json::object object;
    object["address"] = RenderAddress(shipping->address);
    object["carrier"] = TextOrNull(shipping->carrier);
    object["name"] = shipping->name;
    object["phone"] = TextOrNull(shipping->phone);
    object["tracking_number"] = TextOrNull(shipping->tracking_number);
    return object;
}

json::object RenderCardFacts(const Card& card) {
    json::object object;
    object["brand"] = card.brand;
    object["country"] = card.country;
    object["exp_month"] = card.exp_month;
    object["exp_year"] = card.exp_year;
    object["fingerprint"] = card.fingerprint;
    object["funding"] = card.funding;
    object["last4"] = card.last4;
    return object;
}

json::object Render(const View& view, const Customer& customer) {
    if (customer.deleted) return RenderDeleted(customer.id, "customer");
    auto object = BlankObject(ObjectKind::kCustomer, view.shape);
    object["id"] = customer.id;
    object["address"] = nullptr;
    if (customer.address) object["address"] = RenderAddress(*customer.address);
    object["balance"] = customer.balance;
    object["created"] = ToUnixSeconds(customer.created);
    object["currency"] = TextOrNull(customer.currency);
    object["default_source"] = TextOrNull(customer.default_source);
    object["delinquent"] = customer.delinquent;
    object["description"] = TextOrNull(customer.description);
    object["email"] = TextOrNull(customer.email);
    object["invoice_prefix"] = customer.invoice_prefix;
    object["metadata"] = RenderMetadata(customer.metadata);
    object["name"] = TextOrNull(customer.name);
    object["next_invoice_sequence"] = customer.next_invoice_sequence;
    object["phone"] = TextOrNull(customer.phone);
    object["preferred_locales"] = json::array(customer.locales.begin(), customer.locales.end());
    object["shipping"] = RenderShipping(customer.shipping);
    object["tax_exempt"] = customer.tax_exempt;
    object["test_clock"] = TextOrNull(customer.test_clock);
    auto& settings = object["invoice_settings"].as_object();
    settings["custom_fields"] = RenderInvoiceFields(customer);
    settings["default_payment_method"] = TextOrNull(customer.default_payment_method);
    settings["footer"] = TextOrNull(customer.invoice_footer);
    return object;
}

json::object Render(const View& view, const PaymentMethod& method) {
    auto object = BlankObject(ObjectKind::kPaymentMethod, view.shape);
    object["id"] = method.id;
    object["allow_redisplay"] = method.allow_redisplay;
    object["customer"] = TextOrNull(method.customer);
    object["created"] = ToUnixSeconds(method.created);
    object["metadata"] = RenderMetadata(method.metadata);
    FillBilling(method.billing, object["billing_details"].as_object());
    auto& card = object["card"].as_object();
    for (auto& [name, value] : RenderCardFacts(method.card)) card[name] = value;
    card["display_brand"] = method.card.brand;
    card["networks"] = {{"available", json::array{method.card.brand}}, {"preferred", nullptr}};
    return object;
}

json::object RenderSource(const View& view, const PaymentMethod& method) {
    auto object = BlankObject(ObjectKind::kCardSource, view.shape);
    for (auto& [name, value] : RenderCardFacts(method.card)) object[name] = value;
    static constexpr std::pair<std::string_view, std::string_view> kBrands[] = {
        {"visa", "Visa"},          {"mastercard", "MasterCard"}, {"amex", "American Express"}, {"jcb", "JCB"},
        {"diners", "Diners Club"}, {"discover", "Discover"},     {"unionpay", "UnionPay"}};
    for (const auto& [code, name] : kBrands) {
        if (method.card.brand == code) object["brand"] = name;
    }
    const auto& address = method.billing.address;
    object["id"] = method.id;
    object["address_city"] = TextOrNull(address.city);
    object["address_country"] = TextOrNull(address.country);
    object["address_line1"] = TextOrNull(address.line1);
    object["address_line2"] = TextOrNull(address.line2);
    object["address_state"] = TextOrNull(address.state);
    object["address_zip"] = TextOrNull(address.postal_code);
    object["customer"] = TextOrNull(method.customer);
    object["metadata"] = RenderMetadata(method.metadata);
    object["name"] = TextOrNull(method.billing.name);
    return object;
}

}  // namespace citadel::stripe_sim
