// The words of the letters, and which letter a context calls for. The texts hold markers such as
// {{MERCHANT}}; templates.cpp fills them in. One text serves the HTML and the plain part, so the two
// cannot drift apart. What these are for: helping a payer put a payment right. They never advertise.
#pragma once
#include <span>
#include <string_view>

#include "email/templates.h"

namespace citadel::email {

struct Paragraph {
    std::string_view section;  // shown only where this section is on; empty: always
    std::string_view text;
};

struct Letter {
    std::string_view subject;
    std::string_view heading;
    std::span<const Paragraph> before_button;
    std::string_view button;
    std::span<const Paragraph> after_button;
};

// Every letter there is, in a fixed order.
std::span<const Letter> AllLetters();
// The place in AllLetters() of the letter for this context.
std::size_t LetterIndex(const MailContext& context);

}  // namespace citadel::email
