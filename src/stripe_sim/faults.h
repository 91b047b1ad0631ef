// What is to go wrong, on purpose: rules for API calls, and odds for webhooks. Rules are asked in the
// order in which they were set; the first that fits and whose dice fall is taken.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace citadel::stripe_sim {

enum class FaultKind {
    kLatency,      // the answer comes after `millis` on the wall
    kStatus,       // `status` is answered, nothing is done
    kStatusAfter,  // the call takes effect, `status` is answered
    kDropBefore,   // the connection is closed, nothing is done
    kDropAfter,    // the call takes effect, then the connection is closed
    kTruncate,     // the call takes effect, half the answer is sent
};

struct FaultRule {
    std::string method;  // empty: any
    std::string path;    // a prefix; '*' stands for any characters
    FaultKind kind = FaultKind::kLatency;
    int status = 500;
    int millis = 0;
    double probability = 1;
    int times = -1;  // how often it still strikes; negative: for ever
};

struct WebhookFaults {
    double lose = 0;           // a try gets lost on the way: redelivered later, as after any failure
    double lose_for_ever = 0;  // the event is never sent at all
    double duplicate = 0;      // delivered a second time
    double reorder = 0;        // held back for up to `delay_millis` (a minute where that is 0)
    int delay_millis = 0;      // every delivery waits so long, in the simulator's time
};

class FaultPlan {
  public:
    explicit FaultPlan(std::uint64_t seed) : random_(seed) {}

    void Add(FaultRule rule) { rules_.push_back(std::move(rule)); }
    void Clear();
    std::optional<FaultRule> Strike(const std::string& method, const std::string& path);

    WebhookFaults webhooks;
    Random& random() { return random_; }

  private:
    std::vector<FaultRule> rules_;
    Random random_;
};

std::optional<FaultKind> ParseFaultKind(std::string_view name);
// Whether `path` begins with what `pattern` describes.
bool MatchesPath(std::string_view pattern, std::string_view path);

}  // namespace citadel::stripe_sim
