// The letter that thanks for a payment, for merchants who want one (default: nobody). It looks by itself for
// what was recovered lately, so nothing of it hangs on the road of an event; one that is put off or in doubt
// is found again. Several processes may do so at once: a mail has one row and one key.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

#include "base/clock.h"
#include "email/sender.h"
#include "email/tracking_link.h"
#include "postgres/pool.h"
#include "store/mails.h"

namespace citadel::recovery {

struct ThanksOptions {
    std::chrono::seconds poll{30};          // wall time
    std::chrono::hours not_later_than{48};  // after the payment; later nobody expects it
    std::string email_from = "billing@citadel.invalid";
    email::TrackingLinks links;
};

class Thanks {
  public:
    Thanks(postgres::Pool& pool, const Clock& clock, email::Sender& sender, ThanksOptions options)
        : pool_(pool), clock_(clock), sender_(sender), options_(std::move(options)) {}

    boost::asio::awaitable<void> Run();  // until Stop()
    void Stop() { stopping_ = true; }
    boost::asio::awaitable<int> RunOnce();  // how many were sent

  private:
    boost::asio::awaitable<bool> Thank(store::ThanksDue due);
    store::MailIntent IntentOf(const store::ThanksDue& due, const store::Letterhead& head) const;

    postgres::Pool& pool_;
    const Clock& clock_;
    email::Sender& sender_;
    ThanksOptions options_;
    bool stopping_ = false;
};

}  // namespace citadel::recovery
