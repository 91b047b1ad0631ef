#include "api/webhook_routes.h"

#include <boost/json.hpp>

#include "base/log.h"
#include "stripe/signature.h"

namespace citadel::api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

http::Reply Received(const store::IntakeResult& result) {
    json::object answer{{"action", store::NameOf(result.action)}, {"reason", result.reason}};
    if (result.task_id) answer["taskId"] = std::to_string(*result.task_id);
    return http::Json(200, json::serialize(json::object{{"received", true}, {"result", std::move(answer)}}));
}

}  // namespace

asio::awaitable<http::Reply> StripeWebhook::Receive(http::Request request) {
    // Meant in wall time: how long a delivery may be under way.
    auto tolerance = clock_.Stretch(std::chrono::seconds(300));
    auto verdict = stripe::VerifySignature(request.header("Stripe-Signature"), request.body, secrets_,
                                           clock_.Now(), tolerance);
    if (verdict != stripe::SignatureVerdict::kValid) {
        log::Warn("webhook_refused", {{"request_id", request.request_id}, {"why", stripe::Explain(verdict)}});
        count_("refused");
        co_return http::Problem(400, "signature_invalid", stripe::Explain(verdict));
    }
    Reached(at_step_, "signature_checked");
    stripe::Event event;
    std::string unreadable;
    try {
        event = stripe::ParseEvent(request.body);
    } catch (const stripe::BadObject& bad) {
        unreadable = bad.what();
    }
    if (!unreadable.empty()) {
        count_("refused");
        co_return http::Problem(400, "event_invalid", unreadable);
    }
    store::IntakeResult result = co_await inbox_.Store(event);
    count_(std::string(store::NameOf(result.action)));
    co_return Received(result);
}

}  // namespace citadel::api
