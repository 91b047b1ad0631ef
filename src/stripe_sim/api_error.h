// An answer that is an error, in Stripe's form. Thrown by whatever finds the mistake, caught once, in
// the API's door.
#pragma once
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace citadel::stripe_sim {

namespace json = boost::json;

struct ApiError {
    int status = 400;
    json::object error;  // what stands under "error"
    std::vector<http::Header> headers;
    bool executed = true;  // false: refused before anything was done, so no idempotency key keeps it
};

// type invalid_request_error; `code` and `param` may be empty.
ApiError InvalidRequest(int status, std::string_view code, std::string message, std::string_view param = {});
// A parameter is wrong: nothing was done.
ApiError BadParameter(std::string_view code, std::string message, std::string_view param);
ApiError UnknownParameter(std::string_view name);
// 404 resource_missing: "No such invoice: 'in_…'".
ApiError NoSuch(std::string_view kind, const std::string& id, std::string_view param);

// 429: nothing was done, nothing is kept.
ApiError RateLimited(std::string_view code, std::string message);
// Another request holds the object. Stripe asks its clients to try again.
ApiError LockTimeout(int status = 429);

http::Reply ReplyWith(const ApiError& error);
// The same as v2 says it: codes of its own for bad fields and missing objects.
http::Reply ReplyAsV2(ApiError error);

}  // namespace citadel::stripe_sim
