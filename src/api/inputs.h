// What addresses and settings may look like: ids, pages, filters, dates, colours, zones.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "store/page.h"

namespace citadel::api {

// An id of ours in a path: decimal digits. Nothing: no such id can exist, so the answer is "not found".
std::optional<std::int64_t> ReadId(std::string_view text);

// First value of that name in the query, or empty.
std::string_view QueryValue(const http::Request& request, std::string_view name);

// `limit` (1..100, default 25) and `cursor`. Throws BadInput.
store::PageOrder ReadPageOrder(const http::Request& request);
// Opaque to others: what ReadPageOrder takes back.
std::string CursorFor(std::int64_t key);

// A filter of the query: empty, or one of `values`. Throws BadInput naming them.
std::string ReadFilter(const http::Request& request, std::string_view name,
                       std::span<const std::string_view> values);

// Days since 1970 of a YYYY-MM-DD that exists, from 1970 on.
std::optional<std::int64_t> ReadDate(std::string_view text);
std::string FormatDate(std::int64_t days_since_1970);

bool IsColor(std::string_view text);         // #RRGGBB
bool IsHttpsUrl(std::string_view text);      // with a host, without credentials
bool IsEmailAddress(std::string_view text);  // one mailbox, no display name
bool IsCountry(std::string_view text);       // two capital letters
bool IsLocale(std::string_view text);        // en, de-AT, zh-Hant-TW
bool IsTimeZone(std::string_view text);      // a name of the system's time zone database
bool IsStripeId(std::string_view text);      // letters, digits and _
bool IsUuid(std::string_view text);          // lower case

}  // namespace citadel::api
