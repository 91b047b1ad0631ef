#include "app/engine.h"

#include <cstdlib>

#include "app/mail_setup.h"
#include "base/error.h"
#include "base/log.h"
#include "postgres/migrations.h"
#include "recovery/collector.h"
#include "store/ping.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

postgres::ConnectionOptions ConnectionTo(const Config& config, const std::string& url) {
    postgres::ConnectionOptions options;
    options.url = url;
    options.prepare = config.prepare;
    options.role = "citadel_worker";
    return options;
}

stripe::ApiSettings StripeSettings(const Config& config) {
    stripe::ApiSettings settings;
    settings.base = config.stripe_api_base;
    settings.key = config.stripe_secret_key;
    settings.deadline = config.stripe_deadline;
    settings.read_deadline = std::min(settings.read_deadline, settings.deadline);
    settings.first_backoff = config.stripe_backoff;
    return settings;
}

// Why not, or nothing.
asio::awaitable<std::optional<std::string>> RevokeAtStripe(connect::Accounts& accounts,
                                                           MerchantKey merchant) {
    connect::Farewell farewell = co_await accounts.Disconnect(merchant);
    std::optional<std::string> refusal;
    if (!farewell.revoked) refusal = farewell.detail;
    co_return refusal;
}

// For fault tests: the process ends at once, without a last word, when it reaches the named step.
StepHook DieAtStep() {
    const char* step = std::getenv("CITADEL_TEST_DIE_AT");
    if (!step || !*step) return {};
    return [wanted = std::string(step)](std::string_view reached) {
        if (reached == wanted) std::_Exit(137);
    };
}

}  // namespace

Database::Database(const Config& config) {
    url_ = config.database_url;
    if (config.embedded()) {
        embedded_ = postgres::Embedded::Start(config.data_dir);
        url_ = embedded_->url();
    }
    if (config.embedded() || config.migrate) {
        for (const auto& name : postgres::Migrate(url_)) log::Info("migration_applied", {{"name", name}});
    }
    auto schema = postgres::ReadSchemaStatus(url_);
    if (schema.state == postgres::SchemaState::kCurrent) return;
    bool older = schema.state == postgres::SchemaState::kOlder;
    throw Trouble(
        TroubleKind::kConfiguration,
        fmt::format("the schema has version {}, this program needs {}: {}", schema.database_version,
                    schema.program_version,
                    older ? "run citadel migrate, or start with --migrate" : "run a newer citadel"));
}

Engine::Engine(asio::io_context& io, const Config& config, const std::string& database_url)
    : io_(io), config_(config), database_url_(database_url),
      at_step_(config.at_step ? config.at_step : DieAtStep()),
      ingest_pool_(io, ConnectionTo(config, database_url), 1),
      work_pool_(io, ConnectionTo(config, database_url), 4),
      listener_(io,
                [&] {
                    auto options = ConnectionTo(config, database_url);
                    options.on_notify = [this] { WakeWorkers(); };
                    return options;
                }()),
      http_(io), identity_(std::make_unique<Identity>(io, http_, work_pool_, config, at_step_)),
      stripe_(http_, StripeSettings(config), &identity_->own_keys()), sender_(MakeSender(http_, config)),
      links_(MakeTrackingLinks(config)), health_(work_pool_),
      digest_stop_(work_pool_, config.tracking_secrets), nursery_(io) {
    identity_->BeforeLeaving([this](MerchantKey merchant, std::string account) {
        return recovery::GiveBackAll(work_pool_, stripe_, merchant, std::move(account));
    });
    inbox::Inbox::Options intake;
    intake.at_step = at_step_;
    inbox_ =
        std::make_unique<inbox::Inbox>(io, ingest_pool_, *config.clock, intake, [this] { OnEnqueued(); });
    stripe_webhook_ =
        std::make_unique<api::StripeWebhook>(*inbox_, *config.clock, config.stripe_webhook_secrets, at_step_);
    resend_webhook_ =
        std::make_unique<api::ResendWebhook>(work_pool_, *config.clock, config.resend_webhook_secrets);
    tracking_ = std::make_unique<api::Tracking>(work_pool_, *config.clock, stripe_, links_);
}

Engine::~Engine() = default;

