// Who makes a thing happen, and which API call was behind it. Events and the ledger tell it.
#pragma once
#include <cstddef>
#include <string>

namespace citadel::stripe_sim {

// Who makes a charge happen.
enum class Driver { kStripe, kEngine, kCustomer };

// What an event's `request` member tells: the API call behind it, if there was one.
struct Cause {
    Driver driver = Driver::kStripe;
    std::string request_id;
    std::string idempotency_key;
    std::size_t acknowledged = 0;  // how many events the receiver had acknowledged when the call arrived
};

}  // namespace citadel::stripe_sim
