// Signatures of webhooks that Svix sends, for Clerk and Resend: HMAC-SHA-256 over "id.timestamp.body",
// base64, keyed with the decoded part of whsec_… (unlike Stripe's). The header may list several, of several
// versions; one match under any secret suffices. The timestamp is bounded on both sides.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace citadel::crypto {

struct SvixHeaders {
    std::string_view id;  // msg_…, the same for every redelivery
    std::string_view timestamp;
    std::string_view signature;
    bool complete() const { return !id.empty() && !timestamp.empty() && !signature.empty(); }
};

// svix-id, svix-timestamp and svix-signature, or else their unbranded names webhook-…; without case. The
// views point into `headers`.
SvixHeaders FindSvixHeaders(const std::vector<std::pair<std::string, std::string>>& headers);

enum class SvixVerdict { kValid, kMissing, kMalformed, kTooOld, kTooNew, kMismatch };

SvixVerdict VerifySvix(const SvixHeaders& headers, std::string_view body, std::span<const Secret> secrets,
                       Time now, Duration tolerance = std::chrono::seconds(300));

// The value of svix-signature; for tests and for local senders.
std::string SignSvix(std::string_view id, std::string_view body, const Secret& secret, Time now);

// Whether a text is such a secret: base64, with or without "whsec_". For checks of the configuration.
bool IsSvixSecret(const Secret& secret);

// A sentence for the answer's detail.
std::string_view Explain(SvixVerdict verdict);

}  // namespace citadel::crypto
