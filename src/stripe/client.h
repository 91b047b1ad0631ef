// What we ask of Stripe for one merchant. ClientFactory::For() gives a client that acts for a connected
// account (platform key plus Stripe-Account) and for nobody else. Requests are form-encoded, pinned to
// one API version, every mutation carries an idempotency key, and a failure is a value.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <variant>

#include "base/random.h"
#include "base/secret.h"
#include "http/client.h"
#include "stripe/failure.h"
#include "stripe/invoice.h"

namespace citadel::stripe {

inline constexpr const char* kApiVersion = "2026-10-28.endive";

struct ApiSettings {
    std::string base = "https://api.stripe.com";
    Secret key;
    std::chrono::milliseconds deadline{30'000};
    int resends_max = 2;
    std::chrono::milliseconds first_backoff{500};  // doubles, at most 5 s, jittered down to half
};

// The invoice as it stands now, with its payment's last error.
struct LiveInvoice {
    Invoice invoice;
    std::string payment_status;  // of the payment intent: requires_payment_method, processing, …
    bool has_error = false;      // the four below are the last attempt's
    std::string decline_code;    // decline_code, or code when there is none
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
};

template <typename T>
using Outcome = std::variant<T, Failure>;

class Client {
  public:
    Client(http::Client& http, ApiSettings settings, std::string account)
        : http_(http), settings_(std::move(settings)), account_(std::move(account)) {}

    boost::asio::awaitable<Outcome<LiveInvoice>> RetrieveInvoice(std::string id);
    // Charges an open invoice now. `payment_method` empty: the one Stripe would take.
    boost::asio::awaitable<Outcome<Invoice>> PayInvoice(std::string id, std::string idempotency_key,
                                                        std::string payment_method);
    // The customer's newest card; empty when there is none.
    boost::asio::awaitable<Outcome<std::string>> NewestPaymentMethod(std::string customer);

  private:
    boost::asio::awaitable<http::Answer> Send(std::string method, std::string path, std::string form,
                                              std::string idempotency_key);

    http::Client& http_;
    ApiSettings settings_;
    std::string account_;
};

class ClientFactory {
  public:
    ClientFactory(http::Client& http, ApiSettings settings) : http_(http), settings_(std::move(settings)) {}
    Client For(std::string account) const { return Client(http_, settings_, std::move(account)); }

  private:
    http::Client& http_;
    ApiSettings settings_;
};

}  // namespace citadel::stripe
