#include "stripe/event.h"

#include <fmt/format.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace citadel::stripe {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 32;

// The objects that decisions look into. Stripe sends many more, and adds some without asking.
constexpr std::array<std::string_view, 9> kReadObjects = {"invoice",        "subscription", "charge",
                                                          "dispute",        "customer",     "payment_intent",
                                                          "payment_method", "card",         "source"};

std::string TextIfThere(const json::object& object, std::string_view name) {
    auto value = object.if_contains(name);
    return value && value->is_string() ? ReadText(object, name) : std::string();
}

// `value` as an object, or BadObject.
const json::object& AsObject(const json::value* value, std::string_view name) {
    if (!value || !value->is_object()) throw BadObject(fmt::format("{} must be an object", name));
    return value->get_object();
}

void ReadInvoiceObject(const json::object& object, Event& event) {
    bool upcoming = event.type == "invoice.upcoming";
    event.invoice = upcoming ? ReadUpcomingInvoice(object) : ReadInvoice(object);
    event.subscription = event.invoice.subscription;
    event.payment_intent = event.invoice.payment_intent;
    event.charge = event.invoice.charge;
}

void ReadSubscription(const json::object& object, Event& event) {
    event.subscription = event.object_id;
    event.metadata_merchant = ReadText(object, "metadata.citadel_merchant_id");
    auto list = object.if_contains("items");
    if (!list || list->is_null()) return;
    auto items = AsObject(list, "items").if_contains("data");
    if (!items || !items->is_array()) throw BadObject("items.data must be a list");
    if (items->get_array().empty()) return;
    const auto& first = AsObject(&items->get_array().front(), "items.data[0]");
    event.price = ReadId(first, "price");
    auto price = first.if_contains("price");
    if (price && price->is_object()) event.price_lookup_key = ReadText(price->get_object(), "lookup_key");
}

void ReadCharge(const json::object& object, Event& event) {
    event.charge = event.object_id;
    event.payment_intent = ReadId(object, "payment_intent");
    event.amount = ReadInteger(object, "amount_refunded").value_or(0);
}

void ReadDispute(const json::object& object, Event& event) {
    event.charge = ReadId(object, "charge");
    event.payment_intent = ReadId(object, "payment_intent");
    event.amount = ReadInteger(object, "amount").value_or(0);
}

// Of a customer or of a subscription: their defaults stand in different places.
bool NamesDefault(const json::value* previous) {
    if (!previous || !previous->is_object()) return false;
    const auto& attributes = previous->get_object();
    if (attributes.contains("default_source") || attributes.contains("default_payment_method")) return true;
    auto settings = attributes.if_contains("invoice_settings");
    return settings && settings->is_object() && settings->get_object().contains("default_payment_method");
}

void ReadCustomer(const json::object& object, const json::value* previous, Event& event) {
    event.customer = event.object_id;
    auto has_default = !ReadId(object, "invoice_settings.default_payment_method").empty() ||
                       !ReadId(object, "default_source").empty();
    event.default_payment_method_changed = has_default && NamesDefault(previous);
}

void ReadSubject(const json::object& object, const json::value* previous, Event& event) {
    event.object_type = TextIfThere(object, "object");
    event.object_id = TextIfThere(object, "id");
    event.customer = TextIfThere(object, "customer");
    if (std::ranges::find(kReadObjects, event.object_type) == kReadObjects.end()) return;

    if (event.type != "invoice.upcoming") event.object_id = RequireText(object, "id");
    event.customer = ReadId(object, "customer");
    event.status = ReadText(object, "status");
    event.currency = ReadText(object, "currency");
    if (event.object_type == "invoice") ReadInvoiceObject(object, event);
    if (event.object_type == "subscription") {
        ReadSubscription(object, event);
        auto has_default =
            !ReadId(object, "default_payment_method").empty() || !ReadId(object, "default_source").empty();
        event.default_payment_method_changed = has_default && NamesDefault(previous);
    }
    if (event.object_type == "charge") ReadCharge(object, event);
    if (event.object_type == "dispute") ReadDispute(object, event);
    if (event.object_type == "customer") ReadCustomer(object, previous, event);
    if (event.object_type == "payment_intent") {
        event.payment_intent = event.object_id;
        event.charge = ReadId(object, "latest_charge");
    }
}

// A refusal names the member by its whole path, as the sender sees it.
void ReadSubjectOf(const json::object& event_json, Event& event) {
    const auto& data = AsObject(event_json.if_contains("data"), "data");
    const auto& object = AsObject(data.if_contains("object"), "data.object");
    try {
        ReadSubject(object, data.if_contains("previous_attributes"), event);
    } catch (const BadObject& bad) {
        throw BadObject(fmt::format("data.object.{}", bad.what()));
    }
}

void ReadEnvelope(const json::object& object, Event& event) {
    event.created = ReadTime(object, "created").value_or(Time());
    event.account = ReadId(object, "account");
    event.api_version = ReadText(object, "api_version");
    event.livemode = ReadFlag(object, "livemode");
    event.request_idempotency_key = ReadId(object, "request.idempotency_key");
}

}  // namespace

Event ParseEvent(std::string_view body) {
    // Nothing of the tree outlives this call, so it lives in one buffer and is dropped whole.
    unsigned char buffer[32 * 1024];
    json::monotonic_resource memory(buffer, sizeof buffer);
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::error_code error;
    auto value = json::parse(json::string_view(body.data(), body.size()), error, &memory, options);
    if (error == json::error::too_deep) {
        throw BadObject(fmt::format("the body is nested deeper than {} levels", kDepthMax));
    }
    if (error) throw BadObject(fmt::format("the body must be one JSON object ({})", error.message()));
    if (!value.is_object()) throw BadObject("the body must be one JSON object");
    return ReadEvent(value.get_object());
}

Event ReadEvent(const json::object& object) {
    auto format = ReadText(object, "object");
    auto thin = format == "v2.core.event";
    if (!thin && !format.empty() && format != "event") throw BadObject("object must be \"event\"");
    Event event;
    event.id = RequireText(object, "id");
    event.type = RequireText(object, "type");
    if (thin) return event;
    ReadEnvelope(object, event);
    ReadSubjectOf(object, event);
    return event;
}

}  // namespace citadel::stripe
