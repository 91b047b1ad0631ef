#include "stripe/portal.h"

#include <boost/json.hpp>

namespace citadel::stripe {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

Failure Unreadable(const std::string& why) {
    Failure failure;
    failure.message = "Stripe's answer could not be read: " + why;
    return failure;
}

}  // namespace

asio::awaitable<Outcome<std::string>> CreatePortalSession(Client client, std::string customer,
                                                          std::string locale, std::string idempotency_key) {
    auto form = "customer=" + http::PercentEncode(customer) + "&flow_data%5Btype%5D=payment_method_update";
    if (!locale.empty()) form += "&locale=" + http::PercentEncode(locale);
    http::Answer answer =
        co_await client.Send("POST", "/v1/billing_portal/sessions", form, std::move(idempotency_key));
    if (auto failure = ReadFailure(answer)) co_return *failure;
    std::string unreadable;
    try {
        co_return RequireText(json::parse(answer.body).as_object(), "url");
    } catch (const std::exception& error) {
        unreadable = error.what();
    }
    co_return Unreadable(unreadable);
}

}  // namespace citadel::stripe
