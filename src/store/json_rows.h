// Batches travel to SQL as one JSON array; a task's key and lease look the same in each. The members
// are the columns that the statements name in jsonb_to_recordset.
#pragma once
#include <boost/json/object.hpp>

#include "store/work.h"

namespace citadel::store {

// completed, failed, deferred, retried
const char* SqlName(TaskEnd end);
boost::json::object KeyOf(const Task& task);
boost::json::object ToJson(const Settlement& settlement);
const char* SqlName(AttemptOutcome outcome);
// Four members, their names after `prefix`: decline_code, advice_code, network_decline_code, …
void AddDecline(boost::json::object& row, const DeclineFacts& decline, const std::string& prefix);

}  // namespace citadel::store
