#include "email/tracking_link.h"

#include "base/error.h"
#include "crypto/base64.h"
#include "crypto/hmac.h"

namespace citadel::email {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kContentBytes = 1 + 8 + 8 + 1 + 2;
constexpr char kVersion = 1;

void Append(std::string& bytes, std::uint64_t number, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
        bytes += static_cast<char>((number >> shift) & 0xFF);
}

std::uint64_t Take(std::string_view& bytes, std::size_t size) {
    std::uint64_t number = 0;
    for (char c : bytes.substr(0, size)) number = (number << 8) | static_cast<unsigned char>(c);
    bytes.remove_prefix(size);
    return number;
}

std::string Pack(const LetterRef& letter) {
    std::string bytes(1, kVersion);
    Append(bytes, static_cast<std::uint64_t>(letter.merchant.id), 8);
    Append(bytes, static_cast<std::uint64_t>(letter.recovery_id), 8);
    Append(bytes, static_cast<std::uint64_t>(letter.kind), 1);
    Append(bytes, static_cast<std::uint64_t>(letter.attempt), 2);
    return bytes;
}

std::optional<LetterRef> Unpack(std::string_view bytes) {
    if (bytes.size() != kContentBytes || bytes.front() != kVersion) return std::nullopt;
    bytes.remove_prefix(1);
    LetterRef letter;
    letter.merchant.id = static_cast<std::int64_t>(Take(bytes, 8));
    letter.merchant.bucket = BucketOf(letter.merchant.id);
    letter.recovery_id = static_cast<std::int64_t>(Take(bytes, 8));
    letter.kind = static_cast<MailKind>(Take(bytes, 1));
    letter.attempt = static_cast<int>(Take(bytes, 2));
    if (NameOf(letter.kind).empty()) return std::nullopt;
    return letter;
}

std::string Mac(const Secret& secret, std::string_view purpose, std::string_view content) {
    auto message = std::string("citadel link ") + std::string(purpose) + '\0' + std::string(content);
    return crypto::HmacSha256(secret.Reveal(), message).substr(0, kMacBytes);
}

std::string Blend(const Secret& secret, std::string_view mac, std::string_view content) {
    auto stream = crypto::HmacSha256(secret.Reveal(), std::string("citadel stream ") + std::string(mac));
    std::string blended(content);
    for (std::size_t i = 0; i < blended.size(); ++i) blended[i] = static_cast<char>(blended[i] ^ stream[i]);
    return blended;
}

std::string Seal(const Secret& secret, std::string_view purpose, const LetterRef& letter) {
    auto content = Pack(letter);
    auto mac = Mac(secret, purpose, content);
    return crypto::Base64Url(mac + Blend(secret, mac, content));
}

}  // namespace

std::string TrackingLinks::ClickUrl(const LetterRef& letter) const {
    CITADEL_CHECK(on(), "links are asked for only when there are any");
    return public_url_ + "/api/track/click/" + Seal(secrets_.front(), "click", letter);
}

std::string TrackingLinks::OpenUrl(const LetterRef& letter) const {
    CITADEL_CHECK(on(), "links are asked for only when there are any");
    return public_url_ + "/api/track/open/" + Seal(secrets_.front(), "open", letter);
}

std::optional<LetterRef> TrackingLinks::Read(std::string_view purpose, std::string_view token) const {
    if (token.size() > 128) return std::nullopt;
    auto sealed = crypto::DecodeBase64Url(token);
    if (!sealed || sealed->size() != kMacBytes + kContentBytes) return std::nullopt;
    auto mac = std::string_view(*sealed).substr(0, kMacBytes);
    for (const auto& secret : secrets_) {
        auto content = Blend(secret, mac, std::string_view(*sealed).substr(kMacBytes));
        if (crypto::ConstantTimeEquals(Mac(secret, purpose, content), mac)) return Unpack(content);
    }
    return std::nullopt;
}

std::optional<LetterRef> TrackingLinks::ReadClick(std::string_view token) const {
    return Read("click", token);
}
std::optional<LetterRef> TrackingLinks::ReadOpen(std::string_view token) const { return Read("open", token); }

}  // namespace citadel::email
