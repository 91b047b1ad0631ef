#include "app/run_once.h"

#include <boost/asio/co_spawn.hpp>

namespace citadel::app {

void RunToEnd(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
    std::exception_ptr failure;
    auto on_end = [&](std::exception_ptr thrown) {
        failure = thrown;
        io.stop();
    };
    boost::asio::co_spawn(io, std::move(work), on_end);
    io.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace citadel::app
