#include "stripe_sim/idempotency.h"

#include <fmt/format.h>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

ApiError IdempotencyError(int status, std::string_view code, std::string message) {
    auto made = InvalidRequest(status, code, std::move(message));
    made.error["type"] = "idempotency_error";
    made.executed = false;
    return made;
}

ApiError Misused(const std::string& key, std::string_view rule) {
    return IdempotencyError(
        400, "",
        fmt::format("Keys for idempotent requests can only be used {}. Try using a key other "
                    "than '{}' if you meant to execute a different request.",
                    rule, key));
}

}  // namespace

std::optional<http::Reply> IdempotencyKeys::Claim(const IdempotencyKey& key, const std::string& path,
                                                  const std::string& parameters, Time now) {
    ForgetOld(now);
    auto [entry, fresh] = entries_.try_emplace(key);
    if (fresh) {
        entry->second.path = path;
        entry->second.parameters = parameters;
        entry->second.claimed = now;
        by_age_.emplace_back(now, key);
        return std::nullopt;
    }
    if (entry->second.path != path) {
        throw Misused(key.text, fmt::format("for the same endpoint they were first used for ('{}' vs '{}')",
                                            path, entry->second.path));
    }
    if (entry->second.parameters != parameters) {
        throw Misused(key.text, "with the same parameters they were first used with");
    }
    if (!entry->second.reply) {
        throw IdempotencyError(
            409, "idempotency_key_in_use",
            fmt::format("There is currently another in-progress request using this Idempotent "
                        "Key (that probably means you submitted twice, and the other request is "
                        "still going through): {}",
                        key.text));
    }
    auto reply = *entry->second.reply;
    reply.headers.emplace_back("Idempotent-Replayed", "true");
    return reply;
}

void IdempotencyKeys::Keep(const IdempotencyKey& key, const http::Reply& reply) {
    auto entry = entries_.find(key);
    if (entry != entries_.end()) entry->second.reply = reply;
}

void IdempotencyKeys::Release(const IdempotencyKey& key) { entries_.erase(key); }

void IdempotencyKeys::ForgetOld(Time now) {
    while (!by_age_.empty() && by_age_.front().first + kept_ <= now) {
        auto entry = entries_.find(by_age_.front().second);
        bool same = entry != entries_.end() && entry->second.claimed == by_age_.front().first;
        if (same && entry->second.reply) entries_.erase(entry);
        by_age_.pop_front();
    }
}

}  // namespace citadel::stripe_sim
