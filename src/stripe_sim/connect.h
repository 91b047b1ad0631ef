// The connection between a merchant's account and the platform, and what is told about it: OAuth, the
// accounts' own calls and the control API all connect, disconnect and announce changes here.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// The platform has access from now on (account.application.authorized, unless it had it before).
void Connect(World& world, Account& account, std::string scope, const Cause& cause = {});

// The merchant takes the access away: calls for the account answer 403 from now on, its access tokens
// and refresh tokens are worth nothing.
void Deauthorize(World& world, Account& account, const Cause& cause = {});

// account.updated; `previous` are the old values of what changed.
void AnnounceAccount(World& world, const Account& account, json::object previous, const Cause& cause = {});

// Switches charges (and payouts) on or off, as Stripe does after a look at the merchant's papers.
void EnableCharges(World& world, Account& account, bool on, const Cause& cause = {});

}  // namespace citadel::stripe_sim
