#include "policy/dunning.h"

#include <algorithm>
#include <array>

#include "policy/course.h"
#include "policy/fixed_days.h"
#include "policy/payday.h"

namespace citadel::policy {
namespace {

constexpr std::array<std::string_view, 4> kNames = {kDefault, "classic/1", "eight14/1", "eight28/1"};

Course CourseOf(std::string_view policy, const DunningState& state) {
    return policy == kDefault ? PaydayCourse(state) : FixedCourse(policy, state);
}

}  // namespace

DunningStep Decide(std::string_view policy, const DunningState& state) {
    return Follow(state, CourseOf(policy, state));
}

DunningStep DecideClassic(const DunningState& state) { return Decide(kClassic, state); }

Outlook LookAhead(std::string_view policy, const DunningState& state) {
    return Look(state, CourseOf(policy, state));
}

std::vector<std::string_view> PolicyNames() { return {kNames.begin(), kNames.end()}; }

bool IsKnownPolicy(std::string_view name) {
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace citadel::policy
