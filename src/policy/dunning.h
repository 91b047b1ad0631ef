// When to charge, when to write, when to give up: a pure function of what is known about a recovery and
// of the time. `classic` is the mission's first policy: after attempt 1, 2 and 3 wait 3, 5 and 7 days; a
// first letter when the failure arrives, one after each failed try, the last one as a final notice, and
// a week's grace after it. A card that may not be tried again is never charged: the letters come on the
// same days instead.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "policy/decline.h"

namespace citadel::policy {

inline constexpr const char* kClassic = "classic/1";

enum class RetryMode { kObserve, kWeave, kOwn };

struct DunningState {
    Time now{};
    Time first_failed_at{};
    int charges = 0;  // our own attempts so far
    int letters = 0;  // mails sent so far
    std::optional<Time> last_charge_at;
    DeclineReading decline;       // of the newest attempt
    bool needs_customer = false;  // the bank wants the payer
    bool new_method = false;      // a card came in since the last attempt
    bool has_address = false;
    RetryMode mode = RetryMode::kWeave;
    std::optional<Time> stripe_next_attempt_at;
    std::optional<Time> stripe_attempted_at;  // Stripe's own newest attempt
};

enum class Letter { kNone, kPaymentFailed, kActionRequired, kFinalNotice };

struct DunningStep {
    enum class Action { kCharge, kWrite, kWait, kGiveUp };
    Action action = Action::kWait;
    Letter letter = Letter::kNone;       // kWrite
    int letter_number = 0;               // kWrite: 1 is the first notice
    std::optional<Time> next_at;         // kWrite, kWait: when to look again
    std::optional<Time> next_charge_at;  // for the letter: when we try again, if we shall
    std::string rule;                    // stable name
    std::string reason;                  // in words, with its inputs
};

DunningStep DecideClassic(const DunningState& state);

}  // namespace citadel::policy
