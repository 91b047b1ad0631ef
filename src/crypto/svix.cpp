#include "crypto/svix.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "crypto/base64.h"
#include "crypto/hmac.h"

namespace citadel::crypto {
namespace {

bool SameName(std::string_view a, std::string_view b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

SvixHeaders FindNamed(const std::vector<std::pair<std::string, std::string>>& headers,
                      std::string_view prefix) {
    SvixHeaders found;
    for (const auto& [name, value] : headers) {
        if (name.size() <= prefix.size() ||
            !SameName(std::string_view(name).substr(0, prefix.size()), prefix))
            continue;
        auto rest = std::string_view(name).substr(prefix.size());
        if (SameName(rest, "id") && found.id.empty()) found.id = value;
        if (SameName(rest, "timestamp") && found.timestamp.empty()) found.timestamp = value;
        if (SameName(rest, "signature") && found.signature.empty()) found.signature = value;
    }
    return found;
}

std::optional<std::int64_t> ReadSeconds(std::string_view text) {
    std::int64_t seconds = 0;
    auto parsed = std::from_chars(text.begin(), text.end(), seconds);
    if (parsed.ec != std::errc() || parsed.ptr != text.end() || seconds < 0) return std::nullopt;
    return seconds;
}

std::optional<std::string> KeyOf(const Secret& secret) {
    constexpr std::string_view kPrefix = "whsec_";
    std::string_view text = secret.Reveal();
    if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
    auto key = DecodeBase64(text);
    if (!key || key->empty()) return std::nullopt;  // anyone can sign with an empty key
    return key;
}

std::string Digest(std::string_view id, std::string_view timestamp, std::string_view body,
                   std::string_view key) {
    std::string message;
    message.reserve(id.size() + timestamp.size() + body.size() + 2);
    message.append(id).append(".").append(timestamp).append(".").append(body);
    return Base64(HmacSha256(key, message));
}

// "v1,… v1a,…": only v1 counts.
std::vector<std::string_view> FirstVersions(std::string_view list) {
    std::vector<std::string_view> found;
    while (!list.empty()) {
        auto entry = list.substr(0, list.find(' '));
        list.remove_prefix(std::min(list.size(), entry.size() + 1));
        if (entry.starts_with("v1,")) found.push_back(entry.substr(3));
    }
    return found;
}

}  // namespace

SvixHeaders FindSvixHeaders(const std::vector<std::pair<std::string, std::string>>& headers) {
    auto branded = FindNamed(headers, "svix-");
    return branded.complete() ? branded : FindNamed(headers, "webhook-");
}

SvixVerdict VerifySvix(const SvixHeaders& headers, std::string_view body, std::span<const Secret> secrets,
                       Time now, Duration tolerance) {
    if (!headers.complete() || body.empty()) return SvixVerdict::kMissing;
    auto signed_at = ReadSeconds(headers.timestamp);
    if (!signed_at) return SvixVerdict::kMalformed;
    auto age = ToUnixSeconds(now) - *signed_at;  // whole seconds: no timestamp overflows
    auto bound = std::chrono::floor<std::chrono::seconds>(tolerance).count();
    if (age > bound) return SvixVerdict::kTooOld;
    if (-age > bound) return SvixVerdict::kTooNew;
    auto signatures = FirstVersions(headers.signature);
    for (const auto& secret : secrets) {
        auto key = KeyOf(secret);
        if (!key) continue;
        auto wanted = Digest(headers.id, headers.timestamp, body, *key);
        for (auto signature : signatures) {
            if (ConstantTimeEquals(wanted, signature)) return SvixVerdict::kValid;
        }
    }
    return SvixVerdict::kMismatch;
}

std::string SignSvix(std::string_view id, std::string_view body, const Secret& secret, Time now) {
    auto key = KeyOf(secret);
    if (!key) throw std::invalid_argument("a Svix secret is whsec_ and base64");
    return "v1," + Digest(id, std::to_string(ToUnixSeconds(now)), body, *key);
}

bool IsSvixSecret(const Secret& secret) { return KeyOf(secret).has_value(); }

std::string_view Explain(SvixVerdict verdict) {
    switch (verdict) {
        case SvixVerdict::kValid: return "The signature is valid.";
        case SvixVerdict::kMissing:
            return "The headers svix-id, svix-timestamp and svix-signature and a body are needed.";
        case SvixVerdict::kMalformed: return "The svix-timestamp header must be Unix seconds.";
        case SvixVerdict::kTooOld:
            return "The signature is too old; send the message again, or check the clocks of both machines.";
        case SvixVerdict::kTooNew:
            return "The signature is from the future; check the clocks of both machines.";
        case SvixVerdict::kMismatch: return "No v1 signature matches the body under any configured secret.";
    }
    return "";
}

}  // namespace citadel::crypto
