// Pages of documentation that list what the sources have: nothing may be missing in them.
#include <gtest/gtest.h>

#include <regex>

#include "tidy/source_tree.h"

namespace citadel::tidy {
namespace {

// The first group of every match of `pattern` in a simulator source whose name begins so.
std::set<std::string> FoundIn(const std::string& files, const char* pattern) {
    std::set<std::string> found;
    std::regex regex(pattern);
    for (const auto& file : ReadSources()) {
        if (!file.path.starts_with("src/stripe_sim/" + files)) continue;
        for (const auto& line : file.lines) {
            for (std::sregex_iterator match(line.begin(), line.end(), regex), end; match != end; ++match)
                found.insert((*match)[1]);
        }
    }
    return found;
}

TEST(Pages, TheSimulatorsPageNamesEveryRouteOfItsControl_EveryAction_AndEveryFault) {
    auto page = ReadText("docs/stripe-sim.md");
    auto routes = FoundIn("control", R"re(\{"(?:GET|POST)", "(/_sim/[a-z-]+)")re");
    auto actions = FoundIn("api_", R"re(\{"[A-Z]+", "/v[12]/[a-z_/]+/\{\}(/[a-z_]+)")re");
    auto faults = FoundIn("faults.cpp", R"re(\{"([a-z_]+)", FaultKind)re");
    EXPECT_GT(routes.size(), 20U);
    EXPECT_GT(actions.size(), 15U);
    EXPECT_EQ(faults.size(), 10U);
    for (const auto& names : {routes, actions, faults}) {
        for (const auto& name : names) EXPECT_NE(page.find(name), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace citadel::tidy
