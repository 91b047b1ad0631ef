// Everything that stands in front of the engine: the API with its database roles, its routes for merchants,
// workers and administrators, its own description, metrics, the dashboard, and the ring around all of it.
#pragma once
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

#include "api/edge.h"
#include "api/routes.h"
#include "api/web_routes.h"
#include "app/config.h"

namespace citadel::app {

class Front {
  public:
    struct Parts {
        auth::Authenticator* authenticator = nullptr;  // null: nobody can sign in
        email::Sender& sender;
        api::RevokeAtStripe revoke;
        api::NetworkObjection network_objection;
        std::function<void()> on_work;  // something is due at once
    };
    Front(boost::asio::io_context& io, const Config& config, const postgres::ConnectionOptions& database,
          Parts parts);

    // Everything, or for a process without webhooks the metrics alone.
    void AddRoutes(http::Router& router, bool whole);
    // What the server calls: `router` within the ring. Both outlive the server.
    http::Handler Within(const http::Router& router);
    api::Metrics& metrics() { return metrics_; }
    void Close();

  private:
    api::Edge::Options edge_options_;
    postgres::Pool tenant_pool_, worker_pool_, admin_pool_;
    api::Access access_;
    api::MerchantRoutes merchants_;
    api::DashboardRoutes dashboard_;
    api::RecoveryRoutes recoveries_;
    api::TaskRoutes tasks_;
    api::TemplateRoutes templates_;
    api::WorkerRoutes workers_;
    api::AdminRoutes admin_;
    api::DocsRoutes docs_;
    api::WebPages pages_;
    api::Metrics metrics_;
    std::unique_ptr<api::Edge> edge_;
};

}  // namespace citadel::app
