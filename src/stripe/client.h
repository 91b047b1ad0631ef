// What we ask of Stripe for one merchant. ClientFactory::For() gives a client that acts for a connected
// account (platform key plus Stripe-Account) and for nobody else. Requests are form-encoded, pinned to
// one API version, every mutation carries an idempotency key, and a failure is a value.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "http/client.h"
#include "stripe/charge.h"
#include "stripe/failure.h"
#include "stripe/live_invoice.h"
#include "stripe/live_subscription.h"

namespace citadel::stripe {

inline constexpr const char* kApiVersion = "2026-10-28.endive";

struct ApiSettings {
    std::string base = "https://api.stripe.com";
    Secret key;
    std::chrono::milliseconds deadline{30'000};       // of a change
    std::chrono::milliseconds read_deadline{10'000};  // a run makes several, within one lease
    int resends_max = 2;
    std::chrono::milliseconds first_backoff{500};  // doubles, at most 5 s, jittered down to half
};

template <typename T>
using Outcome = std::variant<T, Failure>;

// Keys of merchants' own, for accounts that did not come by OAuth (connect/own_keys). Empty: the platform's
// key with Stripe-Account opens this account.
class OwnKeys {
  public:
    virtual ~OwnKeys() = default;
    virtual boost::asio::awaitable<Secret> KeyOf(std::string account) = 0;
};

class Client {
  public:
    Client(http::Client& http, ApiSettings settings, std::string account, OwnKeys* own_keys = nullptr)
        : http_(http), settings_(std::move(settings)), account_(std::move(account)), own_keys_(own_keys) {}

    boost::asio::awaitable<Outcome<LiveInvoice>> RetrieveInvoice(std::string id);
    boost::asio::awaitable<Outcome<LiveSubscription>> RetrieveSubscription(std::string id);
    // Charges an open invoice now. `payment_method` empty: the one Stripe would take.
    boost::asio::awaitable<Outcome<Invoice>> PayInvoice(std::string id, std::string idempotency_key,
                                                        std::string payment_method);
    // The customer's newest card; nullopt when there is none.
    boost::asio::awaitable<Outcome<std::optional<PaymentMethod>>> NewestPaymentMethod(std::string customer);
    // Every attempt at a payment, newest first; at most 100, far more than any network allows.
    boost::asio::awaitable<Outcome<std::vector<Charge>>> ListCharges(std::string payment_intent);
    // The idempotency key under which a charge was asked for, from Stripe's own event of it; "" where nobody
    // sent one (Stripe's own retries, the hosted page); nullopt where the event is not found (Stripe keeps
    // them for 30 days).
    boost::asio::awaitable<Outcome<std::optional<std::string>>> KeyOfCharge(std::string charge, Time created);
    // When earlier renewals of a customer were paid at Stripe's first try, newest first.
    boost::asio::awaitable<Outcome<std::vector<Time>>> ListPaidAtFirstTry(std::string customer);

    // Whether Stripe itself goes on collecting an open invoice: its retries, its reminders.
    boost::asio::awaitable<Outcome<Invoice>> SetAutoAdvance(std::string id, bool on,
                                                            std::string idempotency_key);
    boost::asio::awaitable<Outcome<Invoice>> MarkUncollectible(std::string id, std::string idempotency_key);
    // Done again it is answered kNotFound: cancelled is cancelled.
    boost::asio::awaitable<std::optional<Failure>> CancelSubscription(std::string id);

    struct InvoicePage {
        std::vector<Invoice> invoices;  // newest first
        bool has_more = false;
    };
    // Open invoices made since then; `after`: the last id of the page before, or empty.
    boost::asio::awaitable<Outcome<InvoicePage>> ListOpenInvoices(Time created_since, std::string after);

    // A call of any kind, sent again as Stripe's libraries do; for the other files of this folder.
    boost::asio::awaitable<http::Answer> Send(std::string method, std::string path, std::string form,
                                              std::string idempotency_key);

  private:
    http::Client& http_;
    ApiSettings settings_;
    std::string account_;
    OwnKeys* own_keys_;
};

class ClientFactory {
  public:
    ClientFactory(http::Client& http, ApiSettings settings, OwnKeys* own_keys = nullptr)
        : http_(http), settings_(std::move(settings)), own_keys_(own_keys) {}
    Client For(std::string account) const { return Client(http_, settings_, std::move(account), own_keys_); }

  private:
    http::Client& http_;
    ApiSettings settings_;
    OwnKeys* own_keys_;
};

}  // namespace citadel::stripe
