// The inbox in this process on a real database: events are stored as the webhook route stores them, many
// at once, without sockets between.
#pragma once
#include <boost/asio/io_context.hpp>

#include <string>
#include <vector>

#include "base/clock.h"
#include "inbox/inbox.h"
#include "postgres/pool.h"
#include "runtime/nursery.h"
#include "support/run.h"

namespace citadel::testing {

class Ingest {
  public:
    Ingest(const std::string& database_url, Time now, std::size_t connections = 2)
        : clock(now), pool(io, Options(database_url), connections), inbox_(io, pool, clock, {}, [] {}) {}
    ~Ingest() { pool.Close(); }

    // Each list in its own order, all lists side by side.
    void StoreLists(const std::vector<std::vector<std::string>>& lists) {
        runtime::Nursery nursery(io);
        for (const auto& list : lists) nursery.Spawn("list", StoreList(list));
        Await(io, nursery.Close());
    }
    // All of them at once.
    void StoreAtOnce(const std::vector<std::string>& events) {
        std::vector<std::vector<std::string>> lists;
        for (const auto& event : events) lists.push_back({event});
        StoreLists(lists);
    }

    boost::asio::io_context io{1};
    ManualClock clock;
    postgres::Pool pool;
    std::vector<std::string> actions;  // of every event, as they were answered

  private:
    static postgres::ConnectionOptions Options(const std::string& url) {
        postgres::ConnectionOptions options;
        options.url = url;
        return options;
    }

    boost::asio::awaitable<void> StoreList(std::vector<std::string> list) {
        for (const auto& body : list) {
            stripe::Event event = stripe::ParseEvent(body);
            store::IntakeResult result = co_await inbox_.Store(event);
            actions.emplace_back(store::NameOf(result.action));
        }
    }

    inbox::Inbox inbox_;
};

}  // namespace citadel::testing
