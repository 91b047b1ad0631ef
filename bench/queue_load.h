// Our own queue without its work: tasks claimed and settled by the statements that the workers use.
#pragma once
#include <string>

#include "ceiling.h"
#include "plain_sql.h"

namespace citadel::bench {

// In batches of 64 over one connection, as one worker process does. The queue was filled by FillQueue.
CeilingResult MeasureQueue(const std::string& url, double seconds);

// Works on a queue until `tasks` tasks of merchants other than `giant` are settled; returns how long that
// took.
double SecondsUntilSettled(const std::string& url, const Tenant& giant, std::int64_t tasks);

}  // namespace citadel::bench
