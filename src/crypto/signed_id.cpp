#include "crypto/signed_id.h"

#include <fmt/format.h>

#include <charconv>

#include "crypto/hmac.h"

namespace citadel::crypto {
namespace {

constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kSignatureDigits = 64;

std::string SignatureOf(const Secret& secret, std::string_view purpose, std::string_view id) {
    return HmacSha256Hex(secret.Reveal(), fmt::format("{}/{}", purpose, id));
}

}  // namespace

std::string SignId(const Secret& secret, std::string_view purpose, std::int64_t id) {
    auto digits = fmt::format("{:016x}", id);
    return digits + SignatureOf(secret, purpose, digits);
}

std::optional<std::int64_t> ReadSignedId(const Secret& secret, std::string_view purpose,
                                         std::string_view token) {
    if (secret.empty() || token.size() != kIdDigits + kSignatureDigits) return std::nullopt;
    auto digits = token.substr(0, kIdDigits);
    if (!ConstantTimeEquals(token.substr(kIdDigits), SignatureOf(secret, purpose, digits)))
        return std::nullopt;
    std::int64_t id = 0;
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return id;
}

}  // namespace citadel::crypto
