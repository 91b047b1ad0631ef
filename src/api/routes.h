// Every route on one screen: method, path, who may call, function.
#pragma once
#include "api/health_routes.h"
#include "api/resend_webhook_routes.h"
#include "api/track_routes.h"
#include "api/webhook_routes.h"
#include "http/router.h"

namespace citadel::api {

http::Router MakeRoutes(Health& health, StripeWebhook& stripe, ResendWebhook& resend, Tracking& tracking);

// What a process without webhooks serves (citadel worker, on --metrics-port).
http::Router MakeHealthRoutes(Health& health);

}  // namespace citadel::api
