// Policies that are calendars: a charge so long after each failure, letters along with some of them, and a
// week's grace after the last. A card that may not be tried again is never charged: the letters come on the
// same days instead. They look neither at the hour nor at paydays; the limits hold for them as for all.
#pragma once
#include "policy/course.h"

namespace citadel::policy {

// Sets the next charge, letter and end by the calendar of that name; one that is unknown is read as classic.
Course FixedCourse(std::string_view policy, const DunningState& state);

}  // namespace citadel::policy
