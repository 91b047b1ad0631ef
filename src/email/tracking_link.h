// Links of a mail that lead through us: opaque tokens that say which letter it was, sealed with a secret.
// A token is encrypted and authenticated in one (a synthetic initialisation vector: the MAC of the content
// is also what the key stream is made from), so it tells nothing, cannot be made by others, and the same
// letter always has the same one, which a stored and repeated mail needs.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/types.h"
#include "email/templates.h"

namespace citadel::email {

// Which letter of which recovery. Before anything has failed there is none: the letter about a card that will
// expire (kCardExpiring) is named by its notice's id in the same place.
struct LetterRef {
    MerchantKey merchant;
    std::int64_t recovery_id = 0;
    MailKind kind = MailKind::kPaymentFailed;
    int attempt = 1;
    bool operator==(const LetterRef&) const = default;
};

class TrackingLinks {
  public:
    TrackingLinks() = default;
    // The first secret signs, any of them may match.
    TrackingLinks(std::string public_url, std::vector<Secret> secrets)
        : public_url_(std::move(public_url)), secrets_(std::move(secrets)) {}

    // Without an address of ours or a secret, mails link to Stripe's pages themselves.
    bool on() const { return !public_url_.empty() && !secrets_.empty(); }

    std::string ClickUrl(const LetterRef& letter) const;
    std::string OpenUrl(const LetterRef& letter) const;
    // nullopt: not one of ours, or not for this purpose.
    std::optional<LetterRef> ReadClick(std::string_view token) const;
    std::optional<LetterRef> ReadOpen(std::string_view token) const;

  private:
    std::optional<LetterRef> Read(std::string_view purpose, std::string_view token) const;

    std::string public_url_;
    std::vector<Secret> secrets_;
};

}  // namespace citadel::email
