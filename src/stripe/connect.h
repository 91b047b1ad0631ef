// OAuth of Stripe Connect, for the platform: the page a merchant is sent to, the code that comes back, the
// end of access. And the other way to connect: a look at whose a restricted key is and whether it lets us
// work. None of these calls takes an idempotency key: a code is good once, and what is revoked stays revoked.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <variant>

#include "base/secret.h"
#include "http/client.h"

namespace citadel::stripe {

struct ConnectSettings {
    std::string connect_base = "https://connect.stripe.com";
    std::string api_base = "https://api.stripe.com";
    Secret platform_key;
    std::string client_id;  // ca_…
    std::chrono::milliseconds deadline{20'000};
};

struct Grant {
    std::string account;  // acct_…
    Secret access_token;
    Secret refresh_token;
    std::string scope;
    bool livemode = false;
    std::string name;  // of the business; empty where Stripe knows none or could not be asked
};

struct ConnectFailure {
    bool refused = false;  // Stripe said no; otherwise nobody knows, or it was never asked
    std::string error;  // invalid_grant, invalid_client, …; of a restricted key: key_invalid, key_permissions
    std::string detail;  // for people
};

struct KeyOwner {
    std::string account;
    bool livemode = false;
    std::string name;  // likewise
};

class Connect {
  public:
    Connect(http::Client& http, ConnectSettings settings) : http_(http), settings_(std::move(settings)) {}

    // Whether the platform is set up for OAuth.
    bool configured() const { return !settings_.client_id.empty() && !settings_.platform_key.empty(); }
    std::string AuthorizeUrl(std::string_view state, std::string_view redirect_uri) const;

    boost::asio::awaitable<std::variant<Grant, ConnectFailure>> RedeemCode(std::string code);
    // nullopt: our access is gone, now or already.
    boost::asio::awaitable<std::optional<ConnectFailure>> Deauthorize(std::string account);

    // Reads the account, and asks for one of everything that the engine reads.
    boost::asio::awaitable<std::variant<KeyOwner, ConnectFailure>> InspectKey(Secret key);

  private:
    boost::asio::awaitable<http::Answer> PostForm(std::string path, std::string form);
    boost::asio::awaitable<http::Answer> GetWith(Secret key, std::string path);

    http::Client& http_;
    ConnectSettings settings_;
};

}  // namespace citadel::stripe