void Engine::StartWorkers(upkeep::JanitorOptions janitor) {
    recovery::WorkerOptions options;
    options.width = static_cast<std::size_t>(config_.workers);
    options.email_from = config_.email_from;
    options.self_scheduled.usage.event_name = config_.meter_event;
    options.self_scheduled.digest.public_url = config_.public_url;
    if (!config_.tracking_secrets.empty())
        options.self_scheduled.digest.link_secret = config_.tracking_secrets.front();
    options.at_step = at_step_;
    options.links = links_;
    worker_ = std::make_unique<recovery::Worker>(io_, work_pool_, *config_.clock, stripe_, *sender_, options);
    janitor_ = std::make_unique<upkeep::Janitor>(io_, work_pool_, *config_.clock, janitor,
                                                 [this] { WakeWorkers(); });
    recovery::ThanksOptions thanks;
    thanks.email_from = config_.email_from;
    thanks.links = links_;
    thanks_ = std::make_unique<recovery::Thanks>(work_pool_, *config_.clock, *sender_, thanks);
    nursery_.Spawn("worker", worker_->Run());
    nursery_.Spawn("thanks", thanks_->Run());
    nursery_.Spawn("janitor", janitor_->Run());
    nursery_.Spawn("listen", ListenToOthers());
    nursery_.Spawn("revocations", identity_->Run());
}

void Engine::StartSweeper() {
    sweeper_ = std::make_unique<inbox::Sweeper>(io_, work_pool_, *config_.clock, stripe_, *inbox_,
                                                [this] { OnEnqueued(); });
    nursery_.Spawn("sweeper", sweeper_->Run());
}

Front::Parts Engine::FrontParts() {
    Front::Parts parts{.sender = *sender_};
    parts.authenticator = &identity_->authenticator();
    parts.revoke = [this](MerchantKey merchant) { return RevokeAtStripe(identity_->accounts(), merchant); };
    parts.on_work = [this] { OnEnqueued(); };
    return parts;
}

void Engine::StartHttp(const std::string& host, int port, bool webhooks) {
    auto routes = std::make_shared<http::Router>(webhooks ? api::MakeRoutes(health_, *stripe_webhook_)
                                                          : api::MakeHealthRoutes(health_));
    if (webhooks) {
        api::AddMailRoutes(*routes, *resend_webhook_, *tracking_);
        api::AddDigestRoutes(*routes, digest_stop_);
        identity_->AddRoutes(*routes);
    }
    front_ = std::make_unique<Front>(io_, config_, ConnectionTo(config_, database_url_), FrontParts());
    front_->AddRoutes(*routes, webhooks);
    stripe_webhook_->CountWith([this](const std::string& action) { front_->metrics().CountWebhook(action); });
    // The ring around the routes keeps them alive.
    auto handler = [routes, ring = front_->Within(*routes)](http::Request request) {
        return ring(std::move(request));
    };
    server_ = std::make_unique<http::Server>(io_, handler);
    server_->Listen(host, port);
    identity_->ServesAt(host, server_->port());
}

void Engine::WakeWorkers() {
    if (worker_) worker_->Wake();
}

void Engine::OnEnqueued() {
    WakeWorkers();
    if (notifying_ || stopping_) return;
    notifying_ = true;
    nursery_.Spawn("notify", NotifyOthers());
}

// At most one word every 100 ms, however many tasks came in: a NOTIFY costs a commit.
asio::awaitable<void> Engine::NotifyOthers() {
    try {
        co_await store::NotifyWorkers(work_pool_);
    } catch (const std::exception& error) {
        log::Debug("notify_failed", {{"error", error.what()}});  // the others poll
    }
    co_await runtime::Sleep(std::chrono::milliseconds(100));
    notifying_ = false;
}

// Without a listening connection (database away, PgBouncer) the poll still finds the work.
asio::awaitable<void> Engine::ListenToOthers() {
    while (!stopping_) {
        try {
            co_await store::ListenForWork(listener_);
        } catch (const std::exception& error) {
            log::Debug("listen_failed", {{"error", error.what()}});
        }
        for (int i = 0; i < 20 && !stopping_; ++i) co_await runtime::Sleep(std::chrono::milliseconds(250));
    }
}

asio::awaitable<void> Engine::StopParts() {
    if (server_) co_await server_->Drain(std::chrono::milliseconds(8000));
    if (worker_) worker_->Stop();
    if (janitor_) janitor_->Stop();
    if (sweeper_) sweeper_->Stop();
    if (thanks_) thanks_->Stop();
    identity_->Stop();
    co_await inbox_->Close();
    co_await nursery_.Close();
}

asio::awaitable<void> Engine::Stop(std::chrono::milliseconds patience) {
    stopping_ = true;
    health_.Drain();
    runtime::Nursery parts(io_);
    parts.Spawn("stop", StopParts());
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (parts.running() > 0 && std::chrono::steady_clock::now() < deadline) {
        co_await runtime::Sleep(std::chrono::milliseconds(5));
    }
    if (parts.running() > 0) {
        log::Warn("stopped_with_work_left", {{"mend", "its leases run out and other workers take it"}});
    }
    listener_.Close();
    if (front_) front_->Close();
    work_pool_.Close();
    ingest_pool_.Close();
}

}  // namespace citadel::app
