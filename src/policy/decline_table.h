// The rows of data/declines.tsv, read and checked once: every code with its meaning, its source and the date
// since when it holds. What to make of several codes of one answer is decline.h's.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/decline.h"

namespace citadel::policy {

enum class DeclineInput { kAdvice, kNetworkAdvice, kNetworkCode, kDeclineCode };

enum class SameCard {
    kLater,   // may be tried again in its time
    kMended,  // needs the payer or a person first, unless the issuer says "later"
    kNever,   // never again on this card, whatever else the answer says
};

struct DeclineRow {
    DeclineInput input = DeclineInput::kDeclineCode;
    std::string_view code;
    DeclineFamily family = DeclineFamily::kVague;
    SameCard same_card = SameCard::kLater;
    DeclineAction action = DeclineAction::kSpace;
    std::chrono::hours not_before{0};
    std::string_view in_force;  // YYYY-MM-DD
    std::string_view source;
};

std::string_view NameOf(DeclineInput input);

// Reads such a table; the rows refer to `text`. Throws std::invalid_argument that names the line and what
// is wrong with it: a column missing, a word or a date that is none, a code listed twice, a row that
// forbids the card and yet says when to try it again.
std::vector<DeclineRow> ParseDeclines(std::string_view text);

// The built-in table.
std::span<const DeclineRow> DeclineRows();
const DeclineRow* FindDecline(DeclineInput input, std::string_view code);  // nullptr: unknown

// data/declines.tsv as it was when the program was built.
std::string_view DeclineData();

}  // namespace citadel::policy
