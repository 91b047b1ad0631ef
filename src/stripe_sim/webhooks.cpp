#include "stripe_sim/webhooks.h"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

#include "base/log.h"
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

std::vector<std::string> DefaultEventTypes() {
    return {"invoice.payment_failed",
            "invoice.payment_action_required",
            "invoice.upcoming",
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

void Webhooks::SetTarget(WebhookTarget target) {
    target_ = std::move(target);
    Place(own_, false, target_.secret);
    Place(connect_, true, target_.connect_secret);
}

WebhookTarget Webhooks::target() const {
    auto target = target_;
    if (const auto* own = FindEndpoint(world_, own_)) {
        target.url = own->url;
        target.types = own->enabled_events;
        target.secret = own->secret;
    }
    if (const auto* connect = FindEndpoint(world_, connect_)) target.connect_secret = connect->secret;
    return target;
}

void Webhooks::Place(std::string& id, bool connect, const Secret& secret) {
    auto* endpoint = FindEndpoint(world_, id);
    if (target_.url.empty()) {
        world_.webhook_endpoints.remove_if([&](const WebhookEndpoint& one) { return &one == endpoint; });
        return;
    }
    if (!endpoint) {
        endpoint = &world_.webhook_endpoints.emplace_back(NewEndpoint(world_, world_.Platform().id));
        endpoint->connect = connect;
        id = endpoint->id;
    }
    endpoint->url = target_.url;
    endpoint->secret = secret;
    endpoint->enabled_events = target_.types;
}

void Webhooks::Enqueue(const EventPtr& event) {
    for (const auto& endpoint : world_.webhook_endpoints) {
        if (!Wants(world_, endpoint, *event)) continue;
        event->pending.push_back(endpoint.id);
        Schedule(event, endpoint);
    }
}

void Webhooks::Schedule(const EventPtr& event, const WebhookEndpoint& endpoint) {
    const auto& odds = faults_.OddsOf(endpoint.id);
    auto& random = faults_.random();
    if (random.Chance(odds.lose_for_ever)) {
        ++given_up_;
        faults_.Count("webhook_lost_for_ever");
        world_.ledger.NoteLost(InvoiceOf(*event));
        return;
    }
    auto at = world_.clock.Now() + std::chrono::milliseconds(odds.delay_millis);
    if (odds.delay_millis > 0) faults_.Count("webhook_delayed");
    if (random.Chance(odds.reorder)) {
        faults_.Count("webhook_reordered");
        at += Duration(std::chrono::seconds(1) +
                       std::chrono::milliseconds(random.Below(
                           static_cast<std::uint64_t>(odds.delay_millis > 0 ? odds.delay_millis : 60'000))));
    }
    if (random.Chance(odds.duplicate)) {
        faults_.Count("webhook_duplicated");
        Put({event, endpoint.id, 0, at}, at);
    }
    Put({event, endpoint.id, 0, at}, at);
}

void Webhooks::Resend(const EventPtr& event, const std::string& endpoint) {
    Put({event, endpoint, 0, world_.clock.Now()}, world_.clock.Now());
}

void Webhooks::Put(Delivery delivery, Time at) {
    queue_.emplace(std::pair(at, next_++), std::move(delivery));
    nudge_();
}

void Webhooks::Dispatch() {
    auto now = world_.clock.Now();
    while (in_flight_ < kInFlightMax && !queue_.empty() && queue_.begin()->first.first <= now) {
        auto delivery = std::move(queue_.begin()->second);
        queue_.erase(queue_.begin());
        const auto* endpoint = FindEndpoint(world_, delivery.endpoint);
        if (!endpoint || endpoint->disabled) continue;  // no further tries
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
    const auto* endpoint = FindEndpoint(world_, delivery.endpoint);
    bool lost = !endpoint || faults_.random().Chance(faults_.OddsOf(delivery.endpoint).lose);
    if (endpoint && lost) faults_.Count("webhook_lost");
    http::Answer answer;
    if (!lost) {
        http::Call call = Sign(*delivery.event, *endpoint);
        answer = co_await client_.Fetch(std::move(call));
    }
    --in_flight_;
    if (!lost && answer.ok()) Acknowledge(*delivery.event, delivery.endpoint);
    else TryAgainLater(std::move(delivery));
    nudge_();
}

http::Call Webhooks::Sign(const Event& event, const WebhookEndpoint& endpoint) const {
    View view{world_, *world_.FindAccount(event.account)};
    auto now = world_.clock.Now();
    http::Call call;
    call.method = "POST";
    call.url = endpoint.url;
    call.deadline = std::chrono::milliseconds(faults_.OddsOf(endpoint.id).timeout_millis);
    call.body = json::serialize(RenderFor(view, event, VersionFor(endpoint, event), endpoint.connect));
    call.headers = WebhookHeaders(StripeSignature(now, call.body, SecretsOf(endpoint, now)));
    return call;
}

void Webhooks::Acknowledge(Event& event, const std::string& endpoint) {
    std::erase(event.pending, endpoint);
    const auto* acknowledged_by = FindEndpoint(world_, endpoint);
    bool platforms = acknowledged_by && acknowledged_by->owner == world_.platform->id;
    if (event.acknowledged || !platforms) return;
    event.acknowledged = true;
    world_.ledger.Acknowledge({event.id, event.account, event.type, InvoiceOf(event)}, StopOf(world_, event));
}

void Webhooks::TryAgainLater(Delivery delivery) {
    const auto& pending = delivery.event->pending;
    // A second delivery of what has arrived is not repeated.
    if (std::ranges::find(pending, delivery.endpoint) == pending.end()) return;
    auto at = world_.clock.Now() + PauseAfter(delivery.tries);
    if (at - delivery.first > kPatience) {
        ++given_up_;
        log::Warn("webhook_given_up", {{"event", delivery.event->id}, {"type", delivery.event->type}});
        return;
    }
    Put(std::move(delivery), at);
}

}  // namespace citadel::stripe_sim
