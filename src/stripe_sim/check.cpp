#include "stripe_sim/check.h"

#include <fmt/format.h>

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "stripe_sim/declines.h"

namespace citadel::stripe_sim {
namespace {

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

// Declines of one card by one merchant for one amount, in a sliding window of 30 days.
struct NetworkLimit {
    std::string_view brand;
    std::size_t attempts;
};
constexpr NetworkLimit kLimits[] = {{"visa", 21}, {"mastercard", 35}};  // Visa: 20 after the first

void CheckNetworkLimits(const World& world, Verdict& verdict) {
    std::unordered_map<std::string, std::deque<Time>> chains;
    for (const auto& attempt : world.ledger.attempts()) {
        if (!attempt.reached_bank() || attempt.driver == Driver::kCustomer) continue;
        auto& chain = chains[fmt::format("{} {} {}", attempt.account, attempt.fingerprint, attempt.amount)];
        while (!chain.empty() && chain.front() + std::chrono::days(30) <= attempt.time) chain.pop_front();
        chain.push_back(attempt.time);
        for (const auto& limit : kLimits) {
            bool over = limit.brand == attempt.brand && chain.size() > limit.attempts;
            if (!over || attempt.driver != Driver::kEngine) continue;
            verdict.violations.push_back(
                {"network_limit", fmt::format("charge {} is number {} in 30 days on one {} card", attempt.id,
                                              chain.size(), attempt.brand)});
        }
        if (attempt.outcome == AttemptOutcome::kApproved) chain.clear();
    }
}

}  // namespace

Verdict Judge(const World& world) {
    Verdict verdict;
    for (const auto& [id, account] : world.accounts) CountRecoveries(world, *account, verdict);
    CheckDuplicates(world, verdict);
    CheckStops(world, verdict);
    CheckForbiddenRetries(world, verdict);
    CheckNetworkLimits(world, verdict);
    return verdict;
}

}  // namespace citadel::stripe_sim
