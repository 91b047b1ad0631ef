// The routes that make Stripe's day worse: faults of API calls and of webhooks, limits by count.
#include <array>

#include "stripe_sim/control.h"
#include "stripe_sim/control_body.h"

namespace citadel::stripe_sim {
namespace {

template <std::size_t N>
std::string OneOf(const json::object& body, std::string_view name, const std::string& otherwise,
                  const std::array<std::string_view, N>& values) {
    auto value = Member<std::string>(body, name, otherwise);
    std::string listed;
    for (auto known : values) {
        if (known == value) return value;
        listed += listed.empty() ? "" : ", ";
        listed += known;
    }
    throw Refusal(fmt::format("\"{}\" is one of {}", name, listed));
}

FaultRule ReadRule(const json::object& body) {
    constexpr std::array<std::string_view, 10> kKinds = {
        "latency",    "status",   "status_kept", "status_after", "drop_before",
        "drop_after", "truncate", "malformed",   "stall",        "silence"};
    constexpr std::array<std::string_view, 3> kBodies = {"json", "html", "empty"};
    FaultRule rule;
    rule.kind = *ParseFaultKind(OneOf(body, "kind", "", kKinds));
    rule.method = Member(body, "method", rule.method);
    rule.path = Member(body, "path", rule.path);
    rule.status = Member(body, "status", rule.status);
    rule.code = Member(body, "code", rule.code);
    rule.reason = Member(body, "reason", rule.reason);
    rule.body = OneOf(body, "body", rule.body, kBodies);
    bool holds = rule.kind == FaultKind::kStall || rule.kind == FaultKind::kSilence;
    rule.millis = Member(body, "millis", holds ? 60'000 : rule.millis);
    rule.p99_millis = Member(body, "p99Millis", rule.p99_millis);
    rule.probability = Member(body, "probability", rule.probability);
    rule.skip = Member(body, "skip", rule.skip);
    rule.times = Member(body, "times", rule.times);
    return rule;
}

}  // namespace

json::object Control::SetFaults(const json::object& body) {
    if (Member(body, "clear", false)) faults_.Clear();
    if (const auto* webhooks = body.if_contains("webhooks")) {
        const auto& odds = webhooks->as_object();
        auto endpoint = Member<std::string>(odds, "endpoint", "");
        auto& set = endpoint.empty()
                        ? faults_.webhooks
                        : faults_.of_endpoint.try_emplace(endpoint, faults_.webhooks).first->second;
        set.lose = Member(odds, "lose", set.lose);
        set.lose_for_ever = Member(odds, "loseForEver", set.lose_for_ever);
        set.duplicate = Member(odds, "duplicate", set.duplicate);
        set.reorder = Member(odds, "reorder", set.reorder);
        set.delay_millis = Member(odds, "delayMillis", set.delay_millis);
        set.timeout_millis = Member(odds, "timeoutMillis", set.timeout_millis);
    }
    if (body.contains("kind")) faults_.Add(ReadRule(body));
    return json::object();
}

json::object Control::ShowFaults(const json::object&) {
    json::object struck;
    for (const auto& [kind, count] : faults_.struck()) struck[kind] = count;
    json::object answer;
    answer["struck"] = std::move(struck);
    return answer;
}

json::object Control::SetLimits(const json::object& body) {
    constexpr std::array<std::string_view, 3> kPresets = {"off", "live", "sandbox"};
    auto preset = OneOf(body, "preset", "off", kPresets);
    LimitNumbers numbers;
    if (preset == "live") numbers = LiveLimits();
    if (preset == "sandbox") numbers = SandboxLimits();
    numbers.global = Member(body, "global", numbers.global);
    numbers.endpoint = Member(body, "endpoint", numbers.endpoint);
    numbers.endpoints = Member(body, "endpoints", numbers.endpoints);
    numbers.global_concurrency = Member(body, "globalConcurrency", numbers.global_concurrency);
    numbers.endpoint_concurrency = Member(body, "endpointConcurrency", numbers.endpoint_concurrency);
    numbers.resources = Member(body, "resources", numbers.resources);
    world_.limits.Use(std::move(numbers));
    return json::object();
}

}  // namespace citadel::stripe_sim
