#include "stripe_sim/faults.h"

#include <utility>

namespace citadel::stripe_sim {

void FaultPlan::Clear() {
    rules_.clear();
    webhooks = WebhookFaults();
}

std::optional<FaultRule> FaultPlan::Strike(const std::string& method, const std::string& path) {
    for (auto& rule : rules_) {
        if (rule.times == 0 || (!rule.method.empty() && rule.method != method)) continue;
        if (!MatchesPath(rule.path, path) || !random_.Chance(rule.probability)) continue;
        if (rule.times > 0) --rule.times;
        return rule;
    }
    return std::nullopt;
}

std::optional<FaultKind> ParseFaultKind(std::string_view name) {
    static constexpr std::pair<std::string_view, FaultKind> kNames[] = {
        {"latency", FaultKind::kLatency},          {"status", FaultKind::kStatus},
        {"status_after", FaultKind::kStatusAfter}, {"drop_before", FaultKind::kDropBefore},
        {"drop_after", FaultKind::kDropAfter},     {"truncate", FaultKind::kTruncate}};
    for (const auto& [known, kind] : kNames) {
        if (known == name) return kind;
    }
    return std::nullopt;
}

bool MatchesPath(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) return true;
    if (pattern.front() != '*')
        return !path.empty() && path.front() == pattern.front() &&
               MatchesPath(pattern.substr(1), path.substr(1));
    for (std::size_t skip = 0; skip <= path.size(); ++skip) {
        if (MatchesPath(pattern.substr(1), path.substr(skip))) return true;
    }
    return false;
}

}  // namespace citadel::stripe_sim
