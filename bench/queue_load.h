// Our own queue without its work: tasks claimed and settled by the statements that the workers use.
#pragma once
#include <string>

#include "ceiling.h"

namespace citadel::bench {

// In batches of 64 over one connection, as one worker process does. The queue was filled by FillQueue.
CeilingResult MeasureQueue(const std::string& url, double seconds);

}  // namespace citadel::bench
