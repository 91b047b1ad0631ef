// Merchants signed in with Clerk: the session token of a request, as bearer or as the cookie __session,
// judged by the issuer's published keys. The bearer beats the cookie. A cookie is sent by browsers unasked,
// so with it a method that changes things needs an Origin that is ours.
#pragma once
#include "auth/authenticator.h"
#include "auth/key_source.h"
#include "auth/session.h"

namespace citadel::auth {

class ClerkAuthenticator final : public Authenticator {
  public:
    ClerkAuthenticator(KeySource& keys, const Clock& clock, SessionRules rules)
        : keys_(keys), clock_(clock), rules_(std::move(rules)) {}

    // Addresses that are ours beside the configured ones; for the local issuer, whose process learns them
    // late.
    void AlsoAllow(const std::vector<std::string>& parties) {
        rules_.authorized_parties.insert(rules_.authorized_parties.end(), parties.begin(), parties.end());
    }

    boost::asio::awaitable<std::variant<Session, Refusal>> Authenticate(http::Request request) override;
    boost::asio::awaitable<std::variant<Session, Refusal>> AuthenticateReturn(http::Request request) override;

  private:
    boost::asio::awaitable<std::variant<Session, Refusal>> Judge(http::Request request, Duration grace);

    KeySource& keys_;
    const Clock& clock_;
    SessionRules rules_;
};

}  // namespace citadel::auth
