// POST /api/webhooks/stripe: six lines from raw bytes to a durable event. 200 is said only after the
// commit; a bad signature or an unreadable body is refused and nothing is stored.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "base/step_hook.h"
#include "http/message.h"
#include "inbox/inbox.h"

namespace citadel::api {

class StripeWebhook {
  public:
    // Told what became of each: enqueued, processed, ignored, duplicate, refused.
    using Count = std::function<void(const std::string& action)>;

    StripeWebhook(inbox::Inbox& inbox, const Clock& clock, std::vector<Secret> secrets, StepHook at_step = {})
        : inbox_(inbox), clock_(clock), secrets_(std::move(secrets)), at_step_(std::move(at_step)) {}
    void CountWith(Count count) { count_ = std::move(count); }

    boost::asio::awaitable<http::Reply> Receive(http::Request request);

  private:
    inbox::Inbox& inbox_;
    const Clock& clock_;
    std::vector<Secret> secrets_;
    StepHook at_step_;
    Count count_ = [](const std::string&) {};
};

}  // namespace citadel::api
