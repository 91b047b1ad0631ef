// What Stripe keeps about usage: meters, their events, and the errors found in events after they had
// been accepted. Plain data; the rules are in meters.h.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/metadata.h"

namespace citadel::stripe_sim {

struct Meter {
    std::string id;
    std::string display_name;
    std::string event_name;
    std::string formula;  // sum, count or last
    std::string customer_key = "stripe_customer_id";
    std::string value_key = "value";
    std::string time_window;  // day, hour or empty
    Time created{};
    Time updated{};
    std::optional<Time> deactivated_at;
    bool active() const { return !deactivated_at; }
};

struct MeterEvent {
    std::string event_name;
    std::string identifier;
    Metadata payload;
    Time timestamp{};
    Time created{};
    bool canceled = false;
    bool faulty = false;  // reported as an error, never counted
};

struct MeterFault {
    std::string_view code;  // as in error reports: "meter_event_invalid_value"
    std::string message;
};

// Errors of one meter (or of no meter) that wait to be reported together.
struct MeterErrors {
    struct One {
        std::string code, message, identifier;
    };
    Time since{};
    std::vector<One> found;
};

}  // namespace citadel::stripe_sim
