// Hex, and SHA-256 in hex: what is kept of a random value that must not be readable in the database.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace citadel::crypto {

std::string Hex(std::string_view bytes);                      // lower case
std::optional<std::string> DecodeHex(std::string_view text);  // either case; nullopt: it is none
std::string Sha256Hex(std::string_view bytes);

}  // namespace citadel::crypto
