// Letters with made-up values: what a merchant's preview shows, and what is looked at before a release.
#pragma once
#include <string>
#include <vector>

#include "email/templates.h"

namespace citadel::email {

// Everything that a letter of this kind may have is there; who it is from is the caller's to fill in.
MailContext SampleContext(MailKind kind, int attempt, const std::string& locale);

struct SampleLetter {
    std::string name;  // "payment_failed-1"
    MailContext context;
};
// One of each letter there is.
std::vector<SampleLetter> SampleLetters(const std::string& locale);

// Our own words for a letter as a text that a merchant can begin its own from, with the placeholders that
// such texts have. Sentences that need other values are left out.
OwnText BuiltInText(MailKind kind, int attempt, const std::string& locale);

}  // namespace citadel::email
