// Every route on one screen: method, path, who may call, function.
#pragma once
#include "api/access.h"
#include "api/admin_routes.h"
#include "api/clerk_webhook_routes.h"
#include "api/connect_routes.h"
#include "api/dashboard_routes.h"
#include "api/digest_routes.h"
#include "api/docs_routes.h"
#include "api/health_routes.h"
#include "api/local_sign_in_routes.h"
#include "api/merchant_routes.h"
#include "api/metrics.h"
#include "api/recovery_routes.h"
#include "api/resend_webhook_routes.h"
#include "api/task_routes.h"
#include "api/template_routes.h"
#include "api/track_routes.h"
#include "api/web_routes.h"
#include "api/webhook_routes.h"
#include "api/worker_routes.h"
#include "http/router.h"

namespace citadel::api {

http::Router MakeRoutes(Health& health, StripeWebhook& stripe);

// What mails lead to, and what the mail service tells of them.
void AddMailRoutes(http::Router& router, ResendWebhook& resend, Tracking& tracking);
// Connecting Stripe, and the words of Clerk.
void AddConnectRoutes(http::Router& router, ConnectRoutes& connect, ClerkWebhook& clerk);
// DEMO ONLY.
void AddLocalSignInRoutes(http::Router& router, LocalSignIn& sign_in);

struct MerchantApi {
    Access& access;
    MerchantRoutes& merchants;
    DashboardRoutes& dashboard;
    RecoveryRoutes& recoveries;
    TaskRoutes& tasks;
    TemplateRoutes& templates;
    WorkerRoutes& workers;
    AdminRoutes& admin;
};
void AddMerchantApi(http::Router& router, MerchantApi api);
void AddDocs(http::Router& router, DocsRoutes& docs);
void AddPages(http::Router& router, WebPages& pages);
void AddMetrics(http::Router& router, Metrics& metrics);

// The stop link of the weekly digest.
void AddDigestRoutes(http::Router& router, DigestStop& digest_stop);

// What a process without webhooks serves (citadel worker, on --metrics-port).
http::Router MakeHealthRoutes(Health& health);

}  // namespace citadel::api
