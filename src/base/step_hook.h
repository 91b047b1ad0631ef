// Called at named points between two durable steps, so that tests can end the process exactly there and
// see what is left. In production there is no hook and a step costs one comparison.
#pragma once
#include <functional>
#include <string_view>

namespace citadel {

using StepHook = std::function<void(std::string_view step)>;

inline void Reached(const StepHook& hook, std::string_view step) {
    if (hook) hook(step);
}

}  // namespace citadel
