// Who calls, for which account, and whether he may: the first questions of the API's door. All
// refusals are Stripe's own (401, 403) and thrown before anything is done.
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// The key of a call, Bearer or Basic with the key as the user's name; empty: there is none.
std::string KeyIn(std::string_view authorization);

// 401 without a key, with an unknown or an expired one; 403 for a publishable one. The key is a copy:
// the call may wait, and the ring change meanwhile.
ApiKey Authenticate(const World& world, std::string_view key);

// The same for the meter event stream, which takes the tokens of its own sessions only.
ApiKey AuthenticateSession(const World& world, std::string_view token);

// The account of Stripe-Account, or the key's own. 403 where the key has no access.
Account& AccountOf(World& world, const ApiKey& key, std::string_view stripe_account);

// 403 when a restricted key or a read-only connection does not allow the call.
void CheckPermission(const ApiKey& key, const Account& account, std::string_view method,
                     std::string_view path);

}  // namespace citadel::stripe_sim
