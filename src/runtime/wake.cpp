#include "runtime/wake.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace citadel::runtime {

namespace asio = boost::asio;

asio::awaitable<void> Wake::Wait() {
    boost::system::error_code cancelled;
    auto token = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await timer_.async_wait(token);
}

asio::awaitable<void> Sleep(std::chrono::milliseconds wall) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, wall);
    boost::system::error_code cancelled;
    auto token = asio::redirect_error(asio::use_awaitable, cancelled);
    co_await timer.async_wait(token);
}

}  // namespace citadel::runtime
