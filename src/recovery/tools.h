// What the tasks work with. All of it lives as long as the worker.
#pragma once
#include <string>

#include "base/clock.h"
#include "base/step_hook.h"
#include "email/sender.h"
#include "email/tracking_link.h"
#include "postgres/pool.h"
#include "runtime/batcher.h"
#include "store/attempts.h"
#include "store/charges.h"
#include "store/work.h"
#include "stripe/client.h"

namespace citadel::recovery {

using ChargeBatcher = runtime::Batcher<store::ChargeIntent, store::ChargeVerdict>;

struct Tools {
    postgres::Pool& pool;
    const Clock& clock;
    const stripe::ClientFactory& stripe;
    email::Sender& sender;
    ChargeBatcher& charges;
    std::string email_from;  // the address behind the merchant's name
    StepHook at_step;
    email::TrackingLinks links;

    void Reached(std::string_view step) const { citadel::Reached(at_step, step); }
};

// The settlement every run starts from: same task, same recovery, nothing changed yet.
store::Settlement BeginSettlement(const store::Work& work);
// Completed, with what came of it in words.
store::Settlement Complete(store::Settlement settlement, std::string result);
// Put off while the world outside is not ready: from half a minute, doubling, to an hour (wall time).
store::Settlement Defer(store::Settlement settlement, const store::Work& work, const Clock& clock,
                        std::string why);
// Ends the recovery for good.
store::Settlement Stop(store::Settlement settlement, std::string reason, std::string explanation);

}  // namespace citadel::recovery
