// Claims due tasks, runs them side by side up to a width, settles them in batches. Woken by the inbox at
// once, by other processes through NOTIFY, and every half second by itself.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <string>

#include "recovery/self_scheduled.h"
#include "recovery/tools.h"
#include "runtime/nursery.h"
#include "runtime/wake.h"
#include "store/tasks.h"

namespace citadel::recovery {

struct WorkerOptions {
    std::size_t width = 64;               // tasks in flight
    std::chrono::seconds lease{300};      // wall time; longer than a task's calls can take
    std::chrono::milliseconds poll{500};  // wall time; the net under the wake-ups
    int tries_max = 5;                    // crashed runs until a task has failed
    std::string email_from = "billing@citadel.invalid";
    SelfScheduledOptions self_scheduled;
    StepHook at_step;
    email::TrackingLinks links;
};

class Worker {
  public:
    Worker(boost::asio::io_context& io, postgres::Pool& pool, const Clock& clock,
           const stripe::ClientFactory& stripe, email::Sender& sender, WorkerOptions options);

    // Runs until Stop(); returns when the last running task is settled or handed back.
    boost::asio::awaitable<void> Run();
    void Wake();
    void Stop();
    bool idle() const { return running_ == 0; }

  private:
    using Settler = runtime::Batcher<store::Settlement, store::SettleVerdict>;

    boost::asio::awaitable<bool> ClaimAndStart();
    boost::asio::awaitable<bool> StartSelfScheduled();
    boost::asio::awaitable<void> RunOne(store::Work work);
    boost::asio::awaitable<void> RunSelfScheduled(store::Task task);
    boost::asio::awaitable<store::Settlement> RunTask(store::Work work);
    boost::asio::awaitable<void> Poll();

    postgres::Pool& pool_;
    const Clock& clock_;
    WorkerOptions options_;
    ChargeBatcher charges_;
    Settler settler_;
    Tools tools_;
    SelfScheduled self_scheduled_;
    runtime::Nursery nursery_;
    runtime::Wake work_;
    std::size_t running_ = 0;
    store::ClaimRound round_;  // claims go round the tenants
    bool look_again_ = false;  // a wake-up that came while a claim was under way
    bool was_full_ = false;    // no claim was made for want of room: the next end of a task makes some
    bool stopping_ = false;
};

}  // namespace citadel::recovery
