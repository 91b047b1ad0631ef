// What OAuth remembers: the application's settings, authorization codes and refresh tokens. Plain data;
// oauth.h answers the calls.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace citadel::stripe_sim {

struct OAuthGrant {
    std::string account;
    std::string scope;
    Time made{};
    bool used = false;
    std::vector<std::string> tokens;  // what was issued for the code: access and refresh tokens
};

struct RefreshToken {
    std::string account;
    std::string scope;
};

struct OAuthBook {
    std::string client_id = "ca_citadel_sim";
    std::vector<std::string> redirect_uris;  // none: any address on this machine
    std::map<std::string, OAuthGrant> grants;
    std::map<std::string, RefreshToken> refresh_tokens;
};

}  // namespace citadel::stripe_sim
