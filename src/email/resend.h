// Mails through Resend. Every request carries its Idempotency-Key, so that a mail whose answer was lost is
// asked about with the same words; the rate limit of the team is kept by spacing requests on the steady
// clock; what Resend says is read by the table in reference "Errors". Configuration errors and used-up
// quotas hold all mails for a while instead of losing them.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

#include "base/secret.h"
#include "email/sender.h"
#include "http/client.h"

namespace citadel::email {

struct ResendSettings {
    std::string base = "https://api.resend.com";
    Secret key;
    double requests_per_second = 2;  // over all keys of the team
    std::chrono::milliseconds deadline{20'000};
    int tries_max = 3;                              // of one Send(), same key
    std::chrono::milliseconds first_backoff{1000};  // doubles; Retry-After beats it
    std::chrono::milliseconds longest_wait{10'000};
    std::chrono::seconds hold_for_configuration{60};
    std::chrono::seconds hold_for_quota{900};
};

// What an answer to POST /emails means.
struct ResendReading {
    enum class Kind { kSent, kAgain, kHoldConfiguration, kHoldQuota, kRefused };
    Kind kind = Kind::kAgain;
    bool in_doubt = false;  // kAgain: it may have been sent
    std::chrono::milliseconds retry_after{0};
    std::string provider_id;
    std::string error;  // "422 invalid_parameter: …"
};
ResendReading ReadResendAnswer(const http::Answer& answer);

// The request's body: the same envelope gives the same bytes.
std::string ResendBody(const Envelope& envelope);

class ResendSender final : public Sender {
  public:
    ResendSender(http::Client& http, ResendSettings settings) : http_(http), settings_(std::move(settings)) {}

    boost::asio::awaitable<Sent> Send(Envelope envelope) override;

  private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    boost::asio::awaitable<void> WaitForTurn();
    http::Call MakeCall(const Envelope& envelope) const;
    Sent Hold(const ResendReading& reading, std::chrono::seconds time);

    http::Client& http_;
    ResendSettings settings_;
    SteadyTime next_turn_{};
    SteadyTime held_until_{};
    std::string held_why_;
};

}  // namespace citadel::email
