// POST /api/webhooks/stripe: six lines from raw bytes to a durable event. 200 is said only after the
// commit; a bad signature or an unreadable body is refused and nothing is stored.
#pragma once
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "base/step_hook.h"
#include "http/message.h"
#include "inbox/inbox.h"

namespace citadel::api {

class StripeWebhook {
  public:
    StripeWebhook(inbox::Inbox& inbox, const Clock& clock, std::vector<Secret> secrets, StepHook at_step = {})
        : inbox_(inbox), clock_(clock), secrets_(std::move(secrets)), at_step_(std::move(at_step)) {}

    boost::asio::awaitable<http::Reply> Receive(http::Request request);

  private:
    inbox::Inbox& inbox_;
    const Clock& clock_;
    std::vector<Secret> secrets_;
    StepHook at_step_;
};

}  // namespace citadel::api
