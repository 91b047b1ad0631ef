// Commits a batch of Stripe's events: deduplication, recovery, task, ledger and metrics in one
// transaction, so that an event is either wholly in or wholly out, whatever dies when.
//
// The state does not depend on the order in which events arrive: stop facts are remembered, a failure
// that comes after its own end is opened already closed, and "paid" outranks every other end.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "postgres/pool.h"

namespace citadel::store {

// What an event means to us; decided by inbox/triage, carried out here.
enum class IntakeKind {
    kOpen,        // a renewal failed: open or update its recovery, see that one dunning_retry is there
    kAsk,         // the bank wants the payer: notify_action_required
    kPaid,        // the invoice is paid: close as recovered, credit once
    kStop,        // a stop signal for an invoice, a subscription or a payment
    kNudge,       // a new or refreshed card: try open recoveries of that customer soon
    kForesee,     // a renewal is near: notify_action_required without a recovery, once a renewal
    kDisconnect,  // the merchant took our access away
    kPlan,        // the platform's own subscription: the merchant's tier follows
    kIgnore,      // nothing to do; kept so that a second delivery is known
};

// How a stop signal finds its recoveries.
enum class StopScope { kInvoice, kSubscription, kPayment, kMerchant };

struct Intake {
    std::string event_id;
    std::string account;  // empty: the platform's own
    std::string type;
    Time created{};
    IntakeKind kind = IntakeKind::kIgnore;
    std::string reason;  // of the triage, in words

    std::string
        signal;  // kPaid: paid; kStop: voided, uncollectible, subscription_deleted, refunded, disputed
    StopScope scope = StopScope::kInvoice;
    bool needs_switch = false;  // only for merchants who recover other failures than renewals
    bool own_charge = false;    // caused by one of our charge attempts

    std::string invoice_id;
    std::string customer_id;
    std::string subscription_id;
    std::string payment_intent_id;
    std::int64_t amount =
        0;  // kOpen, kAsk, kForesee: due; kPaid: paid; refund, dispute: taken back; minor units
    std::string currency;
    std::int64_t stripe_attempts = 0;
    std::optional<Time> stripe_next_attempt;
    std::string customer_email;
    std::string customer_name;
    std::string invoice_number;
    std::string hosted_invoice_url;
    std::optional<Time> begin_at;  // kOpen: not before then (a backfill is spread out)
    std::string price_id;          // kPlan
    std::string price_lookup_key;  // kPlan
    bool plan_ended = false;       // kPlan: back to FREE
};

// The type of a kDisconnect that is no event of Stripe's: the merchant ended the connection with us, so that
// Stripe has to be told (store/credentials).
inline constexpr const char* kDisconnectedByMerchant = "citadel.disconnected_by_merchant";

struct IntakeResult {
    enum class Action { kEnqueued, kProcessed, kIgnored, kDuplicate };
    Action action = Action::kIgnored;
    std::string reason;
    std::optional<std::int64_t> task_id;
};
std::string_view NameOf(IntakeResult::Action action);

// Whom and what an event is about: its customer and its payment, within its account.
std::vector<std::string> SubjectsOf(const Intake& event);

// One answer an event, in the same order. No two events of one batch may share a subject (inbox sees to
// it). Throws Trouble as Pool::Run does; then nothing of the batch was committed, or with
// kUnknown perhaps all of it: Stripe sends again and deduplication decides.
boost::asio::awaitable<std::vector<IntakeResult>> CommitEvents(postgres::Pool& pool,
                                                               std::vector<Intake> events, Time now);

}  // namespace citadel::store
