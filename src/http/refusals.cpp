#include "http/refusals.h"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include "base/error.h"
#include "base/log.h"

namespace citadel::http {

namespace asio = boost::asio;
namespace wire = boost::beast::http;

Reply RefuseUnreadable(const boost::system::error_code& error) {
    if (error == wire::error::body_limit) {
        return Problem(413, "body_too_large", "The body is larger than 1 MiB, the most this server takes.");
    }
    if (error == wire::error::header_limit) {
        return Problem(431, "headers_too_large",
                       "The request's headers are too large; send fewer or shorter ones.");
    }
    if (error == asio::error::timed_out) {
        return Problem(408, "request_timeout", "The request did not arrive whole in time; send it again.");
    }
    return Problem(400, "bad_request", "This is not an HTTP/1.1 request: " + error.message() + ".");
}

Reply RefuseAfter(std::exception_ptr failure, const std::string& request_id) {
    try {
        std::rethrow_exception(failure);
    } catch (const Trouble& trouble) {
        log::Warn("request_failed", {{"request_id", request_id}, {"error", trouble.what()}});
        if (trouble.kind() == TroubleKind::kOverloaded) {
            return Problem(503, "overloaded",
                           "Too much is waiting; send the request again after Retry-After seconds.");
        }
        if (trouble.kind() == TroubleKind::kUnavailable || trouble.kind() == TroubleKind::kUnknown) {
            return Problem(503, "database_unavailable",
                           "The database is away; send the request again later.");
        }
    } catch (const std::exception& error) {
        log::Error("request_failed", {{"request_id", request_id}, {"error", error.what()}});
    }
    return Problem(500, "internal_error", "Something went wrong here; it was logged under the requestId.");
}

}  // namespace citadel::http
