#include "stripe_sim/events.h"

#include <algorithm>
#include <chrono>

namespace citadel::stripe_sim {

void EventLog::Add(EventPtr event) {
    auto& log = by_account_[event->account];
    auto oldest = event->created - std::chrono::days(30);
    while (!log.empty() && log.front()->created < oldest) log.pop_front();
    log.push_back(event);
    if (on_event) on_event(event);
}

const std::deque<EventPtr>& EventLog::Of(const std::string& account) const {
    static const std::deque<EventPtr> kNone;
    auto found = by_account_.find(account);
    return found == by_account_.end() ? kNone : found->second;
}

EventPtr EventLog::Find(const std::string& account, const std::string& id) const {
    const auto& log = Of(account);
    auto found = std::ranges::find(log, id, [](const EventPtr& event) { return event->id; });
    return found == log.end() ? nullptr : *found;
}

namespace {

struct ReadId {
    template <typename T>
    std::string operator()(const Copy<T>& object) const {
        return object->id;
    }
    std::string operator()(const SourceOf& source) const { return source.method->id; }
    std::string operator()(const PaymentOf& payment) const { return payment.invoice->payment_id; }
    std::string operator()(const Application&) const { return {}; }
    std::string operator()(const Copy<ThinBody>& body) const { return body->related_id; }
};

}  // namespace

std::string IdIn(const Snapshot& snapshot) { return std::visit(ReadId(), snapshot); }

std::string InvoiceOf(const Event& event) {
    if (auto invoice = std::get_if<Copy<Invoice>>(&event.object)) return (*invoice)->id;
    if (auto payment = std::get_if<PaymentOf>(&event.object)) return payment->invoice->id;
    if (auto intent = std::get_if<Copy<PaymentIntent>>(&event.object)) return (*intent)->invoice;
    if (auto charge = std::get_if<Copy<Charge>>(&event.object)) return (*charge)->invoice;
    return {};
}

}  // namespace citadel::stripe_sim
