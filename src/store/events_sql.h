// The text of the statement that commits a batch of events; run by store/events.cpp and nowhere else.
#pragma once
#include <string>

namespace citadel::store {

// Beside failures, which every text can take in: what else is in the batch. A branch that nothing in the
// batch calls for is left out, since a statement of all branches takes longer to begin than to run.
struct EventParts {
    bool paid = false;
    bool stops = false;   // stop signals and disconnects
    bool others = false;  // new cards, renewals to come, disconnects, plans
};

std::string CommitEventsSql(EventParts parts);

}  // namespace citadel::store
