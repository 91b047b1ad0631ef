// Opens charge slots: the intent is committed before Stripe is called, and only while the lease is ours,
// the recovery is open, the account is connected, no earlier slot is unsettled and no card network's limit
// is used up. A stop signal that committed first therefore wins; one that commits later finds the intent.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "postgres/pool.h"
#include "store/work.h"

namespace citadel::store {

// A network's limit for one card in a rolling window; which ones hold is policy/network_limits.
struct BudgetLimit {
    std::string name;  // for words: "visa, 720 hours"
    std::chrono::hours window{};
    int attempts_max = 0;  // in the window, the next one included
    bool declines_only = false;
    bool same_amount = false;
};

// What pays, as the networks count it. The fingerprint is never empty: who cannot be told apart by it is
// counted by the method's id.
struct Card {
    std::string payment_method;
    std::string fingerprint;
    std::string network;
};

struct ChargeIntent {
    Task task;
    std::int64_t recovery_id = 0;
    Money amount;
    Card card;
    std::vector<BudgetLimit> limits;
};

struct ChargeVerdict {
    std::optional<ChargeSlot> slot;      // nullopt: refused, nothing may be sent
    std::optional<Time> budget_free_at;  // refused because a limit is used up until then
    std::string limit;                   // which
};

// One verdict each, in order.
boost::asio::awaitable<std::vector<ChargeVerdict>> OpenCharges(postgres::Pool& pool,
                                                               std::vector<ChargeIntent> batch, Time now);

// Whether the charge of a slot in doubt may be sent again under its key: as at its first time the lease is
// ours, the recovery open and the account connected. Notes when, for a charge that must be looked for later.
boost::asio::awaitable<bool> AskAgain(postgres::Pool& pool, Task task, std::int64_t recovery_id, int slot,
                                      Time now);

struct BudgetUse {
    BudgetLimit limit;
    int used = 0;
    std::optional<Time> free_at;  // when used up: when the next attempt is allowed
};
// How much of each limit a card has used at this merchant, without taking any.
boost::asio::awaitable<std::vector<BudgetUse>> ReadBudgets(postgres::Pool& pool, MerchantKey merchant,
                                                           std::string fingerprint, Money amount,
                                                           std::vector<BudgetLimit> limits, Time now);

}  // namespace citadel::store
