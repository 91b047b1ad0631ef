#include "auth/authenticator.h"

namespace citadel::auth {

std::string_view CodeOf(Refusal refusal) {
    switch (refusal) {
        case Refusal::kMissing: return "unauthenticated";
        case Refusal::kExpired: return "token_expired";
        case Refusal::kInvalid: return "token_invalid";
        case Refusal::kForeignOrigin: return "origin_not_allowed";
        case Refusal::kUnavailable: return "keys_unavailable";
    }
    return "unauthenticated";
}

}  // namespace citadel::auth
