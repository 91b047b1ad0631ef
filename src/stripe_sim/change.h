// A change of an object, told by one event whose previous_attributes are what is different now. For
// changes that an API call makes; what happens by the thousand says itself what it changed.
#pragma once
#include <string>
#include <utility>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

// The members of `before` that are not so in `after`, hashes member by member; null for what was not there.
json::object PreviousAttributes(const json::object& before, const json::object& after);

template <typename T>
class Change {
  public:
    // `object` must outlive this.
    Change(World& world, const Account& account, const T& object)
        : world_(world), account_(account), object_(object), before_(Rendered()) {}

    // Silent when nothing has changed.
    void Tell(std::string type, const Cause& cause = {}) const {
        auto previous = PreviousAttributes(before_, Rendered());
        if (previous.empty()) return;
        world_.Emit(account_, std::move(type), Keep(object_), cause, std::move(previous));
    }

  private:
    json::object Rendered() const {
        return Render(View{world_, account_, ShapeOf(account_.api_version)}, object_);
    }

    World& world_;
    const Account& account_;
    const T& object_;
    json::object before_;
};

}  // namespace citadel::stripe_sim
