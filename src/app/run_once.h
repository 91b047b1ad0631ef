// Runs one coroutine to its end on an io_context of its own, for commands that do one thing.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace citadel::app {

// Rethrows what `work` threw.
void RunToEnd(boost::asio::io_context& io, boost::asio::awaitable<void> work);

}  // namespace citadel::app
