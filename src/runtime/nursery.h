// Every background coroutine has an owner that waits for it: Spawn() starts one, Close() returns when
// all have ended. An exception that leaves a spawned coroutine is logged under its name, not lost.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/wake.h"

namespace citadel::runtime {

class Nursery {
  public:
    explicit Nursery(boost::asio::io_context& io);
    // `name` appears in the log if the coroutine throws.
    void Spawn(std::string name, boost::asio::awaitable<void> work);
    std::size_t running() const;
    // Waits until nothing spawned is running any more. It does not ask anything to stop.
    boost::asio::awaitable<void> Close();

  private:
    struct State;
    boost::asio::io_context& io_;
    std::shared_ptr<State> state_;
};

}  // namespace citadel::runtime
