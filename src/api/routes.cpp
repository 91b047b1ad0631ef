#include "api/routes.h"

namespace citadel::api {
namespace {

// Binds a handler's member function to its object, which outlives the server.
template <typename T>
http::Handler To(T& object, boost::asio::awaitable<http::Reply> (T::*function)(http::Request)) {
    return [&object, function](http::Request request) { return (object.*function)(std::move(request)); };
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

http::Router MakeHealthRoutes(Health& health) {
    http::Router router;
    AddHealth(router, health);
    return router;
}

}  // namespace citadel::api
