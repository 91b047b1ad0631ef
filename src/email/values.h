// What strangers typed, made fit for a letter. The template library escapes for HTML; here stands what
// no escaping mends: line breaks in a subject, links that lead elsewhere, names without end, colors
// on which the button cannot be read.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace citadel::email {

// Valid UTF-8 on one line: control and direction-changing characters become spaces, runs of spaces one,
// bytes that are no UTF-8 the replacement character; cut with "…" after `characters_max`.
std::string OneLine(std::string_view text, std::size_t characters_max = 80);

// A person's name, or "" where the text is no name but carries an address to lure somebody to.
std::string PersonName(std::string_view text);

// "<" to "&lt;" and so on, for text and for attributes in double quotes.
std::string EscapeHtml(std::string_view text);

// A name to stand before an address in From: on one line, without what quotes or separates there.
std::string DisplayName(std::string_view text);

// https, or http to this machine; a host, no user part, visible ASCII only.
bool IsSafeLink(std::string_view link);

// One plain address that can stand in a mailto: link.
bool IsPlainAddress(std::string_view address);

// `color` if it is #RRGGBB, otherwise the product's blue.
std::string BrandColor(std::string_view color);

// "#000000" or "#ffffff", whichever is easier to read on `color` (#RRGGBB) by WCAG 2's contrast ratio.
std::string_view TextColorOn(std::string_view color);

// The edge of a button of `color` on white: the color itself, or a grey when that could hardly be seen
// (WCAG 2 asks for a contrast of 3 between a control and what surrounds it).
std::string EdgeColor(std::string_view color);

}  // namespace citadel::email
