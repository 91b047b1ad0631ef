#include "property/history_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "base/log.h"
#include "store/tasks.h"
#include "support/program.h"
#include "support/run.h"
#include "upkeep/janitor.h"

namespace citadel::testing {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr int kMerchants = 4;
constexpr int kRoundsUntilRest = 50;
constexpr const char* kModes[] = {"weave", "own", "weave", "observe"};
constexpr const char* kSchedules[] = {"[3,5,7]", "[1,2,4,6,8,10,12]", "[]", "[2,9]"};
constexpr const char* kFinalActions[] = {"leave", "uncollectible", "cancel", "leave"};
constexpr const char* kOldShapeVersion = "2025-02-24.acacia";

// The run ends where it stands, without a word; its lease runs out. No std::exception, which a run answers.
struct Crash {};

std::string Id(const json::object& object, const char* member = "id") {
    return std::string(object.at(member).as_string());
}

}  // namespace

void Tally::Add(const Tally& other) {
    recovered += other.recovered;
    stopped += other.stopped;
    exhausted += other.exhausted;
    charges += other.charges;
    mails += other.mails;
    crashes += other.crashes;
}

std::string Tally::Text() const {
    return fmt::format("recovered {}, stopped {}, exhausted {}, charges {}, mails {}, crashes {}", recovered,
                       stopped, exhausted, charges, mails, crashes);
}

HistoryWorld::HistoryWorld(std::uint64_t seed, int payers)
    : random_(seed), crashes_(seed + 1), start_(*ParseTime("2026-05-04T09:00:00Z")) {
    log::Configure("off", "text");  // every fault would be a line
    // Crashes here are of workers, not of the database.
    database_.sql().Run(fmt::format("alter database \"{}\" set synchronous_commit = off",
                                    database_.sql().Text("select current_database()")));
    auto clock = std::make_unique<ManualClock>(start_);
    clock_ = clock.get();
    config_.clock = std::move(clock);
    config_.raw = app::Resolve({}, "");
    config_.database_url = database_.url();
    config_.workers = 16;
    config_.stripe_backoff = std::chrono::milliseconds(2);  // waits in real time, whatever the clock says
    config_.stripe_secret_key = Secret(kStripeKey);
    config_.stripe_webhook_secrets = {Secret(kWebhookSecret)};
    config_.email_from = "billing@example.com";
    config_.at_step = [this](std::string_view step) {
        bool of_a_run = step != "event_received" && step != "batch_committed" &&
                        step != "signature_checked" && step != "stripe_revoked" && step != "disconnected";
        if (!of_a_run || static_cast<int>(crashes_() % 1000) >= crash_percent_ * 10) return;
        ++crash_count_;
        throw Crash();
    };
    stripe_sim::SimulatorOptions options;
    options.seed = seed;
    options.webhook_secret = Secret(kWebhookSecret);
    options.connect_webhook_secret = Secret(kWebhookSecret);
    simulator_ = std::make_unique<stripe_sim::Simulator>(io_, *clock_, options);
    simulator_->Listen();
    asio::co_spawn(io_, simulator_->Run(), [this](std::exception_ptr) { simulator_ended_ = true; });
    config_.stripe_api_base = fmt::format("http://127.0.0.1:{}", simulator_->port());
    engine_ = std::make_unique<app::Engine>(io_, config_, database_.url());
    engine_->StartWorkers();
    engine_->StartHttp("127.0.0.1", 0, true);
    http_ = std::make_unique<http::Client>(io_);
    remote_ = std::make_unique<app::SimRemote>(*http_, config_.stripe_api_base);
    Tell("endpoint", {{"url", fmt::format("http://127.0.0.1:{}/api/webhooks/stripe", engine_->port())}});
    for (int i = 0; i < kMerchants; ++i) AddMerchant(i);
    for (int i = 0; i < payers; ++i) AddPayer(i);
}

HistoryWorld::~HistoryWorld() {
    crash_percent_ = 0;
    Await(io_, engine_->Stop(std::chrono::seconds(10)));
    simulator_->Stop();
    io_.restart();
    while (!simulator_ended_) io_.run_one();
}

json::object HistoryWorld::Tell(const std::string& path, json::object body) {
    return Await(io_, remote_->Post("/_sim/" + path, std::move(body)));
}

int HistoryWorld::Api(const std::string& account, const std::string& method, const std::string& path,
                      const std::string& form) {
    http::Call call;
    call.method = method;
    call.url = config_.stripe_api_base + path;
    call.body = form;
    call.headers.emplace_back("Authorization", std::string("Bearer ") + kStripeKey);
    call.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    call.headers.emplace_back("Stripe-Account", account);
    return Await(io_, http_->Fetch(std::move(call))).status;
}

