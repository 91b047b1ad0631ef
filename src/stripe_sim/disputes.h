// A payer's bank takes a charge back, or only asks about it (an inquiry). The merchant answers with
// evidence or gives up; how it ends is decided by Stripe's two test words, winning_evidence and
// losing_evidence. Other evidence leaves the dispute under review.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

struct DisputeCase {
    std::string reason = "subscription_canceled";
    bool inquiry = false;
};

Dispute& OpenDispute(World& world, Account& account, Charge& charge, DisputeCase about = {},
                     const Cause& cause = {});
bool IsClosed(const Dispute& dispute);
// Adds to the evidence and hands all of it to the bank.
void SubmitEvidence(World& world, Account& account, Dispute& dispute, const Metadata& evidence,
                    const Cause& cause);
// The merchant gives up: lost, or an inquiry closed.
void CloseDispute(World& world, Account& account, Dispute& dispute, const Cause& cause);

}  // namespace citadel::stripe_sim
