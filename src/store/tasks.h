// The queue: claim a batch under leases, settle a batch in one transaction, give back what a dead worker
// held. Claims go round the tenants, so that one tenant's flood leaves the others their turn.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

inline constexpr MerchantKey kBeforeAllMerchants{-1, 0};

struct ClaimOrder {
    Time now{};
    int limit = 64;
    int limit_per_merchant = 16;                 // in one claim
    Duration lease = std::chrono::seconds(120);  // on the engine's clock
    MerchantKey after = kBeforeAllMerchants;     // tenants in order of their key, beginning behind this one
};

// Due tasks of the kinds that run here, each to one caller only (FOR UPDATE SKIP LOCKED). None means that
// no tenant behind `after` has any to give; the round begins anew with kBeforeAllMerchants.
boost::asio::awaitable<std::vector<Work>> ClaimDueTasks(postgres::Pool& pool, ClaimOrder order);

// Where a caller's round of the tenants stands.
class ClaimRound {
  public:
    MerchantKey after() const { return after_; }
    // Takes note of what a claim behind after() gave. False: a claim from the beginning gave nothing, so
    // there is nothing to claim just now.
    bool Advance(const std::vector<Work>& claimed);

  private:
    MerchantKey after_ = kBeforeAllMerchants;
};

enum class SettleVerdict { kSettled, kLeaseLost };

// One verdict each, in order. A lost lease changes nothing.
boost::asio::awaitable<std::vector<SettleVerdict>> SettleTasks(postgres::Pool& pool,
                                                               std::vector<Settlement> batch, Time now);

// Hands a claimed task back untouched, as if it had never been claimed (graceful stop).
boost::asio::awaitable<void> ReleaseTask(postgres::Pool& pool, Task task);

struct Rescue {
    std::int64_t returned = 0;  // to be run again
    std::int64_t failed = 0;    // had crashed their worker `tries_max` times; their recovery is stopped
};
// Leases that ran out, by their own expiry.
boost::asio::awaitable<Rescue> RescueExpiredAcrossMerchants(postgres::Pool& pool, Time now, int tries_max);

// A recovery that was closed while one of its charges had no known outcome, or with something left to be
// done at Stripe, gets a task that sees to it (and never charges). Returns how many were made.
boost::asio::awaitable<std::int64_t> QueueUnsettledAcrossMerchants(postgres::Pool& pool, Time intended_before,
                                                                   Time now);

struct QueueDepth {
    std::int64_t due = 0;
    std::int64_t running = 0;
    std::optional<Time> next_run_at;  // of those not yet due
};
boost::asio::awaitable<QueueDepth> ReadQueueDepthAcrossMerchants(postgres::Pool& pool, Time now);

}  // namespace citadel::store
