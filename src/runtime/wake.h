// A one-thread event that coroutines wait on: "something may have changed, look again". Waiters must
// look at their condition themselves; a wake-up without a waiter is not kept.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace citadel::runtime {

class Wake {
  public:
    explicit Wake(const boost::asio::any_io_executor& executor) : timer_(executor) {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
    }
    // Waits for the next NotifyAll().
    boost::asio::awaitable<void> Wait();
    void NotifyAll() { timer_.cancel(); }

  private:
    boost::asio::steady_timer timer_;
};

// Sleeps on the wall clock. A cancelled sleep ends early without an error.
boost::asio::awaitable<void> Sleep(std::chrono::milliseconds wall);

}  // namespace citadel::runtime
