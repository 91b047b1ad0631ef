// DEMO ONLY: signs anybody in who asks (auth/local_issuer). These routes exist in processes that were started
// with the local issuer and nowhere else.
#pragma once
#include "auth/local_issuer.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class LocalSignIn {
  public:
    // `own_origins`: this process's own addresses; the first is the party that tokens are made for. They may
    // be filled in until the first request comes.
    LocalSignIn(const auth::LocalIssuer& issuer, postgres::Pool& pool, const Clock& clock,
                const std::vector<std::string>& own_origins)
        : issuer_(issuer), pool_(pool), clock_(clock), own_origins_(own_origins) {}

    boost::asio::awaitable<http::Reply> SignIn(http::Request request);    // POST /dev/sign-in {email}
    boost::asio::awaitable<http::Reply> SignOut(http::Request request);   // POST /dev/sign-out
    boost::asio::awaitable<http::Reply> Accounts(http::Request request);  // GET /dev/accounts

  private:
    bool IsForeign(const http::Request& request) const;

    const auth::LocalIssuer& issuer_;
    postgres::Pool& pool_;
    const Clock& clock_;
    const std::vector<std::string>& own_origins_;
};

}  // namespace citadel::api
