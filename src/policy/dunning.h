// When to charge, when to write, when to give up: a pure function of what is known about a recovery and
// of the time. A policy is named with its version ("payday/1"); a recovery keeps the one it began with.
//
// `payday/1`   the default: few charges, each where money is most likely to be there (payday.h)
// `classic/1`  the mission's first policy: 3, 5 and 7 days after each failure
// `eight14/1`  eight tries in fourteen days, what Stripe recommends
// `eight28/1`  eight tries spread evenly over twenty-eight days
// The last three are calendars (fixed_days.h). What binds all of them alike stands in limits.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/decline.h"

namespace citadel::policy {

inline constexpr const char* kClassic = "classic/1";
inline constexpr std::string_view kDefault = "payday/1";

enum class RetryMode { kObserve, kWeave, kOwn };

// What a merchant may change of a policy. Unset: the policy's own value.
struct Overrides {
    std::optional<int> charges_max;       // our own attempts an invoice, 0 to 15
    std::optional<int> window_days;       // from the first failure, 1 to 60
    std::optional<int> quiet_from_hour;   // no charge and no letter from this local hour (0 to 23) …
    std::optional<int> quiet_until_hour;  // … until this one
};

struct DunningState {
    Time now{};
    Time first_failed_at{};
    int charges = 0;   // our own attempts so far
    int attempts = 1;  // everybody's on this invoice: the first failure, Stripe's, the customer's and ours
    int letters = 0;   // mails sent so far
    std::optional<Time> last_charge_at;   // our newest attempt
    std::optional<Time> last_attempt_at;  // anybody's newest attempt
    std::optional<Time> last_letter_at;
    DeclineReading decline;       // of the newest attempt
    Decline decline_codes;        // the same, as Stripe told it
    bool needs_customer = false;  // the bank wants the payer
    bool new_method = false;      // a card came in since the last attempt
    bool has_address = false;
    RetryMode mode = RetryMode::kWeave;
    std::optional<Time> stripe_next_attempt_at;
    std::optional<Time> stripe_attempted_at;  // Stripe's own newest attempt
    // A network's budget for this card is used up until then; no charge earlier.
    std::optional<Time> budget_free_at;
    std::int64_t amount = 0;  // minor units
    std::string currency;
    std::string country;                    // the customer's or else the card's, ISO 3166; may be empty
    std::optional<int> utc_offset_minutes;  // of the customer's place; unset: guessed from the country
    std::string brand;                      // visa, mastercard, amex, discover, …; may be empty
    std::string funding;                    // debit, credit, prepaid; may be empty
    std::vector<Time> paid_first_try;       // earlier renewals of this customer that went through at once
    // Attempts on this invoice that failed, anybody's. May be empty: the first failure and the newest attempt
    // are known anyway; with the others between them the default policy chooses better.
    std::vector<Time> failed_at;
    std::optional<Time> deadline;  // nothing counts after it: the recovery ends then, if not before
    Overrides overrides;
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
    std::string rejected;                // what was considered and not done, and why; may be empty
    std::optional<Time> ends_at;         // when the recovery gives up if nothing changes: the final action
};

// By the policy of that name and version. An unknown one is read as classic, so that a recovery begun by a
// newer program is still driven.
DunningStep Decide(std::string_view policy, const DunningState& state);
DunningStep DecideClassic(const DunningState& state);

// The next charge and the next letter from now on, if nothing happens in between: what Decide() will say at
// those times when it is asked again and again. Neither: the customer is waited for until `ends_at`.
struct Outlook {
    std::optional<Time> charge_at;
    std::optional<Time> letter_at;
    bool give_up = false;
    std::string why;  // the rule and reason of what comes first
};
Outlook LookAhead(std::string_view policy, const DunningState& state);

std::vector<std::string_view> PolicyNames();  // the default first
bool IsKnownPolicy(std::string_view name);

}  // namespace citadel::policy
