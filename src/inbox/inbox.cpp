#include "inbox/inbox.h"

#include "base/log.h"
#include "inbox/triage.h"

namespace citadel::inbox {

namespace asio = boost::asio;

namespace {

// Events of one subject do not share a batch: one statement could not see the effect of the first on
// the second. What changes nothing needs only to be apart from its own second delivery.
std::vector<std::string> KeptApartBy(const store::Intake& event) {
    std::vector<std::string> subjects;
    if (event.kind != store::IntakeKind::kIgnore) subjects = store::SubjectsOf(event);
    subjects.push_back(event.account + "/" + event.event_id);
    return subjects;
}

}  // namespace

Inbox::Inbox(asio::io_context& io, postgres::Pool& pool, const Clock& clock, Options options,
             std::function<void()> on_enqueued)
    : pool_(pool), clock_(clock), at_step_(options.at_step), on_enqueued_(std::move(on_enqueued)),
      batcher_(
          io, "inbox", {options.batch_max, options.waiting_max, options.lanes, options.batch_max / 4},
          [this](std::vector<store::Intake> batch) { return CommitBatch(std::move(batch)); }, KeptApartBy) {}

asio::awaitable<store::IntakeResult> Inbox::Store(const stripe::Event& event) {
    store::Intake intake = Triage(event);
    Reached(at_step_, "event_received");
    store::IntakeResult result = co_await batcher_.Add(std::move(intake));
    log::Debug("event_taken_in", {{"event", event.id},
                                  {"type", event.type},
                                  {"account", event.account},
                                  {"action", store::NameOf(result.action)},
                                  {"reason", result.reason}});
    co_return result;
}

asio::awaitable<store::IntakeResult> Inbox::StoreIntake(store::Intake intake) {
    return batcher_.Add(std::move(intake));
}

asio::awaitable<std::vector<store::IntakeResult>> Inbox::CommitBatch(std::vector<store::Intake> batch) {
    auto results = co_await store::CommitEvents(pool_, std::move(batch), clock_.Now());
    Reached(at_step_, "batch_committed");
    for (const auto& result : results) {
        if (result.action != store::IntakeResult::Action::kEnqueued) continue;
        on_enqueued_();
        break;
    }
    co_return results;
}

}  // namespace citadel::inbox
