// The words of the weekly digest, a file for each language (digest_en.cpp and so on). Markers in braces are
// those of fmt.
#pragma once
#include <array>
#include <string_view>

namespace citadel::email {

struct DigestWords {
    std::string_view language;                // ISO 639
    std::array<std::string_view, 12> months;  // as in a date
    std::string_view day;                     // {day}, {month}
    std::string_view subject;                 // {merchant}, {amount}: something was recovered
    std::string_view subject_without;         // {merchant}: nothing was
    std::string_view week;                    // {from}, {to}
    std::string_view recovered;
    std::string_view nothing_recovered;
    std::string_view invoices;
    std::string_view amount;
    std::string_view week_before;
    std::string_view change;
    std::string_view by_cause;
    std::string_view cause_retry;
    std::string_view cause_stripe_retry;
    std::string_view cause_after_letter;
    std::string_view cause_customer;
    std::string_view trend;  // {weeks}, {currency}
    std::string_view open;
    std::string_view nothing_open;
    std::string_view next;
    std::string_view planned;  // a label, as the two below: the number follows it
    std::string_view first_planned;
    std::string_view need_customer;
    std::string_view letters;
    std::string_view letters_sent;
    std::string_view letters_delivered;
    std::string_view letters_opened;
    std::string_view letters_clicked;
    std::string_view paid_after_letter;
    std::string_view dashboard;
    std::string_view why;  // {merchant}
    std::string_view stop;
};

extern const DigestWords kDigestEnglish;
extern const DigestWords kDigestGerman;
extern const DigestWords kDigestFrench;
extern const DigestWords kDigestSpanish;
extern const DigestWords kDigestPortuguese;

// By the first part of the locale ("pt-BR": Portuguese); English for any that is not there.
const DigestWords& DigestWordsFor(std::string_view locale);

}  // namespace citadel::email
