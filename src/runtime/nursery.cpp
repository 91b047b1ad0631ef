#include "runtime/nursery.h"

#include <boost/asio/co_spawn.hpp>

#include "base/log.h"

namespace citadel::runtime {

namespace asio = boost::asio;

struct Nursery::State {
    explicit State(asio::io_context& io) : ended(io.get_executor()) {}
    std::size_t running = 0;
    Wake ended;
};

Nursery::Nursery(asio::io_context& io) : io_(io), state_(std::make_shared<State>(io)) {}

void Nursery::Spawn(std::string name, asio::awaitable<void> work) {
    ++state_->running;
    auto on_end = [state = state_, name = std::move(name)](std::exception_ptr failure) {
        --state->running;
        state->ended.NotifyAll();
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::Error("background_work_failed", {{"work", name}, {"error", error.what()}});
        }
    };
    asio::co_spawn(io_, std::move(work), std::move(on_end));
}

std::size_t Nursery::running() const { return state_->running; }

asio::awaitable<void> Nursery::Close() {
    auto state = state_;
    while (state->running > 0) co_await state->ended.Wait();
}

}  // namespace citadel::runtime
