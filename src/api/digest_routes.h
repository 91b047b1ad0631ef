// The stop link of the weekly digest. GET shows a page with a button and changes nothing, since scanners
// follow links; POST stops the digests: the button's, and the one click of a mail program (RFC 8058), which
// has no session and expects no further question.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <optional>
#include <vector>

#include "base/secret.h"
#include "http/message.h"
#include "postgres/pool.h"

namespace citadel::api {

class DigestStop {
  public:
    DigestStop(postgres::Pool& pool, std::vector<Secret> link_secrets)
        : pool_(pool), link_secrets_(std::move(link_secrets)) {}

    boost::asio::awaitable<http::Reply> Ask(http::Request request);
    boost::asio::awaitable<http::Reply> Stop(http::Request request);

  private:
    std::optional<std::int64_t> MerchantIn(const http::Request& request) const;

    postgres::Pool& pool_;
    std::vector<Secret> link_secrets_;
};

}  // namespace citadel::api
