// Who is calling as a merchant: a request's Clerk session, or why it is none. The one implementation with
// real keys is auth/clerk; tests of routes bring their own.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"

namespace citadel::auth {

struct Session {
    std::string user_id;     // user_…
    std::string session_id;  // sess_…
};

enum class Refusal {
    kMissing,        // neither bearer nor cookie                                     401
    kExpired,        // routine: a session token lives a minute                       401
    kInvalid,        // forged, foreign, of another kind                              401
    kForeignOrigin,  // the cookie, an unsafe method, and no Origin that is ours      403
    kUnavailable,    // no key set could be fetched yet: we cannot tell               503
};

// The stable code of the problem answer.
std::string_view CodeOf(Refusal refusal);

class Authenticator {
  public:
    virtual ~Authenticator() = default;
    virtual boost::asio::awaitable<std::variant<Session, Refusal>> Authenticate(http::Request request) = 0;
    // The same for the browser that comes back from Stripe's page: a session token lives a minute and the
    // merchant was away for longer, so one that expired in the last kReturnGrace still says whose browser it
    // is. The one-use state that such a request has to bring is what allows anything.
    virtual boost::asio::awaitable<std::variant<Session, Refusal>> AuthenticateReturn(http::Request request) {
        return Authenticate(std::move(request));
    }
    static constexpr std::chrono::minutes kReturnGrace{10};
};

}  // namespace citadel::auth
