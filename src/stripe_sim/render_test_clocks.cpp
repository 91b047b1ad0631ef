// Test clocks.
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

json::object Render(const View&, const TestClock& clock) {
    json::object object;
    object["id"] = clock.id;
    object["object"] = "test_helpers.test_clock";
    object["created"] = ToUnixSeconds(clock.created);
    object["deletes_after"] = ToUnixSeconds(clock.deletes_after);
    object["frozen_time"] = ToUnixSeconds(clock.frozen_time);
    object["livemode"] = false;
    object["name"] = TextOrNull(clock.name);
    object["status"] = clock.target ? "advancing" : "ready";
    auto& details = object["status_details"].emplace_object();
    if (clock.target) details["advancing"] = {{"target_frozen_time", ToUnixSeconds(*clock.target)}};
    return object;
}

}  // namespace citadel::stripe_sim
