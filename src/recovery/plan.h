// What the policy is told and what it says: the stored recovery, the live invoice and the merchant's own
// settings as a policy::DunningState, and the one step that follows from it.
#pragma once
#include "policy/dunning.h"
#include "recovery/tools.h"

namespace citadel::recovery {

policy::DunningState StateOf(const Tools& tools, const store::Work& work, const stripe::LiveInvoice& live);

// The step by the recovery's own policy, or the merchant's wish for a charge at once where it can be had.
policy::DunningStep DecideStep(const store::Work& work, const policy::DunningState& state,
                               store::Settlement& settlement);

// Writes the step down as a decision of this run.
void Note(store::Settlement& settlement, std::string action, const policy::DunningStep& step);

}  // namespace citadel::recovery
