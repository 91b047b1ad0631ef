// In whose time work is done: the simulator's own, or that of the test clock on which the customer lives.
// Whoever begins work (a call of the API, a page, the clock's own agenda) says so once; all that follows
// from it happens in that time.
#pragma once
#include <string>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// The test clock of an object by its id: of the clock itself, of a customer, or of what is a customer's.
// Empty: none. A clock that was deleted is still that of what it left behind.
std::string ClockOf(const Account& account, const std::string& id);

// The id of the test clock that this customer lives on, or empty.
std::string ClockOfCustomer(const Account& account, const std::string& customer);

// As long as it lives, the world's time is that of this clock of the account; empty: the simulator's own.
class InTimeOf {
  public:
    InTimeOf(World& world, Account& account, const std::string& clock);
    ~InTimeOf() { world_.timeline = before_; }
    InTimeOf(const InTimeOf&) = delete;

  private:
    World& world_;
    Timeline* before_;
};

}  // namespace citadel::stripe_sim
