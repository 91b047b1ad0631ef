// The whole state of the simulated Stripe in one place: one thread, no locks, nothing on disk. All
// that happens is a function of this state, the clock and the seed, so the same calls give the same run.
#pragma once
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "stripe_sim/agenda.h"
#include "stripe_sim/endpoints.h"
#include "stripe_sim/events.h"
#include "stripe_sim/keys.h"
#include "stripe_sim/ledger.h"
#include "stripe_sim/oauth_book.h"
#include "stripe_sim/objects.h"
#include "stripe_sim/rate_limits.h"
#include "stripe_sim/request_log.h"

namespace citadel::stripe_sim {

struct Payer;

struct World {
    World(const Clock& world_clock, std::uint64_t seed);
    ~World();
    World(const World&) = delete;

    // The present of whoever the work is done for: that of a test clock (clock_scope.h), else `clock`'s.
    // Products, payments, cards and events go by `clock` always, as with Stripe.
    Time Now() const { return timeline ? timeline->now : clock.Now(); }
    // Puts work on the agenda of the same time.
    void At(Time time, std::function<void()> work) {
        (timeline ? timeline->agenda : agenda).At(time, std::move(work));
    }
    // "in_1" and 23 letters or digits, never the same twice.
    std::string NewId(std::string_view prefix, std::size_t length = 23);
    Account& AddAccount(std::string name, std::string api_version);
    Account* FindAccount(const std::string& id);
    // The account whose key is used: it has its own, separate objects.
    Account& Platform() { return *platform; }
    std::string HostedUrl(const Account& account, const std::string& invoice) const;

    // Puts an event down; `previous` are the old values of what changed.
    void Emit(const Account& account, std::string type, Snapshot object, const Cause& cause = {},
              json::object previous = {});
    void EmitThin(const Account& account, std::string type, ThinBody body);

    const Clock& clock;
    Random random;
    Agenda agenda;                 // of `clock`
    Timeline* timeline = nullptr;  // the test clock's in whose time work is done
    EventLog events;
    EventLog thin_events;
    Ledger ledger;
    KeyRing keys;
    OAuthBook oauth;
    RateLimiter limits;
    RequestLog requests;
    std::vector<std::string>* changed = nullptr;  // where the running call's changes are noted
    std::string base_url = "http://127.0.0.1";
    std::map<std::string, std::unique_ptr<Account>> accounts;  // without the platform
    std::vector<const Account*> accounts_in_order;             // of creation
    std::unique_ptr<Account> platform;
    std::list<WebhookEndpoint> webhook_endpoints;          // of all accounts, oldest first
    std::map<std::string, CliSession> cli_sessions;        // by id
    std::map<std::string, std::unique_ptr<Payer>> payers;  // by customer; only simulated people have one

  private:
    EventPtr MakeEvent(const Account& account, std::string type, Snapshot object);
};

}  // namespace citadel::stripe_sim
