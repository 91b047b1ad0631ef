#include "stripe_sim/world.h"

#include <fmt/format.h>

#include "stripe_sim/payers.h"
#include "stripe_sim/shapes.h"

namespace citadel::stripe_sim {

World::World(const Clock& world_clock, std::uint64_t seed)
    : clock(world_clock), random(seed), limits(world_clock) {
    platform = std::make_unique<Account>();
    platform->id = NewId("acct_1", 15);
    platform->name = "The Citadel";
    platform->email = "platform@example.com";
    platform->api_version = kNewVersion;
    platform->created = Now();
}

World::~World() = default;

std::string World::NewId(std::string_view prefix, std::size_t length) {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string id(prefix);
    for (std::size_t i = 0; i < length; ++i) id += kLetters[random.Below(kLetters.size())];
    return id;
}

Account& World::AddAccount(std::string name, std::string api_version) {
    auto account = std::make_unique<Account>();
    account->id = NewId("acct_1", 15);
    account->name = std::move(name);
    account->api_version = std::move(api_version);
    account->retry_schedule = {3, 5, 7};
    account->created = Now();
    auto& added = *account;
    accounts.emplace(added.id, std::move(account));
    accounts_in_order.push_back(&added);
    return added;
}

Account* World::FindAccount(const std::string& id) {
    if (id == platform->id) return platform.get();
    auto found = accounts.find(id);
    return found == accounts.end() ? nullptr : found->second.get();
}

std::string World::HostedUrl(const Account& account, const std::string& invoice) const {
    return fmt::format("{}/i/{}/{}", base_url, account.id, invoice);
}

EventPtr World::MakeEvent(const Account& account, std::string type, Snapshot object) {
    auto event = std::make_shared<Event>();
    event->id = NewId("evt_1");
    event->type = std::move(type);
    event->account = account.id;
    event->api_version = account.api_version;
    event->created = clock.Now();
    event->object = std::move(object);
    return event;
}

void World::Emit(const Account& account, std::string type, Snapshot object, const Cause& cause,
                 json::object previous) {
    auto event = MakeEvent(account, std::move(type), std::move(object));
    if (changed) changed->push_back(IdIn(event->object));
    event->previous = std::move(previous);
    event->request_id = cause.request_id;
    event->idempotency_key = cause.idempotency_key;
    events.Add(std::move(event));
}

void World::EmitThin(const Account& account, std::string type, ThinBody body) {
    thin_events.Add(MakeEvent(account, std::move(type), Keep(body)));
}

}  // namespace citadel::stripe_sim
