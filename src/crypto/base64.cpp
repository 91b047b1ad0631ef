#include "crypto/base64.h"

#include <cstdint>

namespace citadel::crypto {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string Encode(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (char byte : bytes) {
        held = (held << 8) | static_cast<unsigned char>(byte);
        for (bits += 8; bits >= 6; bits -= 6) text += alphabet[(held >> (bits - 6)) & 63];
    }
    if (bits > 0) text += alphabet[(held << (6 - bits)) & 63];
    while (pad && text.size() % 4 != 0) text += '=';
    return text;
}

std::optional<std::string> Decode(std::string_view text, std::string_view alphabet) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = (held << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>((held >> bits) & 0xff);
    }
    if ((held & ((1u << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace

std::string Base64(std::string_view bytes) { return Encode(bytes, kStandard, true); }
std::string Base64Url(std::string_view bytes) { return Encode(bytes, kUrl, false); }

std::optional<std::string> DecodeBase64(std::string_view text) {
    auto digits = text.substr(0, text.find('='));
    auto padding = text.substr(digits.size());
    bool right = padding.empty() || (text.size() % 4 == 0 && (padding == "=" || padding == "=="));
    if (!right) return std::nullopt;
    return Decode(digits, kStandard);
}

std::optional<std::string> DecodeBase64Url(std::string_view text) { return Decode(text, kUrl); }

}  // namespace citadel::crypto
