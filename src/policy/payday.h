// The default policy, payday/1: few charges in a window of about four weeks, each on the day on which the
// plan of belief.h expects most; an outage is tried again within hours; the network's own date is obeyed; a
// new card is charged at once. Letters as in letters.h. docs/policy.md says why.
#pragma once
#include "policy/course.h"

namespace citadel::policy {

// What can be taken away, to see what it is good for (citadel simulate --ablate). The policy itself uses all
// of it.
struct PaydayParts {
    bool paydays = true;  // else: the same number of charges, evenly spread over the window
    bool hours = true;    // else: at the hour of the first failure, at night too
};

Course PaydayCourse(const DunningState& state, const PaydayParts& parts = {});
DunningStep DecidePayday(const DunningState& state, const PaydayParts& parts);

}  // namespace citadel::policy
