#include "app/front.h"

namespace citadel::app {

namespace asio = boost::asio;

namespace {

postgres::ConnectionOptions As(postgres::ConnectionOptions database, const char* role) {
    database.role = role;
    database.on_notify = {};
    return database;
}

api::Access::Keys KeysOf(const Config& config) {
    return {.worker = Secret(config.raw.at("WORKER_SECRET")), .admin = Secret(config.raw.at("ADMIN_KEY"))};
}

api::RateLimit LimitOf(const Config& config, const std::string& env) {
    auto per_second = static_cast<int>(ReadNumber(config.raw, env, 0, 1'000'000));
    return {.per_second = static_cast<double>(per_second), .burst = 5 * per_second};
}

std::vector<std::string> OriginsOf(const Config& config) {
    std::vector<std::string> origins;
    std::string origin;
    for (char c : config.raw.at("CORS_ORIGINS") + ",") {
        if (c == ',' && !origin.empty()) origins.push_back(std::exchange(origin, {}));
        else if (c != ',' && c != ' ') origin += c;
    }
    return origins;
}

api::RecoveryRoutes::Options RecoveryOptions(const Front::Parts& parts) {
    api::RecoveryRoutes::Options options;
    options.network_objection = parts.network_objection;
    options.on_work = parts.on_work;
    return options;
}

api::WebPages::Options PageOptions(const Config& config) {
    return {.clerk_publishable_key = config.clerk_publishable_key, .local_issuer = config.local_issuer};
}

}  // namespace

Front::Front(asio::io_context& io, const Config& config, const postgres::ConnectionOptions& database,
             Parts parts)
    : tenant_pool_(io, As(database, ""), 4), worker_pool_(io, As(database, "citadel_worker"), 1),
      admin_pool_(io, As(database, "citadel_admin"), 1),
      access_(parts.authenticator, tenant_pool_, *config.clock, KeysOf(config),
              LimitOf(config, "CITADEL_CALLER_RATE")),
      merchants_(tenant_pool_, *config.clock), dashboard_(tenant_pool_, *config.clock),
      recoveries_(tenant_pool_, *config.clock, RecoveryOptions(parts)),
      tasks_(tenant_pool_, *config.clock, parts.on_work),
      templates_(tenant_pool_, *config.clock, parts.sender, config.email_from),
      workers_(worker_pool_, *config.clock), admin_(admin_pool_, *config.clock, parts.revoke),
      pages_(PageOptions(config)), metrics_(worker_pool_, *config.clock) {
    edge_options_.per_address = LimitOf(config, "CITADEL_ADDRESS_RATE");
    edge_options_.cors_origins = OriginsOf(config);
    edge_options_.trusted_proxies =
        static_cast<int>(ReadNumber(config.raw, "CITADEL_TRUSTED_PROXIES", 0, 16));
}

void Front::AddRoutes(http::Router& router, bool whole) {
    api::AddMetrics(router, metrics_);
    if (!whole) return;
    api::MerchantApi api{.access = access_,
                         .merchants = merchants_,
                         .dashboard = dashboard_,
                         .recoveries = recoveries_,
                         .tasks = tasks_,
                         .templates = templates_,
                         .workers = workers_,
                         .admin = admin_};
    api::AddMerchantApi(router, api);
    api::AddDocs(router, docs_);
    api::AddPages(router, pages_);
}

http::Handler Front::Within(const http::Router& router) {
    edge_ = std::make_unique<api::Edge>(router, metrics_, edge_options_);
    return [this](http::Request request) { return edge_->Serve(std::move(request)); };
}

void Front::Close() {
    tenant_pool_.Close();
    worker_pool_.Close();
    admin_pool_.Close();
}

}  // namespace citadel::app
