#include "store/json_rows.h"

#include <boost/json.hpp>

namespace citadel::store {

namespace json = boost::json;

namespace {

const char* SqlName(RecoveryEnd end) {
    switch (end) {
        case RecoveryEnd::kNone: return "none";
        case RecoveryEnd::kRecovered: return "recovered";
        case RecoveryEnd::kStopped: return "stopped";
        case RecoveryEnd::kExhausted: return "exhausted";
    }
    return "none";
}

json::value TextOrNull(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value AtOrNull(const std::optional<Time>& time) {
    return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}

// A PostgreSQL array as text, which a bigint[] column takes.
json::value SecondsOf(const std::vector<Time>& times) {
    std::string text = "{";
    for (auto time : times) {
        auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
        text += (text.size() > 1 ? "," : "") + std::to_string(seconds);
    }
    return json::value(text + "}");
}

}  // namespace

const char* SqlName(TaskEnd end) {
    switch (end) {
        case TaskEnd::kCompleted: return "completed";
        case TaskEnd::kFailed: return "failed";
        case TaskEnd::kDeferred: return "deferred";
        case TaskEnd::kRetried: return "retried";
    }
    return "failed";
}

const char* SqlName(AttemptOutcome outcome) {
    switch (outcome) {
        case AttemptOutcome::kSucceeded: return "succeeded";
        case AttemptOutcome::kDeclined: return "declined";
        case AttemptOutcome::kActionRequired: return "action_required";
        case AttemptOutcome::kNotCharged: return "not_charged";
    }
    return "not_charged";
}

void AddDecline(json::object& row, const DeclineFacts& decline, const std::string& prefix) {
    row[prefix + "decline_code"] = decline.decline_code;
    row[prefix + "advice_code"] = decline.advice_code;
    row[prefix + "network_decline_code"] = decline.network_decline_code;
    row[prefix + "network_advice_code"] = decline.network_advice_code;
}

json::object KeyOf(const Task& task) {
    return {{"bucket", task.merchant.bucket},
            {"merchant_id", task.merchant.id},
            {"task_id", task.id},
            {"lease_token", task.lease_token}};
}

json::object ToJson(const Settlement& s) {
    json::object row = KeyOf(s.task);
    row["recovery_id"] = s.recovery_id ? json::value(s.recovery_id) : json::value(nullptr);
    row["task_end"] = SqlName(s.end);
    row["result"] = s.result;
    row["run_again_at"] = AtOrNull(s.run_again_at);
    row["recovery_end"] = SqlName(s.recovery_end);
    row["reason"] = TextOrNull(s.reason);
    row["cause"] = TextOrNull(s.cause);
    row["recovered"] = s.recovered;
    if (s.decline) AddDecline(row, *s.decline, "");
    row["payment_intent_id"] = TextOrNull(s.payment_intent_id);
    row["customer_email"] = TextOrNull(s.customer_email);
    row["customer_name"] = TextOrNull(s.customer_name);
    row["invoice_number"] = TextOrNull(s.invoice_number);
    row["hosted_invoice_url"] = TextOrNull(s.hosted_invoice_url);
    row["saw_invoice"] = s.saw_invoice;
    row["stripe_attempts"] = s.stripe_attempts;
    row["stripe_next_attempt_at"] = AtOrNull(s.stripe_next_attempt_at);
    row["card_fingerprint"] = TextOrNull(s.card_fingerprint);
    row["card_network"] = TextOrNull(s.card_network);
    row["budget_free_at"] = AtOrNull(s.budget_free_at);
    row["collected"] = s.collected;
    row["given_back"] = s.given_back;
    row["wind_down"] = s.wind_down ? json::value(*s.wind_down) : json::value(nullptr);
    row["paid_first_try"] = s.paid_first_try ? SecondsOf(*s.paid_first_try) : json::value(nullptr);
    row["needs_customer"] = s.needs_customer;
    row["method_used"] = s.method_used;
    if (s.attempt) {
        row["slot"] = s.attempt->slot;
        row["outcome"] = SqlName(s.attempt->outcome);
        row["detail"] = s.attempt->detail;
        row["charge_id"] = TextOrNull(s.attempt->charge_id);
        AddDecline(row, s.attempt->decline, "attempt_");
    }
    json::array decisions;
    for (const auto& d : s.decisions) {
        decisions.push_back({{"action", d.action},
                             {"rule", d.rule},
                             {"reason", d.reason},
                             {"rejected", d.rejected},
                             {"next_at", AtOrNull(d.next_at)}});
    }
    row["decisions"] = std::move(decisions);
    row["next_task_type"] = TextOrNull(s.next_task_type);
    row["next_run_at"] = AtOrNull(s.next_run_at);
    return row;
}

}  // namespace citadel::store
