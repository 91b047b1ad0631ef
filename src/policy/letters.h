// When the default policy writes: at once, a few reminders further and further apart, and a final notice that
// names the day of the final action. At most kLettersMax letters; numbers count up by one.
#pragma once
#include "policy/course.h"

namespace citadel::policy {

// Sets the course's letter. The course's end must be set.
void PlanLetters(Course& course, const DunningState& state);

}  // namespace citadel::policy
