// What a letter's links lead to. The picture always comes; a click leads to a page at Stripe that is found or
// made at that moment, so that a link never goes stale while the invoice is open, and never anywhere else: no
// part of the address is taken from the request but the sealed token.
#pragma once
#include <optional>

#include "base/clock.h"
#include "email/tracking_link.h"
#include "http/message.h"
#include "postgres/pool.h"
#include "store/tracking.h"
#include "stripe/client.h"

namespace citadel::api {

class Tracking {
  public:
    Tracking(postgres::Pool& pool, const Clock& clock, const stripe::ClientFactory& stripe,
             email::TrackingLinks links)
        : pool_(pool), clock_(clock), stripe_(stripe), links_(std::move(links)) {}

    boost::asio::awaitable<http::Reply> Open(http::Request request);   // GET /api/track/open/{token}
    boost::asio::awaitable<http::Reply> Click(http::Request request);  // GET /api/track/click/{token}

  private:
    boost::asio::awaitable<http::Reply> Lead(store::ClickedLetter letter, email::LetterRef ref, Time now);
    boost::asio::awaitable<std::optional<std::string>> MakePortal(stripe::Client client,
                                                                  store::ClickedLetter letter,
                                                                  email::LetterRef ref, Time now);

    postgres::Pool& pool_;
    const Clock& clock_;
    const stripe::ClientFactory& stripe_;
    email::TrackingLinks links_;
};

}  // namespace citadel::api
