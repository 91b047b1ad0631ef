#include "stripe/live_invoice.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cctype>

namespace citadel::stripe {

namespace json = boost::json;

namespace {

const json::object* Child(const json::object* object, std::string_view name) {
    auto member = object ? object->if_contains(name) : nullptr;
    return member ? member->if_object() : nullptr;
}

// payments.data[default].payment.payment_intent, expanded.
const json::object* DefaultPaymentIntent(const json::object& invoice) {
    auto payments = Child(&invoice, "payments");
    auto data = payments ? payments->if_contains("data") : nullptr;
    if (!data || !data->is_array()) return nullptr;
    const json::object* first = nullptr;
    for (const auto& entry : data->as_array()) {
        if (!entry.is_object()) continue;
        auto intent = Child(Child(&entry.as_object(), "payment"), "payment_intent");
        if (!first) first = intent;
        auto is_default = entry.as_object().if_contains("is_default");
        if (intent && is_default && is_default->is_bool() && is_default->as_bool()) return intent;
    }
    return first;
}

std::string LowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// A member that is an expanded method, or the bare id of one; nullopt when it is null or not there.
std::optional<PaymentMethod> MethodAt(const json::object* object, std::string_view name) {
    auto member = object ? object->if_contains(name) : nullptr;
    if (!member || member->is_null()) return std::nullopt;
    if (auto expanded = member->if_object()) return ReadPaymentMethod(*expanded);
    PaymentMethod method;
    if (member->is_string()) method.id = std::string(member->as_string());
    if (method.id.empty()) return std::nullopt;
    return method;
}

std::optional<PaymentMethod> MethodToBeCharged(const json::object& invoice) {
    auto subscription = Child(Child(Child(&invoice, "parent"), "subscription_details"), "subscription");
    if (!subscription) subscription = Child(&invoice, "subscription");
    std::optional<PaymentMethod> method = MethodAt(&invoice, "default_payment_method");
    if (!method) method = MethodAt(&invoice, "default_source");
    if (!method) method = MethodOfSubscription(subscription, Child(&invoice, "customer"));
    return method;
}

void ReadPayment(const json::object& intent, LiveInvoice& live) {
    live.payment_status = ReadText(intent, "status");
    live.latest_charge = ReadId(intent, "latest_charge");
    if (live.invoice.payment_intent.empty()) live.invoice.payment_intent = ReadText(intent, "id");
    auto error = Child(&intent, "last_payment_error");
    if (!error) return;
    live.has_error = true;
    live.decline_code = ReadText(*error, "decline_code");
    if (live.decline_code.empty()) live.decline_code = ReadText(*error, "code");
    live.advice_code = ReadText(*error, "advice_code");
    live.network_decline_code = ReadText(*error, "network_decline_code");
    live.network_advice_code = ReadText(*error, "network_advice_code");
    if (auto failed = MethodAt(error, "payment_method")) live.failed_method = *failed;
}

}  // namespace

std::string FirstLocale(const json::object* customer) {
    auto list = customer ? customer->if_contains("preferred_locales") : nullptr;
    if (!list || !list->is_array() || list->as_array().empty()) return {};
    const auto& first = list->as_array().front();
    constexpr std::size_t kLongest = 35;  // of any BCP 47 tag in use
    bool good = first.is_string() && first.as_string().size() <= kLongest;
    return good ? std::string(first.as_string()) : std::string();
}

std::optional<PaymentMethod> MethodOfSubscription(const json::object* subscription,
                                                  const json::object* customer) {
    std::optional<PaymentMethod> method = MethodAt(subscription, "default_payment_method");
    if (!method) method = MethodAt(subscription, "default_source");
    if (!method) method = MethodAt(Child(customer, "invoice_settings"), "default_payment_method");
    if (!method) method = MethodAt(customer, "default_source");
    return method;
}

PaymentMethod ReadPaymentMethod(const json::object& object) {
    PaymentMethod method;
    method.id = RequireText(object, "id");
    // A source of old has the card's members at its top.
    const json::object* card = Child(&object, "card");
    if (!card && ReadText(object, "object") == "card") card = &object;
    if (!card) return method;
    method.fingerprint = ReadText(*card, "fingerprint");
    method.brand = LowerCase(ReadText(*card, "brand"));
    method.funding = ReadText(*card, "funding");
    method.country = ReadText(*card, "country");
    method.last4 = ReadText(*card, "last4");
    method.exp_month = static_cast<int>(ReadInteger(*card, "exp_month").value_or(0));
    method.exp_year = static_cast<int>(ReadInteger(*card, "exp_year").value_or(0));
    return method;
}

LiveInvoice ReadLiveInvoice(const json::object& object) {
    LiveInvoice live;
    live.invoice = ReadInvoice(object);
    live.method = MethodToBeCharged(object);
    live.customer_country = live.invoice.customer_country;
    if (live.customer_country.empty()) {
        if (auto address = Child(Child(&object, "customer"), "address"))
            live.customer_country = ReadText(*address, "country");
    }
    live.customer_locale = FirstLocale(Child(&object, "customer"));
    if (auto intent = DefaultPaymentIntent(object)) ReadPayment(*intent, live);
    return live;
}

}  // namespace citadel::stripe
