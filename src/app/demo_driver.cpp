#include "app/demo_driver.h"

#include <boost/json/object.hpp>

#include "store/tasks.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

// What is planned within one such step is played together: the order inside it is as on a busy hour.
constexpr std::chrono::hours kStep{3};

}  // namespace

asio::awaitable<bool> DemoDriver::DeliverMails() {
    auto mails = co_await store::ListSentMailsAcrossMerchants(engine_.pool(), last_mail_, 500);
    for (const auto& mail : mails) {
        last_mail_ = mail.email_id;
        co_await sim_.DeliverMail(mail);
    }
    co_return !mails.empty();
}

// Whether anything is due or under way on either side; the cheap questions first.
asio::awaitable<bool> DemoDriver::IsBusy() {
    if (!engine_.workers_idle() || engine_.inbox().waiting() > 0) co_return true;
    SimState state = co_await sim_.State();
    if (state.busy) co_return true;
    store::QueueDepth depth = co_await store::ReadQueueDepthAcrossMerchants(engine_.pool(), clock_.Now());
    if (depth.due > 0 || depth.running > 0) co_return true;
    bool delivered = co_await DeliverMails();
    co_return delivered;
}

// Returns when all is quiet, seen twice: between two looks work may have crossed from one side to the other.
asio::awaitable<void> DemoDriver::Settle() {
    int quiet = 0;
    while (quiet < 2) {
        bool busy = co_await IsBusy();
        quiet = busy ? 0 : quiet + 1;
        if (busy) co_await runtime::Sleep(std::chrono::milliseconds(3));
    }
}

asio::awaitable<Time> DemoDriver::NextMoment() {
    SimState state = co_await sim_.State();
    store::QueueDepth depth = co_await store::ReadQueueDepthAcrossMerchants(engine_.pool(), clock_.Now());
    Time next = Time::max();
    if (state.next_event_at) next = std::min(next, *state.next_event_at);
    if (depth.next_run_at) next = std::min(next, *depth.next_run_at);
    co_return next;
}

asio::awaitable<void> DemoDriver::PlayUntil(Time end) {
    while (true) {
        co_await Settle();
        int day = static_cast<int>(std::chrono::floor<std::chrono::days>(clock_.Now() - start_).count());
        if (day != day_) co_await on_day_(day);
        day_ = day;
        if (clock_.Now() >= end) co_return;
        Time next = co_await NextMoment();
        clock_.Set(std::min(end, std::max(next, clock_.Now() + kStep)));
        co_await sim_.Post("/_sim/wake", boost::json::object());
        engine_.WakeWorkers();
    }
}

}  // namespace citadel::app
