// Group commit without timers: while one batch is being committed the next one fills. Under light load
// a batch is one item and waits for nobody; under load many items share the cost of one commit.
//
// One-thread. `commit` gets the items of a batch in order of arrival and answers one result each, in
// the same order; if it throws, everyone in the batch gets the exception. `compatible` may keep an item
// out of a batch that is being put together (it then opens the next one): items of one subject must
// not meet in one statement, which could not see the effect of the first on the second.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "runtime/nursery.h"
#include "runtime/wake.h"

namespace citadel::runtime {

template <typename Item, typename Result>
class Batcher {
  public:
    using Commit = std::function<boost::asio::awaitable<std::vector<Result>>(std::vector<Item>)>;
    // The subject of an item: two items with the same non-empty key never share a batch.
    using Subjects = std::function<std::vector<std::string>(const Item&)>;

    struct Limits {
        std::size_t batch_max = 64;
        std::size_t waiting_max = 4096;  // beyond it Add() throws Trouble(kOverloaded)
        std::size_t lanes = 1;           // batches committed at the same time
        std::size_t beside_min = 1;      // items that make another batch beside a running one worth its while
    };

    Batcher(boost::asio::io_context& io, std::string name, Limits limits, Commit commit,
            Subjects subjects = {})
        : io_(io), name_(std::move(name)), limits_(limits), commit_(std::move(commit)),
          subjects_(std::move(subjects)), nursery_(io), changed_(io.get_executor()) {}

    // Returns when the item's batch is committed. Throws what `commit` threw, or Trouble(kOverloaded).
    boost::asio::awaitable<Result> Add(Item item) {
        if (waiting_.size() >= limits_.waiting_max) {
            throw Trouble(TroubleKind::kOverloaded, name_ + " is full");
        }
        auto entry = std::make_shared<Entry>(io_);
        if (subjects_) entry->subjects = subjects_(item);
        entry->item = std::move(item);
        waiting_.push_back(entry);
        StartLanes();
        while (!entry->result && !entry->failure) co_await entry->done.Wait();
        if (entry->failure) std::rethrow_exception(entry->failure);
        Result result = std::move(*entry->result);
        co_return result;
    }

    std::size_t waiting() const { return waiting_.size(); }
    boost::asio::awaitable<void> Close() { return nursery_.Close(); }

  private:
    struct Entry {
        explicit Entry(boost::asio::io_context& io) : done(io.get_executor()) {}
        Item item;
        std::vector<std::string> subjects;
        std::optional<Result> result;
        std::exception_ptr failure;
        Wake done;
    };
    using Entries = std::vector<std::shared_ptr<Entry>>;

    void StartLanes() {
        if (lanes_ >= limits_.lanes || !WorthALane(lanes_)) {
            changed_.NotifyAll();  // a lane may be waiting for something that it can commit
            return;
        }
        ++lanes_;
        nursery_.Spawn(name_, RunLane());
    }

    // A batch costs as much as some dozen items, so few items rather wait for the batch under way.
    bool WorthALane(std::size_t others) const { return others == 0 || waiting_.size() >= limits_.beside_min; }

    boost::asio::awaitable<void> RunLane() {
        while (WorthALane(lanes_ - 1)) {
            Entries batch = TakeBatch();
            if (batch.empty()) {
                // Everything waiting concerns subjects that another lane is committing just now.
                if (waiting_.empty()) break;
                co_await changed_.Wait();
                continue;
            }
            co_await CommitBatch(batch);
            for (const auto& entry : batch) {
                for (const auto& subject : entry->subjects) in_flight_.erase(subject);
                entry->done.NotifyAll();
            }
            changed_.NotifyAll();
        }
        --lanes_;
    }

    // The oldest items that may be committed now. An item that must wait also holds back later items of
    // its subject, so that one subject's items keep their order.
    Entries TakeBatch() {
        Entries batch;
        std::deque<std::shared_ptr<Entry>> left;
        std::unordered_set<std::string> held_back;
        while (!waiting_.empty() && batch.size() < limits_.batch_max && left.size() < limits_.batch_max) {
            auto entry = std::move(waiting_.front());
            waiting_.pop_front();
            bool must_wait = false;
            for (const auto& subject : entry->subjects) {
                if (in_flight_.contains(subject) || held_back.contains(subject)) must_wait = true;
            }
            if (must_wait) {
                held_back.insert(entry->subjects.begin(), entry->subjects.end());
                left.push_back(std::move(entry));
            } else {
                in_flight_.insert(entry->subjects.begin(), entry->subjects.end());
                batch.push_back(std::move(entry));
            }
        }
        waiting_.insert(waiting_.begin(), left.begin(), left.end());
        return batch;
    }

    boost::asio::awaitable<void> CommitBatch(const Entries& batch) {
        std::vector<Item> items;
        items.reserve(batch.size());
        for (const auto& entry : batch) items.push_back(std::move(entry->item));
        try {
            std::vector<Result> results = co_await commit_(std::move(items));
            CITADEL_CHECK(results.size() == batch.size(), "a batch answers every item");
            for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->result = std::move(results[i]);
        } catch (...) {
            auto failure = std::current_exception();
            for (const auto& entry : batch) entry->failure = failure;
        }
    }

    boost::asio::io_context& io_;
    std::string name_;
    Limits limits_;
    Commit commit_;
    Subjects subjects_;
    Nursery nursery_;
    Wake changed_;
    std::deque<std::shared_ptr<Entry>> waiting_;
    std::unordered_set<std::string> in_flight_;
    std::size_t lanes_ = 0;
};

}  // namespace citadel::runtime
