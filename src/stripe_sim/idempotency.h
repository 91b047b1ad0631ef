// Stripe's Idempotency-Key: the first answer to a key is kept for a day (v1) and given again, errors and
// declines included; other parameters under the same key are refused, and so is a second call while
// the first still runs. What was refused before anything was done is not kept.
#pragma once
#include <compare>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "http/message.h"

namespace citadel::stripe_sim {

// One account's key: another account's with the same text is another key.
struct IdempotencyKey {
    std::string account;
    std::string text;
    auto operator<=>(const IdempotencyKey&) const = default;
};

class IdempotencyKeys {
  public:
    explicit IdempotencyKeys(Duration kept) : kept_(kept) {}

    // Claims `key` for a request to `path`. nullopt: it is new and the caller must Keep() or Release() it.
    // Otherwise the stored answer, marked as replayed. Throws ApiError: 400 for another path or other
    // parameters, 409 while the first is running.
    std::optional<http::Reply> Claim(const IdempotencyKey& key, const std::string& path,
                                     const std::string& parameters, Time now);
    void Keep(const IdempotencyKey& key, const http::Reply& reply);
    void Release(const IdempotencyKey& key);

  private:
    struct Entry {
        std::string path;
        std::string parameters;
        std::optional<http::Reply> reply;  // not yet there: running
        Time claimed{};
    };
    void ForgetOld(Time now);

    Duration kept_;
    std::map<IdempotencyKey, Entry> entries_;
    std::deque<std::pair<Time, IdempotencyKey>> by_age_;
};

}  // namespace citadel::stripe_sim
