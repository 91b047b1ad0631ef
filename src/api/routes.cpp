#include "api/routes.h"

namespace citadel::api {
namespace {

// Binds a handler's member function to its object, which outlives the server.
template <typename T>
http::Handler To(T& object, boost::asio::awaitable<http::Reply> (T::*function)(http::Request)) {
    return [&object, function](http::Request request) { return (object.*function)(std::move(request)); };
}

// The same for a route that needs to know which merchant is calling.
template <typename T>
MerchantHandler As(T& object, boost::asio::awaitable<http::Reply> (T::*function)(Caller, http::Request)) {
    return [&object, function](Caller caller, http::Request request) {
        return (object.*function)(std::move(caller), std::move(request));
    };
}

void AddHealth(http::Router& router, Health& health) {
    router.Add("GET", "/api/health", To(health, &Health::Report));  // public
    router.Add("GET", "/healthz", To(health, &Health::Liveness));   // public
    router.Add("GET", "/readyz", To(health, &Health::Readiness));   // public
}

}  // namespace

http::Router MakeRoutes(Health& health, StripeWebhook& stripe) {
    http::Router router;
    AddHealth(router, health);
    router.Add("POST", "/api/webhooks/stripe", To(stripe, &StripeWebhook::Receive));  // signed
    router.Add("POST", "/api/stripe/webhook", To(stripe, &StripeWebhook::Receive));   // the same, older path
    return router;
}

void AddMailRoutes(http::Router& router, ResendWebhook& resend, Tracking& tracking) {
    router.Add("POST", "/api/webhooks/resend", To(resend, &ResendWebhook::Receive));  // signed
    router.Add("GET", "/api/track/open/{token}", To(tracking, &Tracking::Open));      // public
    router.Add("GET", "/api/track/click/{token}", To(tracking, &Tracking::Click));    // public
}

void AddConnectRoutes(http::Router& router, ConnectRoutes& connect, ClerkWebhook& clerk) {
    router.Add("POST", "/api/stripe/connect/authorize", To(connect, &ConnectRoutes::Authorize));  // merchant
    router.Add("GET", "/api/stripe/connect/callback", To(connect, &ConnectRoutes::Callback));     // merchant
    router.Add("POST", "/api/stripe/connect/restricted-key",
               To(connect, &ConnectRoutes::RestrictedKey));                                 // merchant
    router.Add("POST", "/api/stripe/disconnect", To(connect, &ConnectRoutes::Disconnect));  // merchant
    router.Add("POST", "/api/webhooks/clerk", To(clerk, &ClerkWebhook::Receive));           // signed
}

void AddLocalSignInRoutes(http::Router& router, LocalSignIn& sign_in) {
    router.Add("POST", "/dev/sign-in", To(sign_in, &LocalSignIn::SignIn));
    router.Add("POST", "/dev/sign-out", To(sign_in, &LocalSignIn::SignOut));
    router.Add("GET", "/dev/accounts", To(sign_in, &LocalSignIn::Accounts));
}

void AddMerchantApi(http::Router& router, MerchantApi api) {
    auto merchant = [&](const char* method, const char* path, MerchantHandler handler) {
        router.Add(method, path, api.access.ForMerchant(std::move(handler)));
    };
    merchant("GET", "/api/merchants/me", As(api.merchants, &MerchantRoutes::Me));
    merchant("GET", "/api/merchants/me/export", As(api.merchants, &MerchantRoutes::Export));
    merchant("PATCH", "/api/merchants/{id}", As(api.merchants, &MerchantRoutes::Change));
    merchant("GET", "/api/dashboard", As(api.dashboard, &DashboardRoutes::Dashboard));
    merchant("GET", "/api/metrics/daily", As(api.dashboard, &DashboardRoutes::Daily));
    merchant("GET", "/api/metrics/breakdown", As(api.dashboard, &DashboardRoutes::Breakdown));
    merchant("GET", "/api/activity", As(api.dashboard, &DashboardRoutes::Activity));
    merchant("GET", "/api/recoveries", As(api.recoveries, &RecoveryRoutes::List));
    merchant("GET", "/api/recoveries/by-customer/{customerId}",
             As(api.recoveries, &RecoveryRoutes::ByCustomer));
    merchant("GET", "/api/recoveries/{id}", As(api.recoveries, &RecoveryRoutes::One));
    merchant("POST", "/api/recoveries/{id}/retry", As(api.recoveries, &RecoveryRoutes::Retry));
    merchant("POST", "/api/recoveries/{id}/stop", As(api.recoveries, &RecoveryRoutes::Stop));
    merchant("GET", "/api/tasks", As(api.tasks, &TaskRoutes::List));
    merchant("POST", "/api/tasks", As(api.tasks, &TaskRoutes::Create));
    merchant("DELETE", "/api/tasks/completed", As(api.tasks, &TaskRoutes::DeleteCompleted));
    merchant("GET", "/api/tasks/{id}", As(api.tasks, &TaskRoutes::One));
    merchant("DELETE", "/api/tasks/{id}", As(api.tasks, &TaskRoutes::Delete));
    merchant("POST", "/api/tasks/{id}/retry", As(api.tasks, &TaskRoutes::Retry));
    constexpr const char* kTemplate = "/api/email-templates/{kind}/{attempt}";
    merchant("GET", kTemplate, As(api.templates, &TemplateRoutes::Read));
    merchant("PUT", kTemplate, As(api.templates, &TemplateRoutes::Write));
    merchant("DELETE", kTemplate, As(api.templates, &TemplateRoutes::Reset));
    merchant("POST", "/api/email-templates/{kind}/{attempt}/preview",
             As(api.templates, &TemplateRoutes::Preview));
    merchant("POST", "/api/email-templates/{kind}/{attempt}/test", As(api.templates, &TemplateRoutes::Test));
    auto& access = api.access;
    router.Add("POST", "/api/worker/claim", access.ForWorker(To(api.workers, &WorkerRoutes::Claim)));
    router.Add("POST", "/api/worker/heartbeat/{id}",
               access.ForWorker(To(api.workers, &WorkerRoutes::Heartbeat)));
    router.Add("POST", "/api/worker/complete/{id}",
               access.ForWorker(To(api.workers, &WorkerRoutes::Complete)));
    router.Add("GET", "/api/admin/merchants", access.ForAdmin(To(api.admin, &AdminRoutes::ListMerchants)));
    router.Add("DELETE", "/api/admin/merchants/{id}",
               access.ForAdmin(To(api.admin, &AdminRoutes::EraseMerchant)));
}

void AddDocs(http::Router& router, DocsRoutes& docs) {
    router.Add("GET", "/openapi.json", To(docs, &DocsRoutes::OpenApi));  // public
    router.Add("GET", "/docs", To(docs, &DocsRoutes::Page));             // public
}

void AddPages(http::Router& router, WebPages& pages) {
    router.Otherwise(To(pages, &WebPages::Serve));  // public: whatever is none of the above
}

void AddMetrics(http::Router& router, Metrics& metrics) {
    router.Add("GET", "/metrics", To(metrics, &Metrics::Report));  // public
}

void AddDigestRoutes(http::Router& router, DigestStop& digest_stop) {
    router.Add("GET", "/api/digest/stop/{token}", To(digest_stop, &DigestStop::Ask));    // public
    router.Add("POST", "/api/digest/stop/{token}", To(digest_stop, &DigestStop::Stop));  // public
}

http::Router MakeHealthRoutes(Health& health) {
    http::Router router;
    AddHealth(router, health);
    return router;
}

}  // namespace citadel::api
