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
    std::optional<Time> last_attempt_at;
    std::optional<Time> method_changed_at;
    std::optional<Time> stripe_attempted_at;  // the newest of Stripe's own attempts that we know of
};

struct MerchantView {
    std::string account;  // Stripe-Account
    bool connected = false;
    std::string name;
    std::string email;
    std::string retry_mode;
    std::string from_name;
    std::string support_email;
    std::string reply_to;
    std::string brand_color;
};

// A charge slot: its intent is committed before Stripe is called.
struct ChargeSlot {
    int slot = 0;
    std::string idempotency_key;
    Money amount;
    std::string payment_method;  // empty: the one Stripe would take; the same key needs the same request
    Time intended_at{};
};

struct Work {
    Task task;
    Recovery recovery;  // id 0: the task is about none
    MerchantView merchant;
    std::optional<ChargeSlot> unsettled;  // an intent whose outcome nobody knows yet
};

struct DeclineFacts {
    std::string decline_code;
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
};

enum class AttemptOutcome { kSucceeded, kDeclined, kActionRequired, kNotCharged };

struct AttemptResult {
    int slot = 0;
    AttemptOutcome outcome = AttemptOutcome::kNotCharged;
    DeclineFacts decline;
    std::string detail;
};

struct Decision {
    std::string action;  // charge, write, wait, stop
    std::string rule;
    std::string reason;
    std::optional<Time> next_at;
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
    bool needs_customer = false;  // sets, never clears
    bool method_used = false;     // a charge was tried with the new card

    std::optional<AttemptResult> attempt;
    std::vector<Decision> decisions;
    std::string next_task_type;  // empty: none
    std::optional<Time> next_run_at;
};

}  // namespace citadel::store
