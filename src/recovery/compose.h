// A letter as it will be stored: the merchant's letterhead, the links of this very letter, the rendered text,
// and who sends it to whom.
#pragma once
#include <string>

#include "email/templates.h"
#include "email/tracking_link.h"
#include "store/mails.h"

namespace citadel::recovery {

struct Addressing {
    MerchantKey merchant;
    std::int64_t recovery_id = 0;  // kCardExpiring: of its notice
    std::string to;
    std::string email_from;  // the bare address; the name before it is the merchant's
    email::TrackingLinks links;
};

// `context` says what the letter is about; the rest of it is filled in here. Throws email::BadMail.
store::MailIntent Compose(const Addressing& addressing, const store::Letterhead& head,
                          email::MailContext context);

}  // namespace citadel::recovery
