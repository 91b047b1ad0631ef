// citadel simulate: policies side by side on the lab's payers.
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "app/commands.h"
#include "base/error.h"
#include "policy_lab/report.h"

namespace citadel::app {
namespace {

policy_lab::Population ReadPeople(const std::string& file) {
    if (file.empty()) return policy_lab::ReadPopulation(policy_lab::PopulationData());
    std::ifstream stream(file);
    if (!stream)
        throw Trouble(TroubleKind::kConfiguration,
                      "--population: cannot read " + file + ", a JSON file is expected");
    std::string text(std::istreambuf_iterator<char>(stream), {});
    try {
        return policy_lab::ReadPopulation(text);
    } catch (const std::invalid_argument& refused) {
        throw Trouble(TroubleKind::kConfiguration, "--population " + file + ": " + refused.what());
    }
}

}  // namespace

int Simulate(Config config) {
    policy_lab::Match match;
    match.seed = static_cast<std::uint64_t>(ReadNumber(config.raw, "CITADEL_SEED", 0, INT64_MAX));
    match.customers = static_cast<int>(ReadNumber(config.raw, "CITADEL_SIMULATE_PAYERS", 1, 10'000'000));
    auto people = ReadPeople(config.raw.at("CITADEL_POPULATION"));
    auto contestants =
        ReadSwitch(config.raw, "CITADEL_ABLATE") ? policy_lab::Ablation() : policy_lab::AllPolicies();
    auto tallies = policy_lab::PlayAll(contestants, people, match);
    bool json = ReadSwitch(config.raw, "CITADEL_JSON");
    std::cout << (json ? ToJson(tallies, people, match) : ToText(tallies, people, match)) << std::flush;
    for (const auto& tally : tallies) {
        if (tally.forbidden == 0) continue;
        std::cerr << "citadel: " << tally.name << " retried " << tally.forbidden
                  << " times what is forbidden\n";
        return 1;
    }
    return 0;
}

}  // namespace citadel::app
