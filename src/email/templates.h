// The letters to a merchant's customers: subject, HTML and its plain-text twin, in the customer's language,
// every value escaped by the template library for the place where it stands (text, attribute, link). A
// merchant's own text, when there is one, stands where ours would, in the same frame. A link that is not
// https (http is accepted for loopback only) is refused, a missing value too: what() says which.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "base/types.h"
#include "email/markdown.h"

namespace citadel::email {

enum class MailKind {
    kPaymentFailed,   // a renewal failed; `attempt` 1 is the first notice, more are reminders
    kActionRequired,  // the bank wants the payer to confirm; more than 1 are reminders
    kFinalNotice,     // nobody tries any more
    kPaid,            // thanks; only for merchants who want it
    kCardExpiring,    // before anything has failed
};

struct MailContext {
    MailKind kind = MailKind::kPaymentFailed;
    int attempt = 1;
    std::string locale = "en";     // BCP 47; a language we do not speak is English
    std::string timezone = "UTC";  // IANA; the days below are told in it
    std::string merchant_name;
    std::string customer_name;  // may be empty: "Hello,"
    Money amount;
    std::string invoice_number;           // may be empty, as of an invoice not yet finalized
    std::string update_url;               // where the payer pays or changes the card
    std::string brand_color = "#1a56db";  // #RRGGBB
    std::string logo_url;                 // https; empty: the merchant's name instead
    std::string support_email;            // may be empty
    std::string open_url;                 // a picture that tells of the first opening; may be empty
    bool card_needs_update = false;       // the card itself is the trouble; say so instead of "we try again"
    std::optional<Time> next_retry_at;    // nullopt: no retry is planned
    std::optional<Time> final_action_at;  // kFinalNotice: after this day nobody tries any more
    std::string card;                     // kCardExpiring: "Visa •••• 4242"
    std::string card_expires;             // kCardExpiring: "03/2027", as on the card
    std::optional<OwnText> own;           // the merchant's own words
};

struct Mail {
    std::string subject;
    std::string html;
    std::string text;
};

class BadMail : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

Mail Render(const MailContext& context);

// Which of the language's letters this is: "payment_failed_first", "card_again", …
std::string_view LetterName(const MailContext& context);
std::string_view NameOf(MailKind kind);  // payment_failed, action_required, final_notice, paid, card_expiring
std::optional<MailKind> MailKindOf(std::string_view name);

// A page for a payer whom a link led nowhere: "paid", "ended", "later", "forged" of the language's pages.
std::string RenderPage(std::string_view page, std::string_view locale, const std::string& merchant_name);

}  // namespace citadel::email
