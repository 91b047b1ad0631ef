// When to charge, when to write, when to give up: a pure function of what is known about a recovery and
// of the time. A policy is named with its version ("classic/1"); a recovery keeps the one it began with.
//
// `classic` is the mission's first policy: after attempt 1, 2 and 3 wait 3, 5 and 7 days; a first letter
// when the failure arrives, one after each failed try, the last one as a final notice, and a week's grace
// after it. A card that may not be tried again is never charged: the letters come on the same days instead.
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
    std::string rejected;                // what else was considered, and why not
};

DunningStep DecideClassic(const DunningState& state);

// By the policy of that name and version. An unknown one is read as classic, so that a recovery begun by a
// newer program is still driven.
DunningStep Decide(std::string_view policy, const DunningState& state);

}  // namespace citadel::policy
