#include "recovery/worker.h"

#include "base/log.h"
#include "recovery/ask_customer.h"
#include "recovery/expiring_card.h"
#include "recovery/retry_payment.h"

namespace citadel::recovery {

namespace asio = boost::asio;
using store::Settlement;
using store::Work;

namespace {

std::string RecoveryKey(MerchantKey merchant, std::int64_t recovery_id) {
    return fmt::format("{}/{}", merchant.id, recovery_id);
}

// A run that broke: tried again a little later, in the end given up with its recovery.
Settlement SettleBroken(const Work& work, const Clock& clock, int tries_max, const std::string& error) {
    Settlement settlement = BeginSettlement(work);
    settlement.result = error;
    if (work.task.tries >= tries_max) {
        settlement.end = store::TaskEnd::kFailed;
        settlement.recovery_end = store::RecoveryEnd::kStopped;
        settlement.reason = "task_failed";
        return settlement;
    }
    settlement.end = store::TaskEnd::kRetried;
    settlement.run_again_at = clock.Now() + clock.Stretch(std::chrono::seconds(10) * work.task.tries);
    return settlement;
}

}  // namespace

Worker::Worker(asio::io_context& io, postgres::Pool& pool, const Clock& clock,
               const stripe::ClientFactory& stripe, email::Sender& sender, WorkerOptions options)
    : pool_(pool), clock_(clock), options_(std::move(options)),
      charges_(
          io, "charges", {64, 4096, 1},
          [this](std::vector<store::ChargeIntent> batch) {
              return store::OpenCharges(pool_, std::move(batch), clock_.Now());
          },
          [](const store::ChargeIntent& intent) {
              // Two charges of one card would not see each other's use of its budget.
              return std::vector<std::string>{
                  RecoveryKey(intent.task.merchant, intent.recovery_id),
                  fmt::format("{}/{}", intent.task.merchant.id, intent.card.fingerprint)};
          }),
      settler_(
          io, "settle", {64, 4096, 1},
          [this](std::vector<Settlement> batch) {
              return store::SettleTasks(pool_, std::move(batch), clock_.Now());
          },
          [](const Settlement& settlement) {
              std::vector<std::string> kept_apart;  // what is about no recovery touches nothing but its task
              if (settlement.recovery_id != 0)
                  kept_apart.push_back(RecoveryKey(settlement.task.merchant, settlement.recovery_id));
              return kept_apart;
          }),
      tools_{pool, clock, stripe, sender, charges_, options_.email_from, options_.at_step, options_.links},
      self_scheduled_(io, tools_, options_.self_scheduled), nursery_(io), work_(io.get_executor()) {}

void Worker::Wake() {
    look_again_ = true;
    work_.NotifyAll();
}

void Worker::Stop() {
    stopping_ = true;
    work_.NotifyAll();
}

asio::awaitable<void> Worker::Run() {
    nursery_.Spawn("worker_poll", Poll());
    while (!stopping_) {
        bool more = false;
        look_again_ = false;
        try {
            more = co_await ClaimAndStart();
        } catch (const std::exception& error) {
            log::Warn("claim_failed", {{"error", error.what()}});
        }
        if (!more && !look_again_ && !stopping_) co_await work_.Wait();
    }
    co_await nursery_.Close();
    co_await self_scheduled_.Close();
    co_await charges_.Close();
    co_await settler_.Close();
}

asio::awaitable<void> Worker::Poll() {
    while (!stopping_) {
        co_await runtime::Sleep(options_.poll);
        Wake();
    }
}

// True: there may be more, look again at once.
asio::awaitable<bool> Worker::ClaimAndStart() {
    was_full_ = running_ >= options_.width;
    if (was_full_) co_return false;
    store::ClaimOrder order;
    order.now = clock_.Now();
    order.limit = static_cast<int>(options_.width - running_);
    order.limit_per_merchant = std::max(1, order.limit / 4);
    order.lease = clock_.Stretch(options_.lease);
    order.after = round_.after();
    std::vector<Work> claimed = co_await store::ClaimDueTasks(pool_, order);
    bool more = round_.Advance(claimed);
    for (auto& work : claimed) {
        ++running_;
        nursery_.Spawn("task", RunOne(std::move(work)));
    }
    bool more_of_these = co_await StartSelfScheduled();
    co_return more || more_of_these;
}

asio::awaitable<bool> Worker::StartSelfScheduled() {
    if (running_ >= options_.width) co_return false;
    auto room = static_cast<int>(options_.width - running_);
    auto claimed = co_await store::ClaimSelfScheduledAcrossMerchants(pool_, clock_.Now(), room,
                                                                     clock_.Stretch(options_.lease));
    for (auto& task : claimed) {
        ++running_;
        nursery_.Spawn("self_scheduled", RunSelfScheduled(std::move(task)));
    }
    co_return !claimed.empty();
}

asio::awaitable<void> Worker::RunSelfScheduled(store::Task task) {
    try {
        tools_.Reached("task_claimed");
        if (stopping_) co_await store::ReleaseTask(pool_, task);
        else co_await self_scheduled_.Run(task);
    } catch (const std::exception& error) {
        log::Warn("task_not_settled", {{"task", task.id}, {"type", task.type}, {"error", error.what()}});
    } catch (...) {
        log::Error("task_not_settled", {{"task", task.id}, {"type", task.type}, {"error", "unknown"}});
    }
    --running_;
    Wake();  // a long report goes on at once
}

asio::awaitable<void> Worker::RunOne(Work work) {
    store::Task task = work.task;
    bool follow_up = false;
    try {
        tools_.Reached("task_claimed");
        if (stopping_) {
            co_await store::ReleaseTask(pool_, task);
        } else {
            Settlement settlement = co_await RunTask(std::move(work));
            tools_.Reached("task_ran");
            auto result = settlement.result;
            // What it left to be done at once is not found before it is committed.
            follow_up = settlement.next_run_at && *settlement.next_run_at <= clock_.Now();
            auto verdict = co_await settler_.Add(std::move(settlement));
            tools_.Reached("task_settled");
            log::Debug("task_settled", {{"task", task.id},
                                        {"type", task.type},
                                        {"result", result},
                                        {"lease_lost", verdict == store::SettleVerdict::kLeaseLost}});
        }
    } catch (const std::exception& error) {
        // The database is away: the lease runs out by itself and the task comes back.
        log::Warn("task_not_settled", {{"task", task.id}, {"type", task.type}, {"error", error.what()}});
    } catch (...) {
        log::Error("task_not_settled", {{"task", task.id}, {"type", task.type}, {"error", "unknown"}});
    }
    --running_;
    if (was_full_ || follow_up) Wake();
}

asio::awaitable<Settlement> Worker::RunTask(Work work) {
    Work kept = work;
    std::string error;
    try {
        if (work.task.type == store::kNotifyActionRequired && work.recovery.id == 0) {
            Settlement warned = co_await WarnOfExpiringCard(tools_, std::move(work));
            co_return warned;
        }
        if (work.task.type == store::kNotifyActionRequired) {
            Settlement asked = co_await AskCustomer(tools_, std::move(work));
            co_return asked;
        }
        Settlement tried = co_await RetryPayment(tools_, std::move(work));
        co_return tried;
    } catch (const std::exception& broken) {
        error = broken.what();
    }
    log::Error("task_broke", {{"task", kept.task.id}, {"type", kept.task.type}, {"error", error}});
    co_return SettleBroken(kept, clock_, options_.tries_max, error);
}

}  // namespace citadel::recovery
