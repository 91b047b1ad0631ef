// What the claims of a verified token must say for it to be a session of ours (reference: Clerk's session
// token, version 1 and 2). Stricter than Clerk's own library: a token without a session, of a pending session
// or of a machine is nobody.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "auth/authenticator.h"
#include "base/clock.h"
#include "crypto/jwt.h"

namespace citadel::auth {

struct SessionRules {
    std::string issuer;                           // exactly as in `iss`
    std::vector<std::string> authorized_parties;  // exactly as in `azp`; empty: not looked at
    Duration skew = std::chrono::seconds(5);      // between the issuer's clock and ours
    // Tokens that expired so long ago still count; for the way back from Stripe's page only.
    Duration expired_by_at_most{};
};

std::variant<Session, Refusal> ReadSession(const crypto::Jwt& token, const SessionRules& rules, Time now);

}  // namespace citadel::auth
