// How this process sends mail and what its mails' links lead to, by the configuration.
#pragma once
#include <memory>

#include "app/config.h"
#include "email/sender.h"
#include "email/tracking_link.h"
#include "http/client.h"

namespace citadel::app {

// Resend with RESEND_API_KEY, else the console.
std::unique_ptr<email::Sender> MakeSender(http::Client& http, const Config& config);

// Signed with TRACKING_SECRET. With the embedded database and none given, with a key that is made once and
// kept in the data directory, so that links outlive a restart. Off without PUBLIC_URL.
email::TrackingLinks MakeTrackingLinks(const Config& config);

}  // namespace citadel::app
