// The tasks that schedule themselves, run in this process on a real database, with a clock moved by hand and
// a post office that counts. A worker can be made to die at a named step: its coroutine ends there, its lease
// stays, as after kill -9.
#pragma once
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "http/client.h"
#include "postgres/pool.h"
#include "recovery/self_scheduled.h"
#include "store/tasks.h"
#include "stripe/client.h"
#include "support/test_database.h"
#include "upkeep/janitor.h"

namespace citadel::testing {

// Delivers a mail once by its key, as Resend does, and remembers what came.
class PostOffice final : public email::Sender {
  public:
    boost::asio::awaitable<email::Sent> Send(email::Envelope envelope) override;

    std::map<std::string, email::Envelope> delivered;  // by key
    int resent = 0;                                    // came again under their key
    int changed = 0;                                   // of these with another text: a mistake
    bool keeps_bodies = true;                          // else their hash, for tests of many mails
    std::function<bool()> is_away = [] { return false; };
    std::function<bool(const email::Envelope&)> refuses = [](const email::Envelope&) { return false; };
};

class SelfScheduledWork {
  public:
    SelfScheduledWork(const std::string& database_url, Time now, const std::string& stripe_base,
                      recovery::SelfScheduledOptions options = {});
    ~SelfScheduledWork();

    // Asked at every step whether the worker that got there dies.
    std::function<bool(std::string_view step)> dies_at = [](std::string_view) { return false; };

    // Claims and runs what is due now, until there is nothing left that is not in a dead worker's hands.
    void RunDue();
    // The same, past the leases of the dead, until nothing is due or running.
    void RunDueToTheEnd();
    upkeep::JanitorRound RunJanitor();
    // When the next of them is due, or was; nullopt: none is planned.
    std::optional<Time> NextDue();

    boost::asio::io_context io{1};
    ManualClock clock;
    postgres::Pool pool;
    PostOffice post;
    int deaths = 0;

  private:
    boost::asio::awaitable<void> RunOne(store::Task task);

    Sql sql_;
    http::Client http_;
    stripe::ClientFactory stripe_;
    recovery::ChargeBatcher charges_;
    recovery::Tools tools_;
    recovery::SelfScheduled tasks_;
    upkeep::Janitor janitor_;
};

}  // namespace citadel::testing
