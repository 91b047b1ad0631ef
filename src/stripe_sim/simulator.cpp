#include "stripe_sim/simulator.h"

#include <fmt/format.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "stripe_sim/oauth.h"
#include "stripe_sim/pages.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

// How much work is done before the sockets get their turn.
constexpr std::size_t kWorkAtATime = 64;
constexpr milliseconds kLongestWait{200};
constexpr milliseconds kManualClockPoll{2};

http::ServerLimits PatientLimits() {
    http::ServerLimits limits;
    limits.connections_max = 1024;
    return limits;
}

}  // namespace

Simulator::Simulator(asio::io_context& io, const Clock& clock, SimulatorOptions options)
    : options_(std::move(options)), world_(clock, options_.seed), faults_(options_.seed + 1), idle_(io),
      webhooks_(io, world_, faults_, [this] { Nudge(); }), cli_(io, world_), api_(world_, faults_),
      control_(world_, faults_, webhooks_, [this] { Nudge(); }),
      server_(io, [this](http::Request request) { return Handle(std::move(request)); }, PatientLimits()) {
    ApiKey key;
    key.account = world_.Platform().id;
    world_.keys.Put(options_.api_key, std::move(key));
    WebhookTarget target;
    target.url = options_.webhook_url;
    target.secret = options_.webhook_secret;
    target.connect_secret = options_.connect_webhook_secret;
    target.types = DefaultEventTypes();
    webhooks_.SetTarget(std::move(target));
    world_.events.on_event = [this](const EventPtr& event) {
        webhooks_.Enqueue(event);
        cli_.Enqueue(event);
    };
    world_.events.on_resend = [this](const EventPtr& event, const std::string& endpoint) {
        if (endpoint.empty()) cli_.Enqueue(event);
        else webhooks_.Resend(event, endpoint);
    };
    world_.thin_events.on_event = [this](const EventPtr& event) { webhooks_.Enqueue(event); };
}

void Simulator::Listen() {
    server_.Listen(options_.host, options_.port);
    world_.base_url = fmt::format("http://{}:{}", options_.host, port());
}

asio::awaitable<void> Simulator::Run() {
    while (!stopping_) {
        nudged_ = false;
        auto done = world_.agenda.RunDue(world_.Now(), kWorkAtATime);
        webhooks_.Dispatch();
        if (done == kWorkAtATime) {
            co_await asio::post(idle_.get_executor(), asio::use_awaitable);
        } else if (!nudged_) {
            idle_.expires_after(IdleTime());
            co_await idle_.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }
    co_await server_.Drain(milliseconds(500));
    co_await webhooks_.Close();
}

void Simulator::Stop() {
    stopping_ = true;
    Nudge();
}

asio::awaitable<http::Reply> Simulator::Handle(http::Request request) {
    http::Reply reply;
    if (request.path.starts_with("/_sim/")) reply = control_.Handle(request);
    else if (Api::Serves(request.path)) reply = co_await api_.Handle(std::move(request));
    else if (request.path.starts_with("/subscribe/")) reply = cli_.Answer(request);
    else if (request.path == "/oauth/authorize") reply = ServeAuthorize(world_, request);
    else reply = ServePage(world_, request);
    co_return reply;
}

void Simulator::Nudge() {
    nudged_ = true;
    idle_.cancel();
}

milliseconds Simulator::IdleTime() const {
    if (dynamic_cast<const ManualClock*>(&world_.clock)) return kManualClockPoll;
    auto wait = kLongestWait;
    for (const auto& next : {world_.agenda.Next(), webhooks_.NextDue()}) {
        if (!next) continue;
        auto wall = static_cast<double>((*next - world_.Now()).count()) / world_.clock.Rate() / 1000.0;
        wait = std::min(wait, milliseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(wall))));
    }
    return wait;
}

}  // namespace citadel::stripe_sim
