#include "stripe_sim/webhooks.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "base/log.h"
#include "crypto/hmac.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr std::size_t kInFlightMax = 32;
constexpr Duration kPauses[] = {minutes(1), minutes(5), minutes(30), hours(2), hours(5), hours(10)};
constexpr Duration kLastPause = hours(12);
constexpr Duration kPatience = hours(72);

Duration PauseAfter(int tries) {
    auto index = static_cast<std::size_t>(tries - 1);
    return index < std::size(kPauses) ? kPauses[index] : kLastPause;
}

// What must not be charged any more once the receiver knows of this event, or empty.
std::string StopOf(World& world, const Event& event) {
    static const std::set<std::string> kEndsInvoice = {"invoice.paid", "invoice.payment_succeeded",
                                                       "invoice.voided", "invoice.marked_uncollectible",
                                                       "charge.refunded"};
    if (kEndsInvoice.contains(event.type)) return InvoiceOf(event);
    if (event.type == "customer.subscription.deleted") return std::get<Copy<Subscription>>(event.object)->id;
    if (event.type == "account.application.deauthorized") return event.account;
    if (event.type == "charge.dispute.created") {
        const auto& dispute = *std::get<Copy<Dispute>>(event.object);
        return world.FindAccount(event.account)->charges.Find(dispute.charge)->invoice;
    }
    return {};
}

}  // namespace

std::set<std::string> DefaultEventTypes() {
    return {"invoice.payment_failed",
            "invoice.payment_action_required",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice.voided",
            "invoice.marked_uncollectible",
            "customer.subscription.created",
            "customer.subscription.updated",
            "customer.subscription.deleted",
            "customer.updated",
            "payment_method.attached",
            "payment_method.automatically_updated",
            "charge.refunded",
            "charge.dispute.created",
            "charge.failed",
            "charge.succeeded",
            "account.application.deauthorized"};
}

Webhooks::Webhooks(asio::io_context& io, World& world, FaultPlan& faults, std::function<void()> nudge)
    : world_(world), faults_(faults), nudge_(std::move(nudge)), client_(io, kInFlightMax), nursery_(io) {}

void Webhooks::Enqueue(const EventPtr& event) {
    const auto* account = world_.FindAccount(event->account);
    if (target_.url.empty() || !target_.types.contains(event->type) || !account->connected) return;
    event->pending_webhooks = 1;
    const auto& odds = faults_.webhooks;
    auto& random = faults_.random();
    if (random.Chance(odds.lose_for_ever)) {
        ++given_up_;
        return;
    }
    auto at = world_.Now() + std::chrono::milliseconds(odds.delay_millis);
    if (random.Chance(odds.reorder)) {
        at += Duration(std::chrono::seconds(1) +
                       std::chrono::milliseconds(random.Below(
                           static_cast<std::uint64_t>(odds.delay_millis > 0 ? odds.delay_millis : 60'000))));
    }
    if (random.Chance(odds.duplicate)) Put({event, 0, at}, at);
    Put({event, 0, at}, at);
}

void Webhooks::Put(Delivery delivery, Time at) {
    queue_.emplace(std::pair(at, next_++), std::move(delivery));
    nudge_();
}

void Webhooks::Dispatch() {
    auto now = world_.Now();
    while (in_flight_ < kInFlightMax && !queue_.empty() && queue_.begin()->first.first <= now) {
        auto delivery = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        ++in_flight_;
        nursery_.Spawn("webhook", Deliver(std::move(delivery)));
    }
}

std::optional<Time> Webhooks::NextDue() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
}

asio::awaitable<void> Webhooks::Deliver(Delivery delivery) {
    ++delivery.tries;
    bool lost = faults_.random().Chance(faults_.webhooks.lose);
    http::Answer answer;
    if (!lost) {
        http::Call call = Sign(*delivery.event);
        answer = co_await client_.Fetch(std::move(call));
    }
    --in_flight_;
    if (!lost && answer.ok()) Acknowledge(*delivery.event);
    else TryAgainLater(std::move(delivery));
    nudge_();
}

http::Call Webhooks::Sign(const Event& event) const {
    const auto& account = *world_.FindAccount(event.account);
    const auto& secret = &account == world_.platform.get() ? target_.secret : target_.connect_secret;
    http::Call call;
    call.method = "POST";
    call.url = target_.url;
    call.deadline = std::chrono::seconds(10);
    call.body = json::serialize(Render(View{world_, account}, event));
    auto time = std::to_string(ToUnixSeconds(world_.Now()));
    auto signature = crypto::HmacSha256Hex(secret.Reveal(), time + "." + call.body);
    call.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    call.headers.emplace_back("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
    call.headers.emplace_back("Stripe-Signature", fmt::format("t={},v1={}", time, signature));
    return call;
}

void Webhooks::Acknowledge(Event& event) {
    event.pending_webhooks = 0;
    if (event.acknowledged) return;
    event.acknowledged = true;
    world_.ledger.Acknowledge({event.id, event.account, event.type, InvoiceOf(event)}, StopOf(world_, event));
}

void Webhooks::TryAgainLater(Delivery delivery) {
    if (delivery.event->acknowledged) return;  // a second delivery of what has arrived
    auto at = world_.Now() + PauseAfter(delivery.tries);
    if (at - delivery.first > kPatience) {
        ++given_up_;
        log::Warn("webhook_given_up", {{"event", delivery.event->id}, {"type", delivery.event->type}});
        return;
    }
    Put(std::move(delivery), at);
}

}  // namespace citadel::stripe_sim
