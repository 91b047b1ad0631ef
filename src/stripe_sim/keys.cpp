#include "stripe_sim/keys.h"

#include <fmt/format.h>

namespace citadel::stripe_sim {

std::string MaskKey(std::string_view text) {
    if (text.size() <= 12) return std::string(text.size(), '*');
    return fmt::format("{}{}{}", text.substr(0, 8), std::string(text.size() - 12, '*'),
                       text.substr(text.size() - 4));
}

void KeyRing::Put(const std::string& text, ApiKey key) {
    key.masked = MaskKey(text);
    keys_.insert_or_assign(text, std::move(key));
}

const ApiKey* KeyRing::Find(std::string_view text) const {
    auto found = keys_.find(text);
    return found == keys_.end() ? nullptr : &found->second;
}

void KeyRing::RevokeAccess(const std::string& account) {
    std::erase_if(keys_, [&](const auto& entry) {
        return entry.second.kind == KeyKind::kAccess && entry.second.account == account;
    });
}

}  // namespace citadel::stripe_sim
