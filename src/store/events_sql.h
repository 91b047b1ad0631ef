// The text of the statement that commits a batch of events; run by store/events.cpp and nowhere else.
#pragma once
#include <string>

namespace citadel::store {

std::string CommitEventsSql();

}  // namespace citadel::store
