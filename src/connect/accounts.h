// How a merchant's Stripe account comes to us and leaves. Two ways in: OAuth (a page of Stripe's, a one-use
// state, a code) and a restricted key of the merchant's own. One way out, in this order, so that a crash at
// any point leaves nothing open (docs/decisions/0010): one transaction stops all recoveries, wipes the tokens
// and notes that Stripe has to be told; then Stripe is told, now and, until it confirms, again and again.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/step_hook.h"
#include "base/types.h"
#include "crypto/token_vault.h"
#include "postgres/pool.h"
#include "store/credentials.h"
#include "stripe/connect.h"

namespace citadel::connect {

enum class Refusal {
    kNotConfigured,  // no STRIPE_CLIENT_ID, no platform key or no ENCRYPTION_KEY
    kStateInvalid,   // not ours, forged, or another user's
    kStateExpired,
    kStateUsed,
    kDenied,       // the merchant said no on Stripe's page
    kCodeInvalid,  // Stripe does not know the code, or it was used before
    kStripeRefused,
    kStripeUnavailable,  // nobody knows; begin again
    kAccountInUse,       // another merchant has this account connected
    kOtherAccount,       // this merchant has another account connected: disconnect that first
    kDisconnectPending,  // Stripe has not confirmed the last disconnect yet
    kKeyInvalid,
    kKeyPermissions,
    kLiveKeyNotAllowed,  // the engine's clock is not the real one
};
// Stable, for error=CODE and problem answers: "account_in_use".
std::string_view CodeOf(Refusal refusal);
// A sentence for people.
std::string_view Explain(Refusal refusal);

// What comes back from Stripe's page.
struct Return {
    std::string state;
    std::string code;
    std::string error;  // access_denied, …
};

struct Farewell {
    std::string account;   // empty: none was connected
    bool revoked = false;  // Stripe has confirmed, or there was nothing to tell it
    std::string detail;    // for people, when it has not
};

class Accounts {
  public:
    struct Options {
        bool live_allowed = true;  // false with a clock that is not the real one
        // Called while Stripe still lets us act for the account that is about to leave.
        std::function<boost::asio::awaitable<void>(MerchantKey, std::string account)> before_leaving;
        StepHook at_step;
    };
    Accounts(postgres::Pool& pool, const Clock& clock, stripe::Connect stripe,
             const crypto::TokenVault& vault, Options options)
        : pool_(pool), clock_(clock), stripe_(std::move(stripe)), vault_(vault),
          options_(std::move(options)) {}

    // The address of Stripe's page.
    boost::asio::awaitable<std::variant<std::string, Refusal>> Begin(MerchantKey merchant,
                                                                     std::string user_id,
                                                                     std::string redirect_uri);
    // nullopt: connected.
    boost::asio::awaitable<std::optional<Refusal>> Finish(MerchantKey merchant, std::string user_id,
                                                          Return back);
    // The account that the key opens.
    boost::asio::awaitable<std::variant<std::string, Refusal>> ConnectWithKey(MerchantKey merchant,
                                                                              Secret key);

    // Safe to be called again and again. For an erasure: nothing may be erased before it says `revoked`.
    boost::asio::awaitable<Farewell> Disconnect(MerchantKey merchant);
    // Tells Stripe what is owed and due. Returns how many were confirmed.
    boost::asio::awaitable<int> FinishRevocations(int limit);

  private:
    boost::asio::awaitable<std::optional<Refusal>> Store(MerchantKey merchant, stripe::Grant grant);
    boost::asio::awaitable<bool> TellStripe(store::OwedRevocation owed);
    boost::asio::awaitable<bool> TellStripeOf(MerchantKey merchant);

    postgres::Pool& pool_;
    const Clock& clock_;
    stripe::Connect stripe_;
    const crypto::TokenVault& vault_;
    Options options_;
};

}  // namespace citadel::connect
