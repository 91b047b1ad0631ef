// The API keys that open the simulated Stripe: whose account each is for and how much it may do. Keys
// are known by their text and shown masked; what a call may do with one is authentication.h's business.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace citadel::stripe_sim {

enum class KeyKind {
    kSecret,
    kRestricted,
    kPublishable,
    kAccess,        // an OAuth access token
    kMeterSession,  // opens the meter event stream and nothing else
};

struct ApiKey {
    std::string account;
    KeyKind kind = KeyKind::kSecret;
    std::set<std::string> permissions;  // of a restricted key: "invoice_read", "charge_write"
    std::optional<Time> expires_at;
    std::string masked;  // as errors show it
};

// "sk_test_****only": the beginning and the last four characters.
std::string MaskKey(std::string_view text);

class KeyRing {
  public:
    // Adds the key, or changes the one of that text.
    void Put(const std::string& text, ApiKey key);
    const ApiKey* Find(std::string_view text) const;
    void Revoke(const std::string& text) { keys_.erase(text); }
    // All access tokens for that account.
    void RevokeAccess(const std::string& account);

  private:
    std::map<std::string, ApiKey, std::less<>> keys_;
};

}  // namespace citadel::stripe_sim
