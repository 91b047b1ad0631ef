// What webhooks left out: once a day each connected account's open invoices are compared with our open
// recoveries. A failed renewal that we never heard of becomes a recovery, by the road of every event; an
// open recovery whose invoice Stripe no longer has open is looked at soon. The first comparison of an
// account is its backfill: what failed in the 30 days before it connected, its work spread over two days so
// that no storm of letters goes out. A renewal of the last day begins at once: it is the daily business, and
// its own webhook may be on its way.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>

#include "inbox/inbox.h"
#include "runtime/wake.h"
#include "store/sweeps.h"
#include "stripe/client.h"

namespace citadel::inbox {

struct SweepOptions {
    std::chrono::milliseconds poll{30'000};  // wall time; how often it is asked whose turn it is
    std::chrono::hours every{24};
    std::chrono::days reach{30};
    std::chrono::hours spread{48};    // of a backfill
    std::chrono::hours fresh{24};     // an invoice younger than this is not spread
    std::chrono::seconds lease{900};  // wall time
    int pages_max = 200;              // of 100 invoices
};

struct SweepResult {
    int accounts = 0;
    int opened = 0;
    std::int64_t hastened = 0;
};

class Sweeper {
  public:
    Sweeper(boost::asio::io_context& io, postgres::Pool& pool, const Clock& clock,
            const stripe::ClientFactory& stripe, Inbox& inbox, std::function<void()> on_work,
            SweepOptions options = {});

    boost::asio::awaitable<void> Run();  // until Stop()
    void Stop();
    // Every account whose turn it is. One that Stripe does not let us read now is tried again when its
    // lease is over.
    boost::asio::awaitable<SweepResult> SweepDue();

  private:
    boost::asio::awaitable<bool> SweepOne(store::Sweep sweep, SweepResult& result);
    boost::asio::awaitable<int> OpenUnknown(store::Sweep sweep, std::vector<stripe::Invoice> failed);

    postgres::Pool& pool_;
    const Clock& clock_;
    const stripe::ClientFactory& stripe_;
    Inbox& inbox_;
    std::function<void()> on_work_;
    SweepOptions options_;
    boost::asio::steady_timer timer_;
    bool stopping_ = false;
};

}  // namespace citadel::inbox
