// The letters to a merchant's customers: subject, HTML and its plain-text twin, every value escaped by
// the template library for the place where it stands (text, attribute, link). A link that is not https
// (http is accepted for loopback only) is refused, a missing value too: what() says which.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/types.h"

namespace citadel::email {

enum class MailKind {
    kPaymentFailed,   // a renewal failed; `attempt` 1 is the first notice
    kActionRequired,  // the bank wants the payer to confirm
    kFinalNotice,     // the last try failed too
};

struct MailContext {
    MailKind kind = MailKind::kPaymentFailed;
    int attempt = 1;
    std::string merchant_name;
    std::string customer_name;  // may be empty: "Hello,"
    Money amount;
    std::string invoice_number;           // may be empty, as of an invoice not yet finalized
    std::string update_url;               // where the payer pays or changes the card
    std::string brand_color = "#1a56db";  // #RRGGBB
    std::string support_email;            // may be empty
    bool card_needs_update = false;       // the card itself is the trouble; say so instead of "we try again"
    std::string next_retry_on;            // "18 March 2026" or empty when no retry is planned
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

// "USD 20.00", "JPY 2000", "KWD 1.500": minor units as the currency has them (ISO 4217).
std::string FormatMoney(const Money& money);
std::string_view NameOf(MailKind kind);  // payment_failed, action_required, final_notice

}  // namespace citadel::email
