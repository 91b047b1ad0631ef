// A few pipelined connections; each Run() takes the least busy one and is one transaction. Work that was
// rolled back by a deadlock or a serialisation failure is done again here, since nothing of it happened.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <vector>

#include "postgres/connection.h"

namespace citadel::postgres {

class Pool {
  public:
    Pool(boost::asio::io_context& io, ConnectionOptions options, std::size_t connections);

    boost::asio::awaitable<std::vector<Rows>> Run(std::vector<Query> queries);
    boost::asio::awaitable<Rows> Run(const Statement& statement, Params params);
    void Close();

  private:
    Connection& LeastBusy();
    std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace citadel::postgres
