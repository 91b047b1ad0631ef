// The smallest question to the database, and the word that wakes workers in other processes.
#pragma once
#include <boost/asio/awaitable.hpp>

#include "postgres/connection.h"
#include "postgres/pool.h"

namespace citadel::store {

boost::asio::awaitable<void> Ping(postgres::Pool& pool);  // throws Trouble

// Tells every listening process that tasks are due. Costs a commit: call it seldom.
boost::asio::awaitable<void> NotifyWorkers(postgres::Pool& pool);
// Makes the connection call its on_notify for each such word. Not through PgBouncer in transaction mode.
boost::asio::awaitable<void> ListenForWork(postgres::Connection& connection);

}  // namespace citadel::store