void HistoryWorld::AddMerchant(int number) {
    json::object wanted{{"name", fmt::format("Merchant {}", number)},
                        {"retrySchedule", json::parse(kSchedules[number])},
                        {"finalAction", number == 1 ? "cancel" : "none"}};
    if (number % 2 == 1) wanted["apiVersion"] = kOldShapeVersion;
    auto account = Id(Tell("accounts", std::move(wanted)));
    constexpr const char* kPolicies[] = {"payday/1", "classic/1", "payday/1", "payday/1"};
    database_.sql().Run(
        fmt::format("insert into citadel.merchants (bucket, merchant_id, name, retry_mode, policy, "
                    "final_action, created_at) "
                    "values ({0}, {0}, 'Merchant', '{1}', '{2}', '{3}', 'epoch')",
                    number + 1, kModes[number], kPolicies[number], kFinalActions[number]));
    database_.sql().Run(fmt::format(
        "insert into citadel.stripe_accounts values ('{1}', {0}, {0}, 'epoch', null)", number + 1, account));
    accounts_.push_back(account);
}

json::array HistoryWorld::RandomOutcomes() {
    static constexpr const char* kOutcomes[] = {"insufficient_funds",
                                                "insufficient_funds",
                                                "do_not_honor",
                                                "generic_decline",
                                                "issuer_not_available",
                                                "processing_error",
                                                "expired_card",
                                                "lost_card",
                                                "approve",
                                                "requires_action",
                                                "try_again_later",
                                                "stolen_card",
                                                "do_not_try_again"};
    json::array outcomes;
    outcomes.emplace_back(kOutcomes[Below(8)]);  // the renewal itself fails
    for (int i = Below(5); i > 0; --i) outcomes.emplace_back(kOutcomes[Below(13)]);
    return outcomes;
}

void HistoryWorld::AddPayer(int number) {
    Payer payer;
    payer.account = accounts_[static_cast<std::size_t>(Below(kMerchants))];
    payer.customer =
        Id(Tell("customers", {{"account", payer.account},
                              {"name", fmt::format("Payer {}", number)},
                              {"email", fmt::format("payer{}@example.com", number)},
                              {"paymentMethod", Chance(30) ? "pm_card_mastercard" : "pm_card_visa"},
                              {"outcomes", RandomOutcomes()}}));
    auto renew_at = FormatTime(start_ + std::chrono::hours(Below(48) + 1));
    payer.subscription = Id(Tell("subscriptions", {{"account", payer.account},
                                                   {"customer", payer.customer},
                                                   {"amount", 500 + Below(5) * 700},
                                                   {"renewals", 1},
                                                   {"renewAt", renew_at}}));
    payers_.push_back(payer);
}

void HistoryWorld::PlayDay(int day) {
    // The last days are quiet, so that all comes to rest.
    bool quiet = day > 31;
    if (quiet || Chance(30)) SetFaults(!quiet && Chance(60));
    crash_percent_ = quiet ? 0 : Below(4);
    auto begins = start_ + std::chrono::days(day - 1);
    for (int events = quiet ? 0 : 3 + Below(4); events > 0; --events) {
        PlayUntil(std::max(clock_->Now(), begins + std::chrono::minutes(Below(24 * 60))));
        HappenSomething();
    }
    PlayUntil(begins + std::chrono::days(1));
}

void HistoryWorld::SetFaults(bool on) {
    Tell("faults", {{"clear", true}});
    if (!on) return;
    static constexpr const char* kKinds[] = {"drop_before", "drop_after",  "truncate",    "malformed",
                                             "status",      "status_kept", "status_after"};
    for (int i = 1 + Below(3); i > 0; --i) {
        json::object fault{{"path", Chance(60) ? "/v1/invoices/{}/pay" : "/v1/"},
                           {"kind", kKinds[Below(7)]},
                           {"status", Chance(50) ? 500 : 429},
                           {"probability", 0.1 + 0.1 * Below(4)}};
        Tell("faults", std::move(fault));
    }
    Tell("faults",
         {{"webhooks",
           {{"lose", 0.1 * Below(3)}, {"duplicate", 0.1 * Below(4)}, {"reorder", 0.1 * Below(4)}}}});
}

void HistoryWorld::HappenSomething() {
    const Payer& payer = payers_[static_cast<std::size_t>(Below(static_cast<int>(payers_.size())))];
    if (Chance(65)) HappenToPayer(payer);
    else HappenToMerchant(payer);
}

void HistoryWorld::HappenToPayer(const Payer& payer) {
    auto& sql = database_.sql();
    auto invoice = sql.Lines(fmt::format(
        "select invoice_id from citadel.recoveries where customer_id = '{}' limit 1", payer.customer));
    if (invoice.empty()) return;
    invoice.pop_back();
    switch (Below(6)) {
        case 0:
            Api(payer.account, "POST", "/v1/invoices/" + invoice + "/pay", "paid_out_of_band=true");
            break;
        case 1: Api(payer.account, "POST", "/v1/invoices/" + invoice + "/void", ""); break;
        case 2: Api(payer.account, "DELETE", "/v1/subscriptions/" + payer.subscription, ""); break;
        case 3:
            Api(payer.account, "POST", "/v1/payment_methods/pm_card_visa/attach",
                "customer=" + payer.customer);
            break;
        case 4: Api(payer.account, "POST", "/i/" + payer.account + "/" + invoice, ""); break;
        default: {
            auto intent =
                sql.Lines(fmt::format("select payment_intent_id from citadel.recoveries where "
                                      "customer_id = '{}' and payment_intent_id is not null limit 1",
                                      payer.customer));
            if (intent.empty()) return;
            intent.pop_back();
            Api(payer.account, "POST", "/v1/refunds", "amount=100&payment_intent=" + intent);
        }
    }
}

