#include "stripe_sim/change.h"

namespace citadel::stripe_sim {

json::object PreviousAttributes(const json::object& before, const json::object& after) {
    json::object previous;
    for (const auto& [key, value] : before) {
        const auto* now = after.if_contains(key);
        if (now && *now == value) continue;
        bool hashes = now && now->is_object() && value.is_object();
        if (!hashes) previous[key] = value;
        else previous[key] = PreviousAttributes(value.get_object(), now->get_object());
    }
    for (const auto& [key, value] : after) {
        if (!before.contains(key)) previous[key] = nullptr;
    }
    return previous;
}

}  // namespace citadel::stripe_sim
