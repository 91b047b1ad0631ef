// Amounts and days as people write them, by language and region; ICU stands behind this file. The number
// of decimals is Stripe's, which is what an amount of minor units was counted in.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/types.h"

namespace citadel::email {

// Digits behind the point of an amount as Stripe counts it: 0 for JPY, 3 for KWD, 2 for ISK.
int DecimalsOf(std::string_view currency);

// "1234.50": the exact decimal text of minor units.
std::string DecimalText(const Money& money);

// "USD 20.00", "JPY 2000", "KWD 1.500": the same in every language, for reports.
std::string FormatMoney(const Money& money);
// "$20.00" in en, "20,00 $" in de. A currency that is whole by ISO 4217 but counted in hundredths by Stripe
// (ISK) shows decimals only when there are some.
std::string FormatMoney(const Money& money, std::string_view locale);

// "March 18, 2026" in en, "18. März 2026" in de: the day it is in that IANA time zone (unknown: UTC).
std::string FormatDay(Time time, std::string_view locale, std::string_view zone);

// Whether ICU knows it as an IANA name.
bool IsTimeZone(std::string_view zone);

// The hour of day, 0 to 23, in that time zone (unknown: UTC).
int LocalHour(Time time, std::string_view zone);

// A zone to reckon a country's hours by: the one in the middle, from west to east, of those it has; nullopt
// for what is no country (ISO 3166 of two letters).
std::optional<std::string> ZoneOfCountry(std::string_view country);

}  // namespace citadel::email
