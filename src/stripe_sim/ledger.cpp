#include "stripe_sim/ledger.h"

namespace citadel::stripe_sim {

void Ledger::Acknowledge(Acknowledgement acknowledgement, const std::string& stops) {
    if (acknowledgement.type == "invoice.payment_failed") announced_.insert(acknowledgement.invoice);
    if (!stops.empty()) stops_.emplace(stops, acknowledged_.size());
    acknowledged_.push_back(std::move(acknowledgement));
}

std::string Ledger::StopFor(const Invoice& invoice, const std::string& account,
                            std::size_t acknowledged) const {
    for (const auto* subject : {&invoice.id, &invoice.subscription, &account}) {
        auto found = stops_.find(*subject);
        if (found == stops_.end() || found->second >= acknowledged) continue;
        const auto& stop = acknowledged_[found->second];
        return stop.type + " " + stop.event;
    }
    return {};
}

std::string_view NameOf(Driver driver) {
    switch (driver) {
        case Driver::kStripe: return "stripe";
        case Driver::kEngine: return "engine";
        case Driver::kCustomer: return "customer";
    }
    return "stripe";
}

std::string_view NameOf(AttemptOutcome outcome) {
    switch (outcome) {
        case AttemptOutcome::kApproved: return "approved";
        case AttemptOutcome::kDeclined: return "declined";
        case AttemptOutcome::kRequiresAction: return "requires_action";
        case AttemptOutcome::kRefused: return "refused";
    }
    return "refused";
}

}  // namespace citadel::stripe_sim
