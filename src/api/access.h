// Who is calling, before a route runs: a merchant by its session, a worker or an administrator by a shared
// secret. Here also a merchant's share of requests is counted, and the caller's own mistakes become 400.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "api/rate_limit.h"
#include "auth/authenticator.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/types.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

struct Caller {
    MerchantKey merchant;
    std::string user_id;
    std::string session_id;
};
using MerchantHandler = std::function<boost::asio::awaitable<http::Reply>(Caller, http::Request)>;

class Access {
  public:
    struct Keys {
        Secret worker;  // empty: that API answers 403
        Secret admin;   // the same
    };
    // Workers and administrators hold a secret of the operator's and have no share. `authenticator` null:
    // nobody can sign in here, and merchants are told so (503).
    Access(auth::Authenticator* authenticator, postgres::Pool& pool, const Clock& clock, Keys keys,
           RateLimit per_caller)
        : authenticator_(authenticator), pool_(pool), clock_(clock), keys_(std::move(keys)),
          callers_(per_caller) {}

    http::Handler ForMerchant(MerchantHandler handler);
    http::Handler ForWorker(http::Handler handler);
    http::Handler ForAdmin(http::Handler handler);

  private:
    boost::asio::awaitable<http::Reply> ServeMerchant(const MerchantHandler& handler, http::Request request);
    boost::asio::awaitable<http::Reply> ServeKey(const http::Handler& handler, http::Request request,
                                                 const Secret& key, std::string header);
    static boost::asio::awaitable<http::Reply> Serve(boost::asio::awaitable<http::Reply> route);

    auth::Authenticator* authenticator_;
    postgres::Pool& pool_;
    const Clock& clock_;
    Keys keys_;
    RateLimiter callers_;
};

// What a client is told about its share; on a refusal Retry-After as well.
void AddRateLimit(http::Reply& reply, const std::string& policy, const RateLimit& limit,
                  const RateLimiter::Verdict& verdict);
http::Reply TooManyRequests(const std::string& policy, const RateLimit& limit,
                            const RateLimiter::Verdict& verdict);

}  // namespace citadel::api
