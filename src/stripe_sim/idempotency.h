// Stripe's Idempotency-Key: the first answer to a key is kept for 24 hours and given again, errors and
// declines included; other parameters under the same key are refused, and so is a second call while
// the first still runs. What was refused before anything was done is not kept.
#pragma once
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "http/message.h"

namespace citadel::stripe_sim {

class IdempotencyKeys {
  public:
    // Claims `key` (unique to an account) for a request, told apart by `parameters`. nullopt: it is new
    // and the caller must Keep() or Release() it. Otherwise the stored answer, marked as replayed.
    // Throws ApiError: 400 for other parameters, 409 while the first is running.
    std::optional<http::Reply> Claim(const std::string& key, const std::string& parameters, Time now);
    void Keep(const std::string& key, const http::Reply& reply);
    void Release(const std::string& key);

  private:
    struct Entry {
        std::string parameters;
        std::optional<http::Reply> reply;  // not yet there: running
        Time claimed{};
    };
    void ForgetOld(Time now);

    std::unordered_map<std::string, Entry> entries_;
    std::deque<std::pair<Time, std::string>> by_age_;
};

}  // namespace citadel::stripe_sim
