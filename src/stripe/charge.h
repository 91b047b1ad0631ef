// A charge: one attempt at a bank, whoever made it.
#pragma once
#include <boost/json/object.hpp>

#include <string>

#include "base/clock.h"
#include "base/types.h"

namespace citadel::stripe {

struct Charge {
    std::string id;
    Time created{};
    Money amount;
    bool succeeded = false;
    bool reached_network = true;  // false: blocked before any bank was asked
    std::string payment_method;   // its id
    std::string fingerprint;      // of the card; empty when it is none
    std::string brand;            // lower case
    std::string decline_code;
    std::string advice_code;
    std::string network_decline_code;
    std::string network_advice_code;
};

// Throws BadObject: no id, no time.
Charge ReadCharge(const boost::json::object& object);

}  // namespace citadel::stripe
