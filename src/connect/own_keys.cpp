#include "connect/own_keys.h"

#include "connect/seal.h"
#include "store/credentials.h"

namespace citadel::connect {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kRemembered{1};
constexpr std::size_t kAccountsMax = 10'000;

}  // namespace

asio::awaitable<Secret> SealedOwnKeys::KeyOf(std::string account) {
    auto known = seen_.find(account);
    if (known != seen_.end() && steady_clock::now() - known->second.at < kRemembered)
        co_return known->second.key;
    std::optional<store::SealedRow> row = co_await store::FindRestrictedKeyAcrossMerchants(pool_, account);
    Seen seen;
    if (row) seen.key = OpenTokens(vault_, row->merchant, row->credential).access;
    seen.at = steady_clock::now();
    if (seen_.size() >= kAccountsMax) seen_.clear();
    seen_[account] = seen;
    co_return seen.key;
}

}  // namespace citadel::connect
