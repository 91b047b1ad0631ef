#include "stripe_sim/api_error.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace citadel::stripe_sim {

ApiError InvalidRequest(int status, std::string_view code, std::string message, std::string_view param) {
    ApiError made;
    made.status = status;
    if (!code.empty()) {
        std::string page(code);
        std::ranges::replace(page, '_', '-');
        made.error["code"] = code;
        made.error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
    }
    made.error["message"] = std::move(message);
    if (!param.empty()) made.error["param"] = param;
    made.error["type"] = "invalid_request_error";
    return made;
}

ApiError BadParameter(std::string_view code, std::string message, std::string_view param) {
    auto made = InvalidRequest(400, code, std::move(message), param);
    made.executed = false;
    return made;
}

ApiError UnknownParameter(std::string_view name) {
    return BadParameter("parameter_unknown", fmt::format("Received unknown parameter: {}", name), name);
}

ApiError NoSuch(std::string_view kind, const std::string& id, std::string_view param) {
    return InvalidRequest(404, "resource_missing", fmt::format("No such {}: '{}'", kind, id), param);
}

ApiError RateLimited(std::string_view code, std::string message) {
    auto made = InvalidRequest(429, code, std::move(message));
    made.executed = false;
    return made;
}

ApiError LockTimeout(int status) {
    auto made = RateLimited("lock_timeout",
                            "This object cannot be accessed right now because another API request or Stripe "
                            "process is currently accessing it.");
    made.status = status;
    made.headers.emplace_back("Stripe-Should-Retry", "true");
    return made;
}

http::Reply ReplyWith(const ApiError& error) {
    json::object body;
    body["error"] = error.error;
    auto reply = http::Json(error.status, json::serialize(body));
    reply.headers = error.headers;
    return reply;
}

http::Reply ReplyAsV2(ApiError error) {
    auto& object = error.error;
    bool known = object.contains("code") && object["code"].as_string().find("parameter_") != 0;
    bool plain = object.contains("type") && object["type"] == "invalid_request_error";
    if (plain && error.status == 400 && !known) object["code"] = "invalid_fields";
    if (plain && error.status == 404) object["code"] = "not_found";
    if (plain && (error.status == 400 || error.status == 404)) object.erase("type");
    object.erase("doc_url");
    object.erase("param");
    return ReplyWith(error);
}

}  // namespace citadel::stripe_sim
