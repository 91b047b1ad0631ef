// OAuth of Connect (Standard): the page on which a merchant lets the platform in, and the two calls
// that turn its code into tokens and take the access away. Errors have OAuth's own form, except where
// Stripe cannot trust the redirect address and shows them itself.
#pragma once
#include <string>

#include "http/message.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// A code that POST /oauth/token takes once, within five minutes.
std::string GrantCode(World& world, const Account& account, std::string scope);

// GET /oauth/authorize shows the page, its form posts the merchant's answer to the same address.
http::Reply ServeAuthorize(World& world, const http::Request& request);

// POST /oauth/token and /oauth/deauthorize.
http::Reply ServeOAuth(World& world, const http::Request& request, const Cause& cause);

}  // namespace citadel::stripe_sim
