#include "support/self_scheduled.h"

#include "runtime/nursery.h"
#include "support/program.h"
#include "support/run.h"

namespace citadel::testing {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kLease{300};

struct Death {};  // no std::exception: nothing in the product catches it

postgres::ConnectionOptions Options(const std::string& url) {
    postgres::ConnectionOptions options;
    options.url = url;
    return options;
}

stripe::ApiSettings Stripe(const std::string& base) {
    stripe::ApiSettings settings;
    settings.base = base;
    settings.key = Secret(kStripeKey);
    settings.first_backoff = std::chrono::milliseconds(2);
    return settings;
}

upkeep::JanitorOptions EveryRoundWatches() {
    upkeep::JanitorOptions options;
    options.rounds_between_watches = 1;
    return options;
}

}  // namespace

asio::awaitable<email::Sent> PostOffice::Send(email::Envelope envelope) {
    email::Sent sent;
    if (is_away()) co_return sent;
    if (refuses(envelope)) {
        sent.result = email::Sent::Result::kRefused;
        sent.error = "invalid address";
        co_return sent;
    }
    auto key = envelope.idempotency_key;
    if (!keeps_bodies) {
        auto whole = std::exchange(envelope.mail.html, {}) + envelope.mail.text;
        envelope.mail.text = std::to_string(std::hash<std::string>()(whole));
    }
    auto text = envelope.mail.text;
    auto [known, is_new] = delivered.emplace(key, std::move(envelope));
    if (!is_new) ++resent;
    if (known->second.mail.text != text) ++changed;
    sent.result = email::Sent::Result::kSent;
    sent.provider_id = "posted-" + key;
    co_return sent;
}

SelfScheduledWork::SelfScheduledWork(const std::string& database_url, Time now,
                                     const std::string& stripe_base, recovery::SelfScheduledOptions options)
    : clock(now), pool(io, Options(database_url), 2), sql_(database_url), http_(io),
      stripe_(http_, Stripe(stripe_base)),
      charges_(io, "charges", {},
               [this](std::vector<store::ChargeIntent> batch) {
                   return store::OpenCharges(pool, std::move(batch), clock.Now());
               }),
      tools_{pool,
             clock,
             stripe_,
             post,
             charges_,
             "digest@citadel.example",
             [this](std::string_view step) {
                 if (dies_at(step)) throw Death();
             }},
      tasks_(io, tools_, std::move(options)), janitor_(io, pool, clock, EveryRoundWatches(), [] {}) {}

SelfScheduledWork::~SelfScheduledWork() {
    Await(io, tasks_.Close());
    pool.Close();
}

asio::awaitable<void> SelfScheduledWork::RunOne(store::Task task) {
    try {
        co_await tasks_.Run(std::move(task));
    } catch (const Death&) {
        ++deaths;
    }
}

void SelfScheduledWork::RunDue() {
    for (;;) {
        auto tasks = Await(io, store::ClaimSelfScheduledAcrossMerchants(pool, clock.Now(), 256, kLease));
        if (tasks.empty()) return;
        runtime::Nursery workers(io);
        for (auto& task : tasks) workers.Spawn("task", RunOne(std::move(task)));
        Await(io, workers.Close());
    }
}

void SelfScheduledWork::RunDueToTheEnd() {
    for (;;) {
        RunDue();
        if (sql_.Number("select count(*) from citadel.scheduled_tasks where status = 'running'") == 0) return;
        clock.Advance(kLease);
        RunJanitor();
    }
}

upkeep::JanitorRound SelfScheduledWork::RunJanitor() { return Await(io, janitor_.RunOnce()); }

std::optional<Time> SelfScheduledWork::NextDue() {
    auto micros = sql_.Text(
        "select citadel.micros(min(run_at)) from citadel.scheduled_tasks where status = 'pending' "
        "and task_type in ('report_usage', 'send_weekly_digest')");
    if (micros.empty()) return std::nullopt;
    return Time(Duration(std::stoll(micros)));
}

}  // namespace citadel::testing
