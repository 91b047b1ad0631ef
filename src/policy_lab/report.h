// Policies side by side: the table of `citadel simulate`, as text for people and as JSON for programs.
#pragma once
#include <string>
#include <vector>

#include "policy_lab/play.h"

namespace citadel::policy_lab {

// Every policy by name, as the engine would run it.
std::vector<Contestant> AllPolicies();
// The default taken apart: the same number of tries in two weeks, in four, then with each of its ideas added.
std::vector<Contestant> Ablation();

std::vector<Tally> PlayAll(const std::vector<Contestant>& contestants, const Population& population,
                           const Match& match);

std::string ToText(const std::vector<Tally>& tallies, const Population& population, const Match& match);
std::string ToJson(const std::vector<Tally>& tallies, const Population& population, const Match& match);

}  // namespace citadel::policy_lab
