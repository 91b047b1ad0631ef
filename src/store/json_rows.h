// Batches travel to SQL as one JSON array; a task's key and lease look the same in each.
#pragma once
#include <boost/json/object.hpp>

#include "store/work.h"

namespace citadel::store {

boost::json::object KeyOf(const Task& task);

}  // namespace citadel::store
