#include "store/ping.h"

namespace citadel::store {

namespace asio = boost::asio;
using postgres::Params;
using postgres::Query;
using postgres::Statement;

namespace {

const Statement kPing{"ping", "select 1"};
const Statement kNotify{"notify_workers", "select pg_notify('citadel_work', '')"};
const Statement kListen{"listen_for_work", "listen citadel_work"};

}  // namespace

asio::awaitable<void> Ping(postgres::Pool& pool) { co_await pool.Run(kPing, Params()); }

asio::awaitable<void> NotifyWorkers(postgres::Pool& pool) { co_await pool.Run(kNotify, Params()); }

asio::awaitable<void> ListenForWork(postgres::Connection& connection) {
    std::vector<Query> queries;
    queries.push_back(Query{&kListen, Params()});
    co_await connection.Run(std::move(queries));
}

}  // namespace citadel::store