void HistoryWorld::HappenToMerchant(const Payer& payer) {
    auto& sql = database_.sql();
    auto now = FormatTime(clock_->Now());
    auto number = 1 + Below(kMerchants);
    auto hasten = [&] {
        sql.Run(
            fmt::format("update citadel.scheduled_tasks set run_at = '{}' where merchant_id = {} and "
                        "status = 'pending'",
                        now, number));
    };
    switch (Below(4)) {
        case 0:
            sql.Run(fmt::format("update citadel.merchants set retry_mode = '{}' where merchant_id = {}",
                                kModes[Below(4)], number));
            hasten();
            break;
        case 1:
            sql.Run(
                fmt::format("update citadel.recoveries set collect_now_at = '{}' where merchant_id = {} and "
                            "status = 'open' and recovery_id % 5 = {}",
                            now, number, Below(5)));
            hasten();
            break;
        case 2: StopByHand(payer); break;
        default:
            if (Chance(80)) return;
            Tell("deauthorize", {{"account", payer.account}});
    }
}

void HistoryWorld::PlayUntil(Time end) {
    while (true) {
        Await(io_, LetSettle());
        if (clock_->Now() >= end) return;
        Time next = Await(io_, NextMoment());
        clock_->Set(std::min(end, std::max(next, clock_->Now() + std::chrono::minutes(20))));
        Await(io_, remote_->Post("/_sim/wake", json::object()));
        engine_->WakeWorkers();
    }
}

asio::awaitable<bool> HistoryWorld::IsQuiet() {
    if (!engine_->workers_idle() || engine_->inbox().waiting() > 0) co_return false;
    app::SimState state = co_await remote_->State();
    if (state.busy) co_return false;
    store::QueueDepth depth = co_await store::ReadQueueDepthAcrossMerchants(engine_->pool(), clock_->Now());
    if (depth.due > 0) co_return false;
    co_return engine_->workers_idle();
}

// Quiet twice in a row. What a crashed run holds is left to its lease.
asio::awaitable<void> HistoryWorld::LetSettle(int rounds) {
    int quiet = 0;
    while (quiet < 2) {
        bool is_quiet = co_await IsQuiet();
        quiet = is_quiet ? quiet + 1 : 0;
        if (!is_quiet) co_await runtime::Sleep(std::chrono::milliseconds(2));
    }
    upkeep::Janitor janitor(io_, engine_->pool(), *clock_, {}, [] {});
    upkeep::JanitorRound round = co_await janitor.RunOnce();
    bool made_work = round.rescued.returned > 0 || round.doubts_queued > 0;
    EXPECT_LT(rounds, kRoundsUntilRest) << "the janitor finds work for ever";
    if (made_work && rounds < kRoundsUntilRest) {
        engine_->WakeWorkers();
        co_await LetSettle(rounds + 1);
    }
}

asio::awaitable<Time> HistoryWorld::NextMoment() {
    app::SimState state = co_await remote_->State();
    store::QueueDepth depth = co_await store::ReadQueueDepthAcrossMerchants(engine_->pool(), clock_->Now());
    Time next = clock_->Now() + std::chrono::hours(6);
    if (state.next_event_at) next = std::min(next, *state.next_event_at);
    if (depth.next_run_at) next = std::min(next, *depth.next_run_at);
    if (depth.running > 0) next = std::min<Time>(next, clock_->Now() + std::chrono::minutes(6));
    co_return next;
}

// What POST /api/recoveries/{id}/stop does.
void HistoryWorld::StopByHand(const Payer& payer) {
    database_.sql().Run(fmt::format(R"sql(
with stopped as (
    update citadel.recoveries r set status = 'stopped', reason = 'stopped_by_merchant', closed_at = '{0}',
        next_action_at = null, wind_down = case when r.auto_advance_taken then 'give_back' else '' end
    where customer_id = '{1}' and status = 'open'
    returning r.*
), vanished as (
    delete from citadel.scheduled_tasks q using stopped s where q.bucket = s.bucket
        and q.merchant_id = s.merchant_id and q.recovery_id = s.recovery_id and q.status = 'pending'
), ledger as (
    insert into citadel.usage_logs (bucket, merchant_id, metric_type, currency, recovery_id, occurred_at)
    select bucket, merchant_id, 'stopped', currency, recovery_id, '{0}' from stopped returning *
)
insert into citadel.daily_metrics as d (bucket, merchant_id, date, currency, stopped_count)
select bucket, merchant_id, ('{0}'::timestamptz at time zone 'UTC')::date, currency, count(*) from ledger group by 1, 2, 3, 4
on conflict (bucket, merchant_id, date, currency) do update set stopped_count = d.stopped_count + excluded.stopped_count)sql",
                                    FormatTime(clock_->Now()), payer.customer));
}

}  // namespace citadel::testing
