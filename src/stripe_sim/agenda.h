// What is to happen at which time: renewals, Stripe's own retries, payers' actions. Work of one
// moment runs in the order in which it was put down, so a run is repeatable.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace citadel::stripe_sim {

class Agenda {
  public:
    void At(Time time, std::function<void()> work) {
        due_.emplace(std::pair(time, next_++), std::move(work));
    }

    // Runs at most `most` of what is due, earliest first; returns how much was run.
    std::size_t RunDue(Time now, std::size_t most) {
        std::size_t count = 0;
        while (count < most && !due_.empty() && due_.begin()->first.first <= now) {
            auto work = std::move(due_.begin()->second);
            due_.erase(due_.begin());
            work();
            ++count;
        }
        return count;
    }

    std::optional<Time> Next() const {
        if (due_.empty()) return std::nullopt;
        return due_.begin()->first.first;
    }

  private:
    std::map<std::pair<Time, std::uint64_t>, std::function<void()>> due_;
    std::uint64_t next_ = 0;
};

}  // namespace citadel::stripe_sim
