#include "stripe_sim/faults.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "stripe_sim/api_error.h"
#include "stripe_sim/path_pattern.h"

namespace citadel::stripe_sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestLatency{60'000};
constexpr double kNinetyNinth = 2.3263478740408408;  // of the standard normal distribution

constexpr std::pair<std::string_view, FaultKind> kNames[] = {{"latency", FaultKind::kLatency},
                                                             {"status", FaultKind::kStatus},
                                                             {"status_kept", FaultKind::kStatusKept},
                                                             {"status_after", FaultKind::kStatusAfter},
                                                             {"drop_before", FaultKind::kDropBefore},
                                                             {"drop_after", FaultKind::kDropAfter},
                                                             {"truncate", FaultKind::kTruncate},
                                                             {"malformed", FaultKind::kMalformed},
                                                             {"stall", FaultKind::kStall},
                                                             {"silence", FaultKind::kSilence}};

// Two uniform draws make one of the standard normal distribution (Box and Muller).
double DrawNormal(Random& random) {
    auto radius = std::sqrt(-2 * std::log(1 - random.Unit()));
    return radius * std::cos(2 * std::numbers::pi * random.Unit());
}

ApiError ErrorFor(const FaultRule& rule) {
    auto code = [&](std::string_view usual) {
        return rule.code.empty() ? usual : std::string_view(rule.code);
    };
    if (rule.code == "lock_timeout") return LockTimeout(rule.status);
    if (rule.status == 429) return RateLimited(code("rate_limit"), "Request rate limit exceeded.");
    if (rule.status == 409) {
        auto error = InvalidRequest(409, code("idempotency_key_in_use"),
                                    "There is currently another in-progress request using this Idempotent "
                                    "Key.");
        error.error["type"] = "idempotency_error";
        return error;
    }
    auto error = InvalidRequest(rule.status, code(""), "An unknown error occurred.");
    if (rule.status >= 500) error.error["type"] = "api_error";
    return error;
}

}  // namespace

void FaultPlan::Clear() {
    rules_.clear();
    webhooks = WebhookFaults();
    of_endpoint.clear();
}

const WebhookFaults& FaultPlan::OddsOf(const std::string& endpoint) const {
    auto own = of_endpoint.find(endpoint);
    return own == of_endpoint.end() ? webhooks : own->second;
}

bool FaultPlan::Strikes(FaultRule& rule, const std::string& method, const std::string& path) {
    if (rule.times == 0 || (!rule.method.empty() && rule.method != method)) return false;
    if (!FitsPath(rule.path, path)) return false;
    if (rule.skip > 0) {
        --rule.skip;
        return false;
    }
    if (!random_.Chance(rule.probability)) return false;
    if (rule.times > 0) --rule.times;
    return true;
}

FaultStrike FaultPlan::Strike(const std::string& method, const std::string& path) {
    FaultStrike strike;
    for (auto& rule : rules_) {
        bool latency = rule.kind == FaultKind::kLatency;
        if ((strike.rule && !latency) || !Strikes(rule, method, path)) continue;
        Count(NameOf(rule.kind));
        if (latency) strike.wait += DrawLatency(rule, random_);
        else strike.rule = rule;
    }
    return strike;
}

std::optional<FaultKind> ParseFaultKind(std::string_view name) {
    for (const auto& [known, kind] : kNames) {
        if (known == name) return kind;
    }
    return std::nullopt;
}

std::string_view NameOf(FaultKind wanted) {
    for (const auto& [name, kind] : kNames) {
        if (kind == wanted) return name;
    }
    return {};
}

milliseconds DrawLatency(const FaultRule& rule, Random& random) {
    if (rule.p99_millis <= rule.millis || rule.millis <= 0) return milliseconds(rule.millis);
    auto spread = std::log(static_cast<double>(rule.p99_millis) / rule.millis) / kNinetyNinth;
    auto drawn = rule.millis * std::exp(spread * DrawNormal(random));
    return std::min(kLongestLatency, milliseconds(static_cast<std::int64_t>(std::min(drawn, 1e9))));
}

http::Reply FaultReply(const FaultRule& rule) {
    auto reply = ReplyWith(ErrorFor(rule));
    if (rule.status == 429 && rule.code != "lock_timeout") {
        reply.headers.emplace_back("Stripe-Rate-Limited-Reason",
                                   rule.reason.empty() ? "global-rate" : rule.reason);
    }
    if (rule.body == "json") return reply;
    reply.content_type = "text/html";
    reply.body.clear();
    if (rule.body == "html") {
        reply.body = "<html><head><title>Error</title></head><body><center><h1>" +
                     std::to_string(rule.status) + "</h1></center></body></html>";
    }
    return reply;
}

void Spoil(const FaultRule& rule, http::Reply& reply) {
    switch (rule.kind) {
        case FaultKind::kStatusAfter: reply = FaultReply(rule); return;
        case FaultKind::kDropAfter: reply.wire = http::Reply::Wire::kDrop; return;
        case FaultKind::kTruncate: reply.wire = http::Reply::Wire::kTruncate; return;
        case FaultKind::kMalformed:
            reply.body = reply.body.substr(0, reply.body.size() / 2) + "\x01}]";
            return;
        case FaultKind::kStall:
            reply.wire = http::Reply::Wire::kStall;
            reply.hold = milliseconds(rule.millis);
            return;
        default: return;  // took its turn before the call was served
    }
}

}  // namespace citadel::stripe_sim
