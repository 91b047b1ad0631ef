// Stripe's test clocks: time that stands still for a few customers until somebody advances it. What Stripe
// shows of such a clock, and the line of time that its customers live in: a present and an agenda of their
// own. World::Now() and World::At() follow the line on which work is done (clock_scope.h), so the rest of
// the simulator knows nothing of clocks. Plain data; what is done with a clock is in test_clocks.h.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "stripe_sim/agenda.h"

namespace citadel::stripe_sim {

struct TestClock {
    std::string id;
    std::string name;
    Time frozen_time{};
    std::optional<Time> target;  // what it is advancing towards; absent: it is ready
    Time deletes_after{};
    Time created{};
};

struct Timeline {
    Time now{};
    Agenda agenda;
};

}  // namespace citadel::stripe_sim
