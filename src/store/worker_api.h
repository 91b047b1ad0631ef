// Tasks in the hands of workers outside: claimed, kept and completed over HTTP, with the same leases as our
// own.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "postgres/pool.h"
#include "store/recoveries_view.h"
#include "store/work.h"

namespace citadel::store {

struct OutsideTask {
    MerchantKey merchant;
    std::int64_t id = 0;
    std::string task_type;
    Time run_at{};
    std::int64_t tries = 0;
    std::int64_t deferrals = 0;
    std::string lease_token;
    Time lease_expires_at{};
    std::string stripe_account_id;         // the connected one; may be empty
    std::optional<RecoveryLine> recovery;  // nothing: the task is about none
    std::optional<RenewalLine> renewal;    // but perhaps about this
};

struct OutsideClaim {
    std::vector<std::string> task_types;
    int limit = 10;
    Duration lease = std::chrono::seconds(120);  // on the engine's clock
};
// Due tasks of connected and other merchants, each to one caller only, fair between merchants: the oldest due
// task of each first, then the second of each …
boost::asio::awaitable<std::vector<OutsideTask>> ClaimAcrossMerchants(postgres::Pool& pool,
                                                                      OutsideClaim claim, Time now);

// A lease as its holder names it.
struct OutsideLease {
    MerchantKey merchant;
    std::int64_t task_id = 0;
    std::string lease_token;  // a UUID
};

enum class LeaseVerdict { kHeld, kNoSuchTask, kLost };

struct Extended {
    LeaseVerdict verdict = LeaseVerdict::kHeld;
    Time lease_expires_at{};
};
boost::asio::awaitable<Extended> ExtendLease(postgres::Pool& pool, OutsideLease lease, Time until);

struct OutsideOutcome {
    bool success = false;
    std::optional<Money> recovered;
    std::string error;
    std::optional<Time> run_again_at;  // of this task, or of the one that follows
};

struct OutsideCompletion {
    LeaseVerdict verdict = LeaseVerdict::kHeld;
    bool wrong_currency = false;  // nothing was changed
    std::string status;           // of the task: completed, pending, failed
    std::string recovery_status;  // empty: the task is about none
    std::optional<Money> recovered;
    std::optional<Time> runs_at;
};
// Books the outcome under the lease, or tells again what the first call with this lease was told.
boost::asio::awaitable<OutsideCompletion> CompleteOutside(postgres::Pool& pool, OutsideLease lease,
                                                          OutsideOutcome outcome, Time now);

}  // namespace citadel::store
