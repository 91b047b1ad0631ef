// HMAC-SHA-256, as bytes or as lower-case hex, and the comparison that belongs to it.
#pragma once
#include <string>
#include <string_view>

namespace citadel::crypto {

std::string HmacSha256(std::string_view key, std::string_view message);  // 32 bytes
std::string HmacSha256Hex(std::string_view key, std::string_view message);
// Constant time for texts of equal length; texts of other lengths are unequal at once.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace citadel::crypto
