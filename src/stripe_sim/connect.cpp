#include "stripe_sim/connect.h"

namespace citadel::stripe_sim {

void Connect(World& world, Account& account, std::string scope, const Cause& cause) {
    account.scope = std::move(scope);
    if (account.connected) return;
    account.connected = true;
    world.Emit(account, "account.application.authorized", Application(), cause);
}

void Deauthorize(World& world, Account& account, const Cause& cause) {
    if (!account.connected) return;
    world.Emit(account, "account.application.deauthorized", Application(), cause);
    account.connected = false;
    world.keys.RevokeAccess(account.id);
    std::erase_if(world.oauth.refresh_tokens,
                  [&](const auto& entry) { return entry.second.account == account.id; });
}

void AnnounceAccount(World& world, const Account& account, json::object previous, const Cause& cause) {
    world.Emit(account, "account.updated", Keep<Merchant>(account), cause, std::move(previous));
}

void EnableCharges(World& world, Account& account, bool on, const Cause& cause) {
    if (account.charges_enabled == on) return;
    json::object previous;
    previous["charges_enabled"] = account.charges_enabled;
    previous["payouts_enabled"] = account.charges_enabled;
    account.charges_enabled = on;
    AnnounceAccount(world, account, std::move(previous), cause);
}

}  // namespace citadel::stripe_sim
