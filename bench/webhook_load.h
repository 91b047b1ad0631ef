// Plays Stripe: signed invoice.payment_failed events of their real shape and size, each unique, sent
// over keep-alive connections, with the time of every answer. Signing is done before the clock starts,
// so that the sender, which shares the machine with what it measures, costs little while it runs.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace citadel::bench {

inline constexpr int kMerchants = 1000;

// "acct_1Bench0000042": the account of merchant `index`.
std::string AccountOf(int index);

// One event as HTTP text, with places that are filled in for each sending.
class WebhookText {
  public:
    WebhookText();
    // The body of event `serial`, of merchant serial % kMerchants.
    const std::string& Body(std::int64_t serial);
    std::size_t body_bytes() const { return body_.size(); }

  private:
    std::string body_;
    std::vector<std::size_t> serial_places_;
    std::vector<std::size_t> account_places_;
};

struct SignedEvent {
    std::int64_t serial = 0;
    std::string signature;  // the whole header value
};
// `count` events that nobody has sent yet.
std::vector<SignedEvent> SignEvents(std::int64_t first_serial, std::size_t count, const Secret& secret);

struct LoadResult {
    std::int64_t accepted = 0;  // 200, enqueued
    std::int64_t refused = 0;   // anything else
    double seconds = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double per_second() const { return static_cast<double>(accepted) / seconds; }
};

struct Load {
    int port = 0;
    int connections = 64;
    double seconds = 4;
    double per_second = 0;  // 0: each connection sends as soon as it has its answer; else an open loop,
                            // where the time of an answer counts from when the event was due
};
LoadResult SendWebhooks(const Load& load, const std::vector<SignedEvent>& events);

}  // namespace citadel::bench
