// Who signs in, and whose Stripe account is whose, put together from the settings: keys and rules of the
// sign-in (Clerk's, or the demo's local issuer), the vault, the ways to connect and disconnect, and their
// routes.
#pragma once
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

#include "api/clerk_webhook_routes.h"
#include "api/connect_routes.h"
#include "api/local_sign_in_routes.h"
#include "app/config.h"
#include "auth/clerk.h"
#include "auth/local_issuer.h"
#include "base/step_hook.h"
#include "connect/accounts.h"
#include "connect/own_keys.h"
#include "http/router.h"

namespace citadel::app {

// The keys of ENCRYPTION_KEY; with the embedded database also one of its own, made at the first start and
// kept in the data directory (mode 0600), which seals when ENCRYPTION_KEY is not set. Throws
// Trouble(kConfiguration).
std::vector<crypto::EncryptionKey> LoadEncryptionKeys(const Config& config);

class Identity {
  public:
    Identity(boost::asio::io_context& io, http::Client& http, postgres::Pool& pool, const Config& config,
             StepHook at_step);

    auth::Authenticator& authenticator() { return *authenticator_; }
    connect::Accounts& accounts() { return *accounts_; }
    using Leaving = std::function<boost::asio::awaitable<void>(MerchantKey, std::string account)>;
    // What is done for an account just before our access to it ends.
    void BeforeLeaving(Leaving leaving) { leaving_ = std::move(leaving); }
    stripe::OwnKeys& own_keys() { return own_keys_; }
    const std::string& public_url() const { return public_url_; }

    void AddRoutes(http::Router& router);
    // Once the process listens: what it is reached by, if PUBLIC_URL does not say.
    void ServesAt(const std::string& host, int port);

    // Throws Trouble(kConfiguration) when something is stored under a key that is not ours.
    boost::asio::awaitable<void> CheckStoredKeys();
    // Tells Stripe of those who left, again and again, until Stop().
    boost::asio::awaitable<void> Run();
    void Stop();

  private:
    postgres::Pool& pool_;
    std::string public_url_;
    std::vector<std::string> own_origins_;
    crypto::TokenVault vault_;
    connect::SealedOwnKeys own_keys_;
    std::unique_ptr<auth::LocalIssuer> local_issuer_;
    std::unique_ptr<auth::KeySource> keys_;
    std::unique_ptr<auth::ClerkAuthenticator> authenticator_;
    Leaving leaving_;
    std::unique_ptr<connect::Accounts> accounts_;
    std::unique_ptr<api::ConnectRoutes> connect_routes_;
    std::unique_ptr<api::ClerkWebhook> clerk_webhook_;
    std::unique_ptr<api::LocalSignIn> local_sign_in_;
    bool stopping_ = false;
};

}  // namespace citadel::app
