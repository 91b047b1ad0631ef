// The true list of every charge attempt, whoever made it, and of what the engine had acknowledged
// before each: what tests judge by. It records and never forgets; the verdict is check.h's.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/objects.h"

namespace citadel::stripe_sim {

enum class AttemptOutcome {
    kApproved,
    kDeclined,
    kRequiresAction,  // the bank was not asked for the money: the payer must authenticate first
    kRefused,         // Stripe refused before any bank was asked: the invoice is not payable
};

struct Attempt {
    std::string id;  // the charge, or empty when no bank was asked
    Time time{};
    std::string account, customer, invoice, payment_intent, payment_method;
    std::string test_clock;  // in whose time it was; empty: the simulator's own
    std::int64_t amount = 0;
    std::string currency;
    AttemptOutcome outcome = AttemptOutcome::kApproved;
    std::string decline_code;
    Driver driver = Driver::kStripe;
    std::string idempotency_key;
    std::string fingerprint;
    std::string brand;
    std::string stopped_by;  // a stop event acknowledged before this request arrived, or empty

    bool reached_bank() const {
        return outcome == AttemptOutcome::kApproved || outcome == AttemptOutcome::kDeclined;
    }
};

struct Acknowledgement {
    std::string event, account, type, invoice;
};

class Ledger {
  public:
    void Record(Attempt attempt) { attempts_.push_back(std::move(attempt)); }
    const std::vector<Attempt>& attempts() const { return attempts_; }

    // The receiver answered 2xx. `stops` is what may not be charged from now on: the id of an invoice,
    // a subscription or an account; empty when the event stops nothing.
    void Acknowledge(Acknowledgement acknowledgement, const std::string& stops);
    const std::vector<Acknowledgement>& acknowledged() const { return acknowledged_; }
    bool FailureWasAnnounced(const std::string& invoice) const { return announced_.contains(invoice); }
    // An event about this invoice is never sent, on purpose: its silence is nobody's fault.
    void NoteLost(const std::string& invoice) { lost_.insert(invoice); }
    bool WasLost(const std::string& invoice) const { return lost_.contains(invoice); }
    // The stop event that forbids a charge of this invoice, if it was among the first `acknowledged`
    // acknowledgements; else empty.
    std::string StopFor(const Invoice& invoice, const std::string& account, std::size_t acknowledged) const;

  private:
    std::vector<Attempt> attempts_;
    std::vector<Acknowledgement> acknowledged_;
    std::unordered_set<std::string> announced_;
    std::unordered_set<std::string> lost_;
    std::unordered_map<std::string, std::size_t> stops_;  // subject -> which acknowledgement
};

std::string_view NameOf(Driver driver);
std::string_view NameOf(AttemptOutcome outcome);

}  // namespace citadel::stripe_sim
