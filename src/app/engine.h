// The engine put together: database pools, inbox, worker, janitor, HTTP, on one io_context. serve, worker,
// replay and demo differ only in which parts they start.
#pragma once
#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

#include "api/routes.h"
#include "app/config.h"
#include "app/front.h"
#include "app/identity.h"
#include "base/step_hook.h"
#include "email/sender.h"
#include "email/tracking_link.h"
#include "http/client.h"
#include "http/server.h"
#include "inbox/inbox.h"
#include "inbox/sweep.h"
#include "postgres/embedded.h"
#include "postgres/pool.h"
#include "recovery/thanks.h"
#include "recovery/worker.h"
#include "runtime/nursery.h"
#include "stripe/client.h"
#include "upkeep/janitor.h"

namespace citadel::app {

// The database a process works on; brings an embedded one up and its schema up to date.
class Database {
  public:
    // Throws Trouble; kConfiguration when the schema is not ours and --migrate was not given.
    explicit Database(const Config& config);
    const std::string& url() const { return url_; }

  private:
    std::unique_ptr<postgres::Embedded> embedded_;
    std::string url_;
};

class Engine {
  public:
    Engine(boost::asio::io_context& io, const Config& config, const std::string& database_url);
    ~Engine();

    void StartWorkers(upkeep::JanitorOptions janitor = {});
    // The daily comparison with Stripe (inbox/sweep.h).
    void StartSweeper();
    // Binds the listener: webhooks and health, or health alone.
    void StartHttp(const std::string& host, int port, bool webhooks);
    int port() const { return server_->port(); }

    // No new work; running work is finished or handed back; bounded by `patience`.
    boost::asio::awaitable<void> Stop(std::chrono::milliseconds patience);

    Identity& identity() { return *identity_; }
    inbox::Inbox& inbox() { return *inbox_; }
    const stripe::ClientFactory& stripe() const { return stripe_; }
    postgres::Pool& pool() { return work_pool_; }
    // The workers of this process look again; the demo calls it after moving the clock.
    void WakeWorkers();
    bool workers_idle() const { return !worker_ || worker_->idle(); }

  private:
    Front::Parts FrontParts();
    void OnEnqueued();
    boost::asio::awaitable<void> NotifyOthers();
    boost::asio::awaitable<void> ListenToOthers();
    boost::asio::awaitable<void> StopParts();

    boost::asio::io_context& io_;
    const Config& config_;
    std::string database_url_;
    StepHook at_step_;
    postgres::Pool ingest_pool_;
    postgres::Pool work_pool_;
    postgres::Connection listener_;
    http::Client http_;
    std::unique_ptr<Identity> identity_;
    stripe::ClientFactory stripe_;
    std::unique_ptr<email::Sender> sender_;
    email::TrackingLinks links_;
    api::Health health_;
    std::unique_ptr<inbox::Inbox> inbox_;
    std::unique_ptr<api::StripeWebhook> stripe_webhook_;
    std::unique_ptr<api::ResendWebhook> resend_webhook_;
    std::unique_ptr<api::Tracking> tracking_;
    std::unique_ptr<recovery::Worker> worker_;
    std::unique_ptr<upkeep::Janitor> janitor_;
    std::unique_ptr<inbox::Sweeper> sweeper_;
    std::unique_ptr<recovery::Thanks> thanks_;
    std::unique_ptr<Front> front_;
    std::unique_ptr<http::Server> server_;
    runtime::Nursery nursery_;
    bool notifying_ = false;
    bool stopping_ = false;
};

}  // namespace citadel::app
