// HTTP as the outside world does it: single calls that block, and many signed webhooks over many
// connections at once.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/client.h"

namespace citadel::testing {

http::Answer Fetch(http::Call call);
http::Answer Get(const std::string& url);

// A webhook's call to an engine at `base`, signed at `now` with kWebhookSecret.
http::Call SignedWebhook(const std::string& base, const std::string& body, Time now);

// One answer each, in the same order, from at most `connections` senders. `on_answer` is told how many
// have been answered so far.
std::vector<http::Answer> Deliver(const std::string& base, const std::vector<std::string>& bodies, Time now,
                                  std::size_t connections, std::function<void(std::size_t)> on_answer = {});

// result.action of a webhook's answer; empty when it was not acknowledged.
std::string ActionOf(const http::Answer& answer);

}  // namespace citadel::testing
