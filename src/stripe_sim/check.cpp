#include "stripe_sim/check.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "stripe_sim/clock_scope.h"
#include "stripe_sim/declines.h"
#include "stripe_sim/network_limits.h"

namespace citadel::stripe_sim {
namespace {

constexpr auto kPatience = std::chrono::days(4);

void CountRecoveries(const World& world, const Account& account, Verdict& verdict) {
    for (const auto& invoice : account.invoices.all()) {
        if (!invoice.first_attempt_failed) continue;
        ++verdict.invoices_failed;
        if (account.connected && !world.ledger.FailureWasAnnounced(invoice.id))
            ++verdict.failed_renewals_unannounced;
        if (invoice.status != "paid") continue;
        ++verdict.invoices_recovered;
        verdict.recovered[invoice.currency] += invoice.amount_due;
        ++verdict.recovered_by_driver[std::string(NameOf(invoice.paid_by.value_or(Driver::kStripe)))];
    }
}

// What is paid for: an invoice, or an intent of its own.
const std::string& SubjectOf(const Attempt& attempt) {
    return attempt.invoice.empty() ? attempt.payment_intent : attempt.invoice;
}

void CheckDuplicates(const World& world, Verdict& verdict) {
    std::unordered_map<std::string_view, int> charged;
    for (const auto& attempt : world.ledger.attempts()) {
        if (attempt.outcome != AttemptOutcome::kApproved || ++charged[SubjectOf(attempt)] != 2) continue;
        ++verdict.duplicate_charges;
        verdict.violations.push_back({"duplicate_charge", fmt::format("invoice {} was charged again by {}",
                                                                      attempt.invoice, attempt.id)});
    }
}

void CheckStops(const World& world, Verdict& verdict) {
    for (const auto& attempt : world.ledger.attempts()) {
        if (attempt.driver == Driver::kEngine && attempt.reached_bank()) ++verdict.attempts;
        if (attempt.stopped_by.empty()) continue;
        if (attempt.outcome == AttemptOutcome::kRefused) {
            ++verdict.refused_after_stop;
            continue;
        }
        ++verdict.charges_after_stop;
        verdict.violations.push_back(
            {"charge_after_stop", fmt::format("charge {} of invoice {} after {}", attempt.id, attempt.invoice,
                                              attempt.stopped_by)});
    }
}

bool ForbidsRetry(const std::string& decline_code) {
    auto decline = DeclineFor(decline_code);
    return decline.stripe_stops || decline.advice == "do_not_try_again";
}

// A card that was declined for good may not be tried again for the same invoice.
void CheckForbiddenRetries(const World& world, Verdict& verdict) {
    std::unordered_map<std::string, std::string> forbidden;  // invoice and card -> code
    for (const auto& attempt : world.ledger.attempts()) {
        if (!attempt.reached_bank()) continue;
        auto key = SubjectOf(attempt) + attempt.fingerprint;
        auto found = forbidden.find(key);
        if (found != forbidden.end() && attempt.driver == Driver::kEngine) {
            verdict.violations.push_back(
                {"retry_forbidden", fmt::format("charge {} of invoice {} on a card declined with {}",
                                                attempt.id, attempt.invoice, found->second)});
        }
        if (ForbidsRetry(attempt.decline_code)) forbidden.emplace(std::move(key), attempt.decline_code);
    }
}

void CheckNetworkLimits(const World& world, Verdict& verdict) {
    for (const auto& breach : FindBreaches(world.ledger.attempts())) {
        if (breach.attempt->driver != Driver::kEngine) continue;
        verdict.violations.push_back(
            {"network_limit", fmt::format("charge {} is number {} in {} days on one {} card, {} are allowed",
                                          breach.attempt->id, breach.count,
                                          std::chrono::floor<std::chrono::days>(breach.limit->window).count(),
                                          breach.limit->network, breach.limit->attempts)});
    }
}

// One key is one attempt: Stripe answers it again from memory, but only for a day.
void CheckKeys(const World& world, Verdict& verdict) {
    std::unordered_map<std::string, std::string_view> charged;  // account and key -> charge
    for (const auto& attempt : world.ledger.attempts()) {
        if (attempt.idempotency_key.empty() || !attempt.reached_bank()) continue;
        auto [first, fresh] =
            charged.try_emplace(attempt.account + " " + attempt.idempotency_key, attempt.id);
        if (fresh) continue;
        verdict.violations.push_back(
            {"key_charged_twice", fmt::format("charges {} and {} have the key {}", first->second, attempt.id,
                                              attempt.idempotency_key)});
    }
}

// Stripe delivers for three days, so four are long enough; what has not arrived by then, a listener should
// have asked for.
void CheckAnnouncements(const World& world, const Account& account, Verdict& verdict) {
    bool somebody_listens = !world.ledger.acknowledged().empty();
    if (!account.connected || !somebody_listens) return;
    for (const auto& invoice : account.invoices.all()) {
        // What happens on a test clock is announced at another time than its own.
        if (!ClockOfCustomer(account, invoice.customer).empty()) continue;
        bool old = invoice.finalized_at && *invoice.finalized_at + kPatience < world.Now();
        bool told = world.ledger.FailureWasAnnounced(invoice.id) || world.ledger.WasLost(invoice.id);
        if (!invoice.first_attempt_failed || !old || told) continue;
        verdict.violations.push_back(
            {"failure_unannounced", fmt::format("nobody has been told that invoice {} failed", invoice.id)});
    }
}

}  // namespace

Verdict Judge(const World& world) {
    Verdict verdict;
    for (const auto& [id, account] : world.accounts) {
        CountRecoveries(world, *account, verdict);
        CheckAnnouncements(world, *account, verdict);
    }
    CheckDuplicates(world, verdict);
    CheckStops(world, verdict);
    CheckForbiddenRetries(world, verdict);
    CheckNetworkLimits(world, verdict);
    CheckKeys(world, verdict);
    return verdict;
}

}  // namespace citadel::stripe_sim
