#include "stripe/client.h"

#include <boost/json.hpp>

#include "base/log.h"
#include "runtime/wake.h"

namespace citadel::stripe {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

// A success whose body we cannot read: the other side may have done it all the same.
Failure Unreadable(const std::string& why) {
    Failure failure;
    failure.kind = FailureKind::kUnknown;
    failure.message = "Stripe's answer could not be read: " + why;
    return failure;
}

const json::object* Child(const json::object* object, std::string_view name) {
    auto member = object ? object->if_contains(name) : nullptr;
    return member && member->is_object() ? &member->as_object() : nullptr;
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

LiveInvoice ReadLiveInvoice(const json::object& object) {
    LiveInvoice live;
    live.invoice = ReadInvoice(object);
    auto intent = DefaultPaymentIntent(object);
    if (!intent) return live;
    live.payment_status = ReadText(*intent, "status");
    if (live.invoice.payment_intent.empty()) live.invoice.payment_intent = ReadText(*intent, "id");
    auto error = Child(intent, "last_payment_error");
    if (!error) return live;
    live.has_error = true;
    live.decline_code = ReadText(*error, "decline_code");
    if (live.decline_code.empty()) live.decline_code = ReadText(*error, "code");
    live.advice_code = ReadText(*error, "advice_code");
    live.network_decline_code = ReadText(*error, "network_decline_code");
    live.network_advice_code = ReadText(*error, "network_advice_code");
    return live;
}

// Parses a success and hands its object to `read`; whatever is wrong with it is an unknown outcome.
template <typename T, typename Read>
Outcome<T> ReadAnswer(const http::Answer& answer, Read read) {
    if (auto failure = ReadFailure(answer)) return *failure;
    try {
        return read(json::parse(answer.body).as_object());
    } catch (const std::exception& error) {
        return Unreadable(error.what());
    }
}

}  // namespace

asio::awaitable<http::Answer> Client::Send(std::string method, std::string path, std::string form,
                                           std::string idempotency_key) {
    Random jitter(std::hash<std::string>()(path + idempotency_key));
    for (int sent = 0;; ++sent) {
        http::Call call;
        call.method = method;
        call.url = settings_.base + path;
        call.body = form;
        call.deadline = settings_.deadline;
        call.headers.emplace_back("Authorization", "Bearer " + settings_.key.Reveal());
        call.headers.emplace_back("Stripe-Version", kApiVersion);
        if (!account_.empty()) call.headers.emplace_back("Stripe-Account", account_);
        if (method == "POST") call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        if (!idempotency_key.empty()) call.headers.emplace_back("Idempotency-Key", idempotency_key);
        http::Answer answer = co_await http_.Fetch(std::move(call));
        if (sent >= settings_.resends_max || !ShouldResend(answer)) co_return answer;
        auto wait = std::min(settings_.first_backoff * (1 << sent), std::chrono::milliseconds(5000));
        co_await runtime::Sleep(wait / 2 + std::chrono::milliseconds(jitter.Below(1 + wait.count() / 2)));
    }
}

asio::awaitable<Outcome<LiveInvoice>> Client::RetrieveInvoice(std::string id) {
    auto path = "/v1/invoices/" + http::PercentEncode(id) + "?expand[]=payments.data.payment.payment_intent";
    http::Answer answer = co_await Send("GET", path, "", "");
    Outcome<LiveInvoice> outcome = ReadAnswer<LiveInvoice>(answer, ReadLiveInvoice);
    co_return outcome;
}

asio::awaitable<Outcome<Invoice>> Client::PayInvoice(std::string id, std::string idempotency_key,
                                                     std::string payment_method) {
    std::string form = "off_session=true";
    if (!payment_method.empty()) form += "&payment_method=" + http::PercentEncode(payment_method);
    auto path = "/v1/invoices/" + http::PercentEncode(id) + "/pay";
    http::Answer answer = co_await Send("POST", path, form, std::move(idempotency_key));
    Outcome<Invoice> outcome = ReadAnswer<Invoice>(answer, ReadInvoice);
    co_return outcome;
}

asio::awaitable<Outcome<std::string>> Client::NewestPaymentMethod(std::string customer) {
    auto path = "/v1/customers/" + http::PercentEncode(customer) + "/payment_methods?limit=1";
    http::Answer answer = co_await Send("GET", path, "", "");
    auto read = [](const json::object& list) {
        const auto& data = list.at("data").as_array();
        return data.empty() ? std::string() : ReadText(data.front().as_object(), "id");
    };
    Outcome<std::string> outcome = ReadAnswer<std::string>(answer, read);
    co_return outcome;
}

}  // namespace citadel::stripe
