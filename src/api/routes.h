// Every route on one screen: method, path, who may call, function.
#pragma once
#include "api/clerk_webhook_routes.h"
#include "api/connect_routes.h"
#include "api/health_routes.h"
#include "api/local_sign_in_routes.h"
#include "api/resend_webhook_routes.h"
#include "api/track_routes.h"
#include "api/webhook_routes.h"
#include "http/router.h"

namespace citadel::api {

http::Router MakeRoutes(Health& health, StripeWebhook& stripe);

// What mails lead to, and what the mail service tells of them.
void AddMailRoutes(http::Router& router, ResendWebhook& resend, Tracking& tracking);
// Connecting Stripe, and the words of Clerk.
void AddConnectRoutes(http::Router& router, ConnectRoutes& connect, ClerkWebhook& clerk);
// DEMO ONLY.
void AddLocalSignInRoutes(http::Router& router, LocalSignIn& sign_in);

// What a process without webhooks serves (citadel worker, on --metrics-port).
http::Router MakeHealthRoutes(Health& health);

}  // namespace citadel::api
