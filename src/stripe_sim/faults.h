// What is to go wrong, on purpose: rules for API calls, and odds for webhooks. Rules are asked in the
// order in which they were set. Every latency rule that fits makes the call wait; of the others the
// first that fits and whose dice fall is taken. The dice are the plan's own, seeded.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/message.h"

namespace citadel::stripe_sim {

enum class FaultKind {
    kLatency,      // the answer comes after `millis` on the wall, or a draw around that median
    kStatus,       // `status` is answered, nothing is done
    kStatusKept,   // the same, and an idempotency key keeps that answer
    kStatusAfter,  // the call takes effect, `status` is answered
    kDropBefore,   // the connection is closed, nothing is done
    kDropAfter,    // the call takes effect, then the connection is closed
    kTruncate,     // the call takes effect, half the answer is sent, then the connection is closed
    kMalformed,    // the call takes effect, the answer is whole, but no JSON
    kStall,        // the call takes effect, half the answer is sent, then nothing for `millis`
    kSilence,      // nothing is done, nothing is answered for `millis`
};

struct FaultRule {
    std::string method;  // empty: any
    std::string path;    // a prefix in which '*' stands for any characters, or a template with {}
    FaultKind kind = FaultKind::kLatency;
    int status = 500;
    std::string code;           // of the error; empty: the usual one of that status
    std::string reason;         // Stripe-Rate-Limited-Reason of a 429
    std::string body = "json";  // or html, or empty
    int millis = 0;
    int p99_millis = 0;  // more than `millis`: latency is log-normal, with `millis` as its median
    double probability = 1;
    int skip = 0;    // how many calls that fit it lets pass first
    int times = -1;  // how often it still strikes; negative: for ever
};

struct FaultStrike {
    std::chrono::milliseconds wait{0};
    std::optional<FaultRule> rule;  // never a latency

    bool Is(FaultKind kind) const { return rule && rule->kind == kind; }
};

struct WebhookFaults {
    double lose = 0;              // a try gets lost on the way: redelivered later, as after any failure
    double lose_for_ever = 0;     // the event is never sent at all
    double duplicate = 0;         // delivered a second time
    double reorder = 0;           // held back for up to `delay_millis` (a minute where that is 0)
    int delay_millis = 0;         // every delivery waits so long, in the simulator's time
    int timeout_millis = 10'000;  // how long, on the wall, a receiver may take
};

class FaultPlan {
  public:
    explicit FaultPlan(std::uint64_t seed) : random_(seed) {}

    void Add(FaultRule rule) { rules_.push_back(std::move(rule)); }
    void Clear();
    FaultStrike Strike(const std::string& method, const std::string& path);

    WebhookFaults webhooks;
    std::map<std::string, WebhookFaults> of_endpoint;  // where one differs, by its id
    const WebhookFaults& OddsOf(const std::string& endpoint) const;
    Random& random() { return random_; }

    // How often each kind struck so far, by the names of docs/stripe-sim.md; Clear() leaves it.
    void Count(std::string_view kind) { ++struck_[std::string(kind)]; }
    const std::map<std::string, std::int64_t>& struck() const { return struck_; }

  private:
    bool Strikes(FaultRule& rule, const std::string& method, const std::string& path);

    std::vector<FaultRule> rules_;
    std::map<std::string, std::int64_t> struck_;
    Random random_;
};

std::optional<FaultKind> ParseFaultKind(std::string_view name);
std::string_view NameOf(FaultKind kind);
// How long a call waits under a latency rule; never more than a minute.
std::chrono::milliseconds DrawLatency(const FaultRule& rule, Random& random);
// The answer that a status rule gives in place of the true one.
http::Reply FaultReply(const FaultRule& rule);
// Spoils an answer that is otherwise ready: kDropAfter, kTruncate, kMalformed, kStall, kStatusAfter.
void Spoil(const FaultRule& rule, http::Reply& reply);

}  // namespace citadel::stripe_sim
