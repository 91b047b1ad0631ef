// The weekly digest to a merchant: HTML that mail clients show with images off (the trend is a chart of table
// cells) and its plain twin, in the merchant's language. Values are escaped; amounts of several currencies
// are never added up.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "email/templates.h"

namespace citadel::email {

struct RecoveredSum {
    std::int64_t count = 0;  // invoices
    Money amount;
    std::int64_t count_before = 0;  // in the week before
    std::int64_t minor_before = 0;
};

struct CauseSum {
    std::string cause;  // retry, stripe_retry, customer_after_mail, customer
    std::int64_t count = 0;
    Money amount;
};

struct OpenSum {
    std::int64_t count = 0;
    Money amount;
};

struct DigestContext {
    std::string merchant_name;
    std::string locale;
    std::string brand_color;
    std::chrono::sys_days monday{};       // the week is this day and the six after it
    std::vector<RecoveredSum> recovered;  // a currency each
    std::vector<CauseSum> causes;         // a cause and currency each
    std::vector<Money> trend;             // of one currency, a week each, oldest first; may be empty
    std::vector<OpenSum> open;            // a currency each
    std::int64_t planned = 0;             // open ones of which something is planned within a week
    std::int64_t need_customer = 0;       // open ones that only the customer can pay
    std::optional<std::chrono::sys_days> next_action;
    std::int64_t letters_sent = 0;  // to customers; of them:
    std::int64_t letters_delivered = 0;
    std::int64_t letters_opened = 0;
    std::int64_t letters_clicked = 0;
    std::int64_t paid_after_letter = 0;  // recovered by the customer, after a letter
    std::string dashboard_url;           // may be empty
    std::string stop_url;                // may be empty
};

// Nothing recovered in this week or the one before, nothing open, no letter: nothing to say.
bool HasNews(const DigestContext& context);

Mail RenderDigest(const DigestContext& context);

}  // namespace citadel::email
