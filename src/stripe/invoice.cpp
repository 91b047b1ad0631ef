#include "stripe/invoice.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace citadel::stripe {
namespace {

namespace json = boost::json;

constexpr std::size_t kIdBytesMax = 255;               // Stripe's own limit; also keeps index rows small
constexpr std::int64_t kLastSecond = 253'402'300'799;  // end of the year 9999

[[noreturn]] void Refuse(std::string_view name, std::string_view expected) {
    throw BadObject(fmt::format("{} must be {}", name, expected));
}

// The member that a dotted name leads to; nullptr where a step is missing or null.
const json::value* Find(const json::object& object, std::string_view name) {
    const json::object* here = &object;
    for (std::size_t begin = 0;;) {
        auto dot = name.find('.', begin);
        auto found = here->if_contains(name.substr(begin, dot - begin));
        if (!found || found->is_null()) return nullptr;
        if (dot == std::string_view::npos) return found;
        here = found->if_object();
        if (!here) Refuse(name.substr(0, dot), "an object");
        begin = dot + 1;
    }
}

// PostgreSQL's text cannot hold NUL: one such event would spoil the batch it is committed with.
std::string TextOf(const json::value& value, std::string_view name) {
    auto text = value.if_string();
    if (!text) Refuse(name, "a text");
    if (text->find('\0') != json::string::npos) Refuse(name, "a text without NUL characters");
    return std::string(text->data(), text->size());
}

std::string ShortTextOf(const json::value& value, std::string_view name) {
    auto text = TextOf(value, name);
    if (text.size() > kIdBytesMax) Refuse(name, fmt::format("at most {} bytes long", kIdBytesMax));
    return text;
}

void ReadPayment(const json::object& entry, Invoice& invoice) {
    invoice.payment_intent = ReadId(entry, "payment.payment_intent");
    invoice.charge = ReadId(entry, "payment.charge");
    auto intent = Find(entry, "payment.payment_intent");
    if (intent && intent->is_object()) invoice.charge = ReadId(intent->get_object(), "latest_charge");
}

// Since 2025-03-31 payments are a list, there only when expanded; the default entry is the one that
// Stripe's collection drives.
void ReadPaymentsList(const json::object& object, Invoice& invoice) {
    auto list = Find(object, "payments.data");
    if (!list) return;
    if (!list->is_array()) Refuse("payments.data", "a list");
    for (const auto& entry : list->get_array()) {
        if (!entry.is_object()) Refuse("payments.data", "a list of objects");
        if (!ReadFlag(entry.get_object(), "is_default")) continue;
        ReadPayment(entry.get_object(), invoice);
        return;
    }
}

void ReadOldPayment(const json::object& object, Invoice& invoice) {
    invoice.payment_intent = ReadId(object, "payment_intent");
    invoice.charge = ReadId(object, "charge");
    auto intent = Find(object, "payment_intent");
    if (invoice.charge.empty() && intent && intent->is_object()) {
        invoice.charge = ReadId(intent->get_object(), "latest_charge");
    }
}

void ReadLinks(const json::object& object, Invoice& invoice) {
    invoice.subscription = ReadId(object, "parent.subscription_details.subscription");
    if (invoice.subscription.empty()) invoice.subscription = ReadId(object, "subscription");
    if (object.contains("payment_intent") || object.contains("charge")) ReadOldPayment(object, invoice);
    else ReadPaymentsList(object, invoice);
    // The newer shape has no flag; money that did not come through Stripe says the same.
    auto paid_elsewhere = ReadInteger(object, "amount_paid_off_stripe").value_or(0) > 0;
    invoice.paid_out_of_band =
        ReadFlag(object, "paid_out_of_band") || (invoice.status == "paid" && paid_elsewhere);
}

void ReadCustomer(const json::object& object, Invoice& invoice) {
    invoice.customer = ReadId(object, "customer");
    invoice.customer_email = ReadText(object, "customer_email");
    invoice.customer_name = ReadText(object, "customer_name");
    invoice.customer_country = ReadText(object, "customer_address.country");
}

}  // namespace

Invoice ReadInvoice(const json::object& object) {
    auto id = RequireText(object, "id");
    Invoice invoice = ReadUpcomingInvoice(object);
    invoice.id = std::move(id);
    return invoice;
}

Invoice ReadUpcomingInvoice(const json::object& object) {
    Invoice invoice;
    invoice.status = ReadText(object, "status");
    invoice.billing_reason = ReadText(object, "billing_reason");
    invoice.collection_method = ReadText(object, "collection_method");
    invoice.currency = ReadText(object, "currency");
    invoice.created = ReadTime(object, "created");
    invoice.amount_due = ReadInteger(object, "amount_due").value_or(0);
    invoice.amount_paid = ReadInteger(object, "amount_paid").value_or(0);
    invoice.amount_remaining = ReadInteger(object, "amount_remaining").value_or(0);
    invoice.attempt_count = ReadInteger(object, "attempt_count").value_or(0);
    invoice.auto_advance = ReadFlag(object, "auto_advance");
    invoice.next_payment_attempt = ReadTime(object, "next_payment_attempt");
    invoice.hosted_invoice_url = ReadText(object, "hosted_invoice_url");
    invoice.number = ReadText(object, "number");
    invoice.payment_method = ReadId(object, "default_payment_method");
    ReadCustomer(object, invoice);
    ReadLinks(object, invoice);
    return invoice;
}

std::string ReadText(const json::object& object, std::string_view name) {
    auto value = Find(object, name);
    return value ? TextOf(*value, name) : std::string();
}

bool ReadFlag(const json::object& object, std::string_view name) {
    auto value = Find(object, name);
    if (!value) return false;
    if (!value->is_bool()) Refuse(name, "true or false");
    return value->get_bool();
}

std::optional<std::int64_t> ReadInteger(const json::object& object, std::string_view name) {
    auto value = Find(object, name);
    if (!value) return std::nullopt;
    if (!value->is_int64()) Refuse(name, "an integer that fits 64 bits");
    return value->get_int64();
}

std::optional<Time> ReadTime(const json::object& object, std::string_view name) {
    auto seconds = ReadInteger(object, name);
    if (!seconds) return std::nullopt;
    if (*seconds < 0 || *seconds > kLastSecond) Refuse(name, "a time in Unix seconds before the year 10000");
    return FromUnixSeconds(*seconds);
}

std::string ReadId(const json::object& object, std::string_view name) {
    auto value = Find(object, name);
    if (!value) return {};
    if (auto expanded = value->if_object()) value = expanded->if_contains("id");
    if (!value || !value->is_string()) Refuse(name, "an id (a text) or an object with an id");
    return ShortTextOf(*value, name);
}

std::string RequireText(const json::object& object, std::string_view name) {
    auto value = Find(object, name);
    if (!value || !value->is_string() || value->get_string().empty())
        Refuse(name, "a text that is not empty");
    return ShortTextOf(*value, name);
}

}  // namespace citadel::stripe
