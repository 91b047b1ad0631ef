// One non-blocking PostgreSQL connection in libpq's pipeline mode: many coroutines share it, each Run()
// is one implicit transaction, committed or rolled back as a whole, and answers come in order.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "postgres/statement.h"

namespace citadel::postgres {

struct ConnectionOptions {
    std::string url;      // a libpq URI or key=value text; several hosts allowed
    bool prepare = true;  // false behind PgBouncer before 1.21
    // Every Run() acts as this role; empty: as who has connected. Set for the transaction, in the same round
    // trip, so that it holds behind PgBouncer too.
    std::string role;
    std::chrono::milliseconds answer_deadline{30'000};  // no answer for so long: the connection is given up
    std::function<void()> on_notify;                    // called for every NOTIFY that arrives
};

class Connection {
  public:
    Connection(boost::asio::io_context& io, ConnectionOptions options);
    ~Connection();

    // Runs the queries in one transaction and returns their rows, in order; connects first when there is
    // no connection. Throws Trouble:
    //   kUnavailable  nothing was done (no connection, or a rollback that may simply be done again)
    //   kUnknown      the connection broke after sending: it may have been committed
    //   kRejected     PostgreSQL refused the statement for good
    boost::asio::awaitable<std::vector<Rows>> Run(std::vector<Query> queries);

    std::size_t in_flight() const;
    void Close();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace citadel::postgres
