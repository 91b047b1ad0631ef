#include "stripe/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "crypto/hmac.h"

namespace citadel::stripe {
namespace {

struct Header {
    std::string_view timestamp;  // as sent, because that text was signed
    std::vector<std::string_view> digests;
};

// Elements are separated by commas and in any order; the last t counts, unknown names are ignored.
Header SplitHeader(std::string_view text) {
    Header header;
    while (!text.empty()) {
        auto element = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), element.size() + 1));
        if (element.starts_with("t=")) header.timestamp = element.substr(2);
        if (element.starts_with("v1=")) header.digests.push_back(element.substr(3));
    }
    return header;
}

std::optional<std::int64_t> ReadSeconds(std::string_view text) {
    std::int64_t seconds = 0;
    auto parsed = std::from_chars(text.begin(), text.end(), seconds);
    if (parsed.ec != std::errc() || parsed.ptr != text.end() || seconds < 0) return std::nullopt;
    return seconds;
}

std::string Digest(std::string_view timestamp, std::string_view body, const Secret& secret) {
    std::string message;
    message.reserve(timestamp.size() + 1 + body.size());
    message.append(timestamp).append(".").append(body);
    return crypto::HmacSha256Hex(secret.Reveal(), message);
}

}  // namespace

SignatureVerdict VerifySignature(std::string_view header, std::string_view body,
                                 std::span<const Secret> secrets, Time now, Duration tolerance) {
    if (header.empty() || body.empty()) return SignatureVerdict::kMissing;
    auto parts = SplitHeader(header);
    auto signed_at = ReadSeconds(parts.timestamp);
    if (!signed_at || parts.digests.empty()) return SignatureVerdict::kMalformed;
    // Whole seconds, so that no timestamp, however far off, overflows.
    auto age = ToUnixSeconds(now) - *signed_at;
    if (age > std::chrono::floor<std::chrono::seconds>(tolerance).count()) return SignatureVerdict::kTooOld;
    for (const auto& secret : secrets) {
        if (secret.empty()) continue;  // anyone can sign with an empty key
        auto wanted = Digest(parts.timestamp, body, secret);
        for (auto digest : parts.digests) {
            if (crypto::ConstantTimeEquals(wanted, digest)) return SignatureVerdict::kValid;
        }
    }
    return SignatureVerdict::kMismatch;
}

std::string SignPayload(std::string_view body, const Secret& secret, Time now) {
    auto timestamp = fmt::format("{}", ToUnixSeconds(now));
    return fmt::format("t={},v1={}", timestamp, Digest(timestamp, body, secret));
}

std::string_view Explain(SignatureVerdict verdict) {
    switch (verdict) {
        case SignatureVerdict::kValid: return "The signature is valid.";
        case SignatureVerdict::kMissing: return "The Stripe-Signature header or the body is missing.";
        case SignatureVerdict::kMalformed:
            return "The Stripe-Signature header must look like t=UNIX_SECONDS,v1=HEX_DIGEST.";
        case SignatureVerdict::kTooOld:
            return "The signature is too old; send the event again, or check the clocks of both machines.";
        case SignatureVerdict::kMismatch:
            return "No signature matches the body under any configured secret; check STRIPE_WEBHOOK_SECRET.";
    }
    return "";
}

}  // namespace citadel::stripe
