// citadel policy --stdio: the policy answers whoever asks, a line for a line.
#include <iostream>
#include <string>

#include "app/commands.h"
#include "base/error.h"
#include "policy_lab/line_protocol.h"

namespace citadel::app {
namespace {

// "payday" means its newest version.
std::string FullName(const std::string& name) {
    std::string all;
    for (auto known : policy::PolicyNames()) {
        if (name == known || name + "/1" == known) return std::string(known);
        all += (all.empty() ? "" : ", ") + std::string(known);
    }
    throw Trouble(TroubleKind::kConfiguration,
                  "--policy (CITADEL_POLICY) must be one of " + all + "; got " + name);
}

}  // namespace

int AnswerForPolicy(Config config) {
    if (!ReadSwitch(config.raw, "CITADEL_STDIO")) {
        throw Trouble(TroubleKind::kConfiguration,
                      "policy needs --stdio: questions are read from standard input, a JSON object a line");
    }
    std::ios::sync_with_stdio(false);
    policy_lab::LineProtocol protocol(FullName(config.raw.at("CITADEL_POLICY")));
    std::string line;
    while (std::getline(std::cin, line)) {
        // Whoever asks waits for this answer before asking on.
        std::cout << protocol.Answer(line) << '\n' << std::flush;
        if (!std::cout) return 1;
    }
    return 0;
}

}  // namespace citadel::app
