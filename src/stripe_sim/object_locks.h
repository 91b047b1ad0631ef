// One call at a time on one object: while a call waits (a latency fault), another one that would change
// the same object is refused with lock_timeout. Stripe waits a little first; here the refusal is at once.
#pragma once
#include <set>
#include <string>

namespace citadel::stripe_sim {

class ObjectLocks {
  public:
    bool Take(const std::string& object) { return held_.insert(object).second; }
    void Release(const std::string& object) { held_.erase(object); }

  private:
    std::set<std::string> held_;
};

}  // namespace citadel::stripe_sim
