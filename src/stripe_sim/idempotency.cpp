#include "stripe_sim/idempotency.h"

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kKept = std::chrono::hours(24);

ApiError IdempotencyError(int status, std::string_view code, std::string message) {
    auto made = InvalidRequest(status, code, std::move(message));
    made.error["type"] = "idempotency_error";
    made.executed = false;
    return made;
}

}  // namespace

std::optional<http::Reply> IdempotencyKeys::Claim(const std::string& key, const std::string& parameters,
                                                  Time now) {
    ForgetOld(now);
    auto [entry, fresh] = entries_.try_emplace(key);
    if (fresh) {
        entry->second.parameters = parameters;
        entry->second.claimed = now;
        by_age_.emplace_back(now, key);
        return std::nullopt;
    }
    if (entry->second.parameters != parameters) {
        throw IdempotencyError(400, "",
                               "Keys for idempotent requests can only be used with the same parameters they "
                               "were first used with.");
    }
    if (!entry->second.reply) {
        throw IdempotencyError(409, "idempotency_key_in_use",
                               "There is currently another in-progress request using this Idempotent Key.");
    }
    auto reply = *entry->second.reply;
    reply.headers.emplace_back("Idempotent-Replayed", "true");
    return reply;
}

void IdempotencyKeys::Keep(const std::string& key, const http::Reply& reply) {
    auto entry = entries_.find(key);
    if (entry != entries_.end()) entry->second.reply = reply;
}

void IdempotencyKeys::Release(const std::string& key) { entries_.erase(key); }

void IdempotencyKeys::ForgetOld(Time now) {
    while (!by_age_.empty() && by_age_.front().first + kKept <= now) {
        auto entry = entries_.find(by_age_.front().second);
        bool same = entry != entries_.end() && entry->second.claimed == by_age_.front().first;
        if (same && entry->second.reply) entries_.erase(entry);
        by_age_.pop_front();
    }
}

}  // namespace citadel::stripe_sim
