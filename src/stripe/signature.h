// The Stripe-Signature header (scheme v1): "t=UNIX,v1=HEX[,v1=HEX…]", HMAC-SHA-256 over "t.body" with
// the whole secret text as key. Several v1 stand there while a secret is rolled; several secrets are
// configured because platform and Connect endpoints share one URL: any pair may match.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

namespace citadel::stripe {

enum class SignatureVerdict { kValid, kMissing, kMalformed, kTooOld, kMismatch };

// `tolerance` bounds age only: a timestamp ahead of our clock is accepted, as Stripe's own libraries do.
SignatureVerdict VerifySignature(std::string_view header, std::string_view body,
                                 std::span<const Secret> secrets, Time now,
                                 Duration tolerance = std::chrono::seconds(300));

// What the sender does; for the simulator and tests.
std::string SignPayload(std::string_view body, const Secret& secret, Time now);

// A sentence for the answer's detail.
std::string_view Explain(SignatureVerdict verdict);

}  // namespace citadel::stripe
