// Every API request that could have an effect, in the order of their answers: what was asked, what was
// answered, and which objects it changed. Appended to and never altered; the oldest are forgotten when
// there are too many. Reading calls (GET) are not in it.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"

namespace citadel::stripe_sim {

struct RequestRecord {
    std::uint64_t number = 0;  // 1, 2, 3, …
    Time arrived{}, answered{};
    std::string request_id, account, method, path, idempotency_key;
    int status = 0;
    bool replayed = false;             // the stored answer of an idempotency key: nothing was done
    std::string fault;                 // the fault rule that struck, or empty
    std::vector<std::string> changed;  // ids of the objects it made or changed
};

class RequestLog {
  public:
    static constexpr std::size_t kKept = 100'000;

    void Add(RequestRecord record) {
        record.number = ++count_;
        records_.push_back(std::move(record));
        if (records_.size() > kKept) records_.pop_front();
    }
    const std::deque<RequestRecord>& records() const { return records_; }
    std::uint64_t forgotten() const { return count_ - records_.size(); }

  private:
    std::deque<RequestRecord> records_;
    std::uint64_t count_ = 0;
};

}  // namespace citadel::stripe_sim
