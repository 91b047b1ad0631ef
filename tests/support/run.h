// Runs a coroutine to its end on an io_context and returns what it returned; other work of that
// io_context goes on meanwhile.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace citadel::testing {

template <typename T>
T Await(boost::asio::io_context& io, boost::asio::awaitable<T> work) {
    std::exception_ptr failure;
    std::optional<T> result;
    bool ended = false;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown, T value) {
        failure = thrown;
        if (!thrown) result.emplace(std::move(value));
        ended = true;
    });
    io.restart();
    while (!ended) io.run_one();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

inline void Await(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
    std::exception_ptr failure;
    bool ended = false;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr thrown) {
        failure = thrown;
        ended = true;
    });
    io.restart();
    while (!ended) io.run_one();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace citadel::testing
