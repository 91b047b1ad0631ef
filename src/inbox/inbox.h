// Where webhooks wait for their commit: many waiting, one commit, one answer each. Returning from Store()
// means that the event and all its effects are durable.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/step_hook.h"
#include "postgres/pool.h"
#include "runtime/batcher.h"
#include "store/events.h"
#include "stripe/event.h"

namespace citadel::inbox {

class Inbox {
  public:
    struct Options {
        std::size_t batch_max = 64;
        std::size_t waiting_max = 8192;  // beyond it: Trouble(kOverloaded), the sender tries again
        std::size_t lanes = 2;           // while one waits for the disk the other computes
        StepHook at_step;
    };

    // `on_enqueued` is called after a commit that made work for the workers.
    Inbox(boost::asio::io_context& io, postgres::Pool& pool, const Clock& clock, Options options,
          std::function<void()> on_enqueued);

    boost::asio::awaitable<store::IntakeResult> Store(const stripe::Event& event);
    // The same for what was not told by an event (sweep.h).
    boost::asio::awaitable<store::IntakeResult> StoreIntake(store::Intake intake);
    boost::asio::awaitable<void> Close() { return batcher_.Close(); }
    std::size_t waiting() const { return batcher_.waiting(); }

  private:
    boost::asio::awaitable<std::vector<store::IntakeResult>> CommitBatch(std::vector<store::Intake> batch);

    postgres::Pool& pool_;
    const Clock& clock_;
    StepHook at_step_;
    std::function<void()> on_enqueued_;
    runtime::Batcher<store::Intake, store::IntakeResult> batcher_;
};

}  // namespace citadel::inbox
