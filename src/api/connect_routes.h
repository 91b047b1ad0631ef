// How a merchant connects its Stripe account and leaves: thin over connect/accounts. Whoever comes back from
// Stripe's page is sent to the dashboard, at PUBLIC_URL and nowhere else, with connected=true or error=CODE.
#pragma once
#include "auth/authenticator.h"
#include "connect/accounts.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class ConnectRoutes {
  public:
    // `public_url` may be filled in until the first request comes.
    ConnectRoutes(auth::Authenticator& authenticator, postgres::Pool& pool, const Clock& clock,
                  connect::Accounts& accounts, const std::string& public_url)
        : authenticator_(authenticator), pool_(pool), clock_(clock), accounts_(accounts),
          public_url_(public_url) {}

    boost::asio::awaitable<http::Reply> Authorize(
        http::Request request);  // POST /api/stripe/connect/authorize
    boost::asio::awaitable<http::Reply> Callback(http::Request request);  // GET  /api/stripe/connect/callback
    boost::asio::awaitable<http::Reply> RestrictedKey(
        http::Request request);                                             // POST …/connect/restricted-key
    boost::asio::awaitable<http::Reply> Disconnect(http::Request request);  // POST /api/stripe/disconnect

  private:
    struct Caller {
        auth::Session session;
        MerchantKey merchant;
    };
    // The caller, or the answer that refuses it.
    boost::asio::awaitable<std::variant<Caller, http::Reply>> WhoCalls(http::Request request, bool on_return);

    auth::Authenticator& authenticator_;
    postgres::Pool& pool_;
    const Clock& clock_;
    connect::Accounts& accounts_;
    const std::string& public_url_;
};

}  // namespace citadel::api
