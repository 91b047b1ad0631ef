// The issuer's published keys: fetched when first needed, kept five minutes, fetched again early when a token
// names a key we do not have, but then at most once in half a minute, since anybody can make up key ids. One
// fetch at a time. While the address is down the last good set serves on, for some hours at most. Ages are
// meant in wall time.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "crypto/jwt.h"
#include "http/client.h"
#include "runtime/wake.h"

namespace citadel::auth {

using Keys = std::shared_ptr<const crypto::KeySet>;

class KeySource {
  public:
    struct Options {
        std::string url;  // https://…, http:// on loopback, file:///…; empty: there are never any keys
        std::chrono::seconds fresh_for{300};
        std::chrono::seconds between_fetches{30};  // unknown key ids; and tries while the address is down
        std::chrono::seconds retry_without_keys{2};
        std::chrono::seconds stale_for{6 * 3600};  // a withdrawn key may be good for so long in an outage
        std::chrono::milliseconds deadline{3000};
    };

    KeySource(boost::asio::io_context& io, http::Client& http, const Clock& clock, Options options);

    // nullptr: no set is known and none could be fetched.
    boost::asio::awaitable<Keys> Current();
    // For a key id that `known` does not have: the set as fetched again, if it may be; else `known`.
    boost::asio::awaitable<Keys> NewerThan(Keys known);

  private:
    bool OlderThan(std::optional<Time> moment, std::chrono::seconds wall) const;
    Keys Usable() const;
    boost::asio::awaitable<void> Refresh();
    boost::asio::awaitable<std::string> Read();

    http::Client& http_;
    const Clock& clock_;
    Options options_;
    runtime::Wake fetched_;
    bool fetching_ = false;
    Keys keys_;
    std::optional<Time> got_at_;
    std::optional<Time> tried_at_;
};

}  // namespace citadel::auth
