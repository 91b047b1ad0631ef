// Values that objects of several kinds share: addresses, shipping, billing details. Plain structs; an empty
// text is Stripe's null.
#pragma once
#include <string>

namespace citadel::stripe_sim {

struct Address {
    std::string city, country, line1, line2, postal_code, state;
};

struct Shipping {
    std::string name, phone, carrier, tracking_number;
    Address address;
};

struct BillingDetails {
    std::string email, name, phone;
    Address address;
};

}  // namespace citadel::stripe_sim
