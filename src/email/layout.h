// The frame around the words: HTML that holds in mail clients (tables, inline styles, nothing loaded but a
// logo) and the plain text beside it, as sources for the template library.
#pragma once
#include <string>

#include "email/languages.h"

namespace citadel::email {

std::string HtmlSource(const Language& language, const Letter& letter);
std::string TextSource(const Language& language, const Letter& letter);
std::string PageSource(const Language& language, std::string_view page);

}  // namespace citadel::email
