// What Stripe tells of a merchant's account itself, apart from the objects inside it; small, so that an
// event can keep a copy. Plain data; connecting and disconnecting is connect.h's business.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "stripe_sim/metadata.h"

namespace citadel::stripe_sim {

// What a merchant's settings do when Stripe's own retries have come to nothing.
enum class FinalAction { kNone, kCancel, kUnpaid, kUncollectible };

struct Merchant {
    std::string id;
    std::string name;
    std::string email;
    std::string country = "US";
    std::string currency = "usd";
    std::string type = "standard";
    std::string business_type;
    Metadata metadata;
    bool charges_enabled = true;
    bool details_submitted = true;
    std::string api_version;          // of the webhooks about this account
    std::vector<int> retry_schedule;  // Stripe's own retries: days after the first attempt; empty: off
    FinalAction final_action = FinalAction::kNone;
    bool connected = true;             // false: the platform has no access, not yet or not any more
    std::string scope = "read_write";  // what the platform may do here
    Time created{};
};

}  // namespace citadel::stripe_sim
