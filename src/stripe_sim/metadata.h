// The texts that a merchant hangs on an object, and how a call changes them.
#pragma once
#include <map>
#include <string>

namespace citadel::stripe_sim {

using Metadata = std::map<std::string, std::string>;

// An empty value removes its key; the other keys stay. An empty key, which is "metadata=" in a form,
// removes them all.
inline void ApplyMetadata(Metadata& metadata, const Metadata& changes) {
    for (const auto& [key, value] : changes) {
        if (key.empty()) metadata.clear();
        else if (value.empty()) metadata.erase(key);
        else metadata[key] = value;
    }
}

}  // namespace citadel::stripe_sim
