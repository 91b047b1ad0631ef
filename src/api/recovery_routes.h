// Recoveries: lists, one with its timeline, what a customer is entitled to, and the merchant's two buttons.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "api/access.h"
#include "base/clock.h"
#include "postgres/pool.h"
#include "store/recovery_actions.h"

namespace citadel::api {

// Why the card networks' rules forbid a charge of this recovery at this moment; nothing: they do not. Asked
// before a merchant's "collect now" is taken; the transaction that writes the intent of a charge asks again.
using NetworkObjection = std::function<boost::asio::awaitable<std::optional<std::string>>(
    MerchantKey merchant, std::int64_t recovery_id, Time now)>;

class RecoveryRoutes {
  public:
    struct Options {
        NetworkObjection network_objection;            // none: left to the transaction of the intent
        std::function<void()> on_work;                 // something is due at once
        Duration grace = std::chrono::hours(24 * 29);  // from the first failure until we surely have given up
    };
    RecoveryRoutes(postgres::Pool& pool, const Clock& clock, Options options)
        : pool_(pool), clock_(clock), options_(std::move(options)) {}

    boost::asio::awaitable<http::Reply> List(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> One(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Retry(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> Stop(Caller caller, http::Request request);
    boost::asio::awaitable<http::Reply> ByCustomer(Caller caller, http::Request request);

  private:
    boost::asio::awaitable<http::Reply> AnswerAction(Caller caller, std::int64_t recovery_id,
                                                     store::ActionVerdict verdict);

    postgres::Pool& pool_;
    const Clock& clock_;
    Options options_;
};

}  // namespace citadel::api
