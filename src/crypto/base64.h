// Base64 of RFC 4648, both alphabets. Encoding pads the standard one and leaves the URL one unpadded, as
// JOSE wants it. Decoding is strict: a foreign character, a wrong length or stray bits at the end give
// nullopt.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace citadel::crypto {

std::string Base64(std::string_view bytes);
std::string Base64Url(std::string_view bytes);
// Padding may be missing, but where it stands it must be right.
std::optional<std::string> DecodeBase64(std::string_view text);
std::optional<std::string> DecodeBase64Url(std::string_view text);  // without padding

}  // namespace citadel::crypto
