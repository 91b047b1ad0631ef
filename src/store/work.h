// What a worker holds in its hands: a claimed task with the recovery it is about, and what came of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"

namespace citadel::store {

inline constexpr const char* kDunningRetry = "dunning_retry";
inline constexpr const char* kNotifyActionRequired = "notify_action_required";

struct Task {
    MerchantKey merchant;
    std::int64_t id = 0;
    std::string type;
    std::string lease_token;  // whoever lost it can change nothing any more
    Time lease_expires_at{};
    int tries = 0;      // claims without a word from the worker, this one included
    int deferrals = 0;  // put off in order
};

// What a task without a recovery may be about: a renewal to come.
struct RenewalLine {
    std::string customer_id;
    std::string subscription_id;
    Time renews_at{};
};

struct Recovery {
    std::int64_t id = 0;
    std::string invoice_id;
    std::string customer_id;
    std::string subscription_id;
    std::string status;  // open, recovered, stopped, exhausted
    Money due;
    std::string policy;
    bool needs_customer = false;
    int slots_used = 0;
    int mails_sent = 0;
    std::int64_t stripe_attempts = 0;
    std::optional<Time> stripe_next_attempt_at;
    std::string decline_code;
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
    std::string customer_email;
    std::string customer_name;
    std::string invoice_number;
    std::string hosted_invoice_url;
    Time first_failed_at{};
    std::optional<Time> last_attempt_at;  // ours
    std::optional<Time> method_changed_at;
    std::optional<Time> stripe_attempted_at;  // the newest of Stripe's own attempts that we know of
    std::string payment_intent_id;
    std::optional<Time> last_letter_at;
    std::optional<Time> collect_now_at;  // the merchant asked for a charge at once
    std::optional<Time> budget_free_at;  // a network's limit for the card was found used up until then
    bool auto_advance_taken = false;     // we switched Stripe's own collection of this invoice off
    int collector_changes = 0;           // how often that was switched
    std::string wind_down;               // closed, but still to be done at Stripe: see Settlement
    bool address_suppressed = false;     // it bounced or complained: no letter can reach the customer
    std::string customer_locale;         // BCP 47, as this run has read it; may be empty
    std::string customer_country;        // ISO 3166, likewise
    std::string charge_seen;             // Stripe's newest charge that is booked as an attempt
    Time last_seen_attempt_at{};         // anybody's newest, as far as this run has read
    std::optional<std::vector<Time>> paid_first_try;  // nullopt: Stripe has not been asked yet
};

struct MerchantView {
    std::string account;  // Stripe-Account
    bool connected = false;
    std::string name;
    std::string email;
    std::string retry_mode;
    std::optional<int> charges_max;  // what the merchant changed of the policy
    std::optional<int> window_days;
    std::optional<int> quiet_from_hour;
    std::optional<int> quiet_until_hour;
    std::string final_action;  // leave, uncollectible, cancel
    std::string from_name;
    std::string support_email;
    std::string reply_to;
    std::string brand_color;
};

struct DeclineFacts {
    std::string decline_code;
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
};

// An attempt at the bank that is over, whoever made it.
struct BookedAttempt {
    Time at{};
    std::string fingerprint;
    bool declined = false;  // or the bank wanted the payer
    DeclineFacts decline;
};

// A charge slot: its intent is committed before Stripe is called.
struct ChargeSlot {
    int slot = 0;
    std::string idempotency_key;
    Money amount;
    std::string payment_method;  // empty: the one Stripe would take; the same key needs the same request
    std::string fingerprint;     // of its card
    Time intended_at{};
    std::vector<Time> asked_again_at;  // under its key, while its outcome was not known
};

struct Work {
    Task task;
    Recovery recovery;  // id 0: the task is about none
    MerchantView merchant;
    std::optional<ChargeSlot> unsettled;  // an intent whose outcome nobody knows yet
    std::vector<BookedAttempt> attempts;  // on this invoice, oldest first; read by the run that decides
};

enum class AttemptOutcome { kSucceeded, kDeclined, kActionRequired, kNotCharged };

struct AttemptResult {
    int slot = 0;
    AttemptOutcome outcome = AttemptOutcome::kNotCharged;
    DeclineFacts decline;
    std::string detail;
    std::string charge_id;  // Stripe's, when it was named
};

struct Decision {
    std::string action;  // charge, write, wait, stop
    std::string rule;
    std::string reason;
    std::optional<Time> next_at;
    std::string rejected;  // what else was considered, and why not
};

enum class TaskEnd {
    kCompleted,
    kFailed,
    kDeferred,  // put off in order: the world is not ready; may happen any number of times
    kRetried,   // it broke in our hands: tries are counted, and bounded
};
enum class RecoveryEnd { kNone, kRecovered, kStopped, kExhausted };

// What a run of a task leaves behind; committed as a whole by SettleTasks.
struct Settlement {
    Task task;
    std::int64_t recovery_id = 0;
    TaskEnd end = TaskEnd::kCompleted;
    std::string result;                // in words
    std::optional<Time> run_again_at;  // kDeferred, kRetried: when

    RecoveryEnd recovery_end = RecoveryEnd::kNone;
    std::string reason;          // of that end
    std::string cause;           // kRecovered: retry, stripe_retry, customer_after_mail, customer
    std::int64_t recovered = 0;  // minor units of the recovery's currency

    // Facts learned on the way; empty or null leaves what is known.
    std::optional<DeclineFacts> decline;
    std::string payment_intent_id;
    std::string customer_email;
    std::string customer_name;
    std::string invoice_number;
    std::string hosted_invoice_url;
    bool saw_invoice = false;  // the two below are the live invoice's
    std::int64_t stripe_attempts = 0;
    std::optional<Time> stripe_next_attempt_at;
    bool needs_customer = false;   // sets, never clears
    bool method_used = false;      // a charge was tried with the new card
    bool collected = false;        // what the merchant asked for was done, or cannot be done
    std::string card_fingerprint;  // of the card that would be charged
    std::string card_network;
    std::optional<std::vector<Time>> paid_first_try;
    std::optional<Time> budget_free_at;  // set or, when empty, cleared if saw_invoice
    bool given_back = false;             // Stripe collects by itself again
    // What has to be done at Stripe once the recovery is closed: give_back (its own collection is switched
    // on again), uncollectible, cancel; learn: only the payment's name is missing. Done: "". nullopt leaves
    // it as it is.
    std::optional<std::string> wind_down;

    std::optional<AttemptResult> attempt;
    std::vector<Decision> decisions;
    std::string next_task_type;  // empty: none
    std::optional<Time> next_run_at;
};

}  // namespace citadel::store
