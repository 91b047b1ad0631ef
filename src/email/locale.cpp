#include "email/locale.h"

#include <fmt/format.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/uenum.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <vector>

namespace citadel::email {
namespace {

// Stripe's list of currencies without a minor unit. ISK is not on it, though ISO 4217 has it whole: Stripe
// counts it in hundredths.
constexpr std::array<std::string_view, 17> kNoDecimals = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF",
                                                          "KRW", "MGA", "PYG", "RWF", "UGX", "UYI",
                                                          "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kThreeDecimals = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::array<std::string_view, 2> kFourDecimals = {"CLF", "UYW"};
constexpr std::array<std::string_view, 1> kWholeThoughCountedInHundredths = {"ISK"};

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& list, std::string_view currency) {
    return std::ranges::find(list, currency) != list.end();
}

std::string Upper(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return upper;
}

std::u16string Wide(std::string_view text) {
    std::u16string wide(text.size(), u'\0');
    std::int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &length, text.data(),
                  static_cast<std::int32_t>(text.size()), &status);
    wide.resize(U_SUCCESS(status) ? static_cast<std::size_t>(length) : 0);
    return wide;
}

std::string Narrow(const UChar* wide, std::int32_t length) {
    std::string text(static_cast<std::size_t>(length) * 3, '\0');
    std::int32_t bytes = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &bytes, wide, length, &status);
    text.resize(U_SUCCESS(status) ? static_cast<std::size_t>(bytes) : 0);
    return text;
}

UDate ToIcu(Time time) { return static_cast<double>(time.time_since_epoch().count()) / 1000.0; }

// The offset from UTC at a fixed winter's day, in milliseconds: good enough to put zones in order.
int RawOffset(const std::string& zone) {
    auto wide = Wide(zone);
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUCalendarPointer calendar(
        ucal_open(wide.data(), static_cast<std::int32_t>(wide.size()), "en", UCAL_GREGORIAN, &status));
    return U_SUCCESS(status) ? ucal_get(calendar.getAlias(), UCAL_ZONE_OFFSET, &status) : 0;
}

}  // namespace

int DecimalsOf(std::string_view currency) {
    auto code = Upper(currency);
    if (IsOneOf(kNoDecimals, code)) return 0;
    if (IsOneOf(kThreeDecimals, code)) return 3;
    return IsOneOf(kFourDecimals, code) ? 4 : 2;
}

std::string DecimalText(const Money& money) {
    // Unsigned, because the smallest signed number has no positive twin.
    auto magnitude = static_cast<std::uint64_t>(money.minor);
    if (money.minor < 0) magnitude = 0 - magnitude;
    std::string_view sign = money.minor < 0 ? "-" : "";
    int decimals = DecimalsOf(money.currency);
    if (decimals == 0) return fmt::format("{}{}", sign, magnitude);
    std::uint64_t unit = 1;
    for (int i = 0; i < decimals; ++i) unit *= 10;
    return fmt::format("{}{}.{:0{}}", sign, magnitude / unit, magnitude % unit, decimals);
}

std::string FormatMoney(const Money& money) {
    return fmt::format("{} {}", Upper(money.currency), DecimalText(money));
}

std::string FormatMoney(const Money& money, std::string_view locale) {
    auto code = Upper(money.currency);
    int decimals = DecimalsOf(code);
    if (IsOneOf(kWholeThoughCountedInHundredths, code) && money.minor % 100 == 0) decimals = 0;
    auto number = DecimalText(money);
    auto currency = Wide(code);
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUNumberFormatPointer format(
        unum_open(UNUM_CURRENCY, nullptr, 0, std::string(locale).c_str(), nullptr, &status));
    if (U_FAILURE(status)) return FormatMoney(money);
    unum_setTextAttribute(format.getAlias(), UNUM_CURRENCY_CODE, currency.data(),
                          static_cast<std::int32_t>(currency.size()), &status);
    unum_setAttribute(format.getAlias(), UNUM_MIN_FRACTION_DIGITS, decimals);
    unum_setAttribute(format.getAlias(), UNUM_MAX_FRACTION_DIGITS, decimals);
    std::array<UChar, 128> text;
    auto length =
        unum_formatDecimal(format.getAlias(), number.data(), static_cast<std::int32_t>(number.size()),
                           text.data(), text.size(), nullptr, &status);
    if (U_FAILURE(status)) return FormatMoney(money);
    return Narrow(text.data(), length);
}

std::string FormatDay(Time time, std::string_view locale, std::string_view zone) {
    auto wide_zone = Wide(IsTimeZone(zone) ? zone : "UTC");
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUDateFormatPointer format(
        udat_open(UDAT_NONE, UDAT_LONG, std::string(locale).c_str(), wide_zone.data(),
                  static_cast<std::int32_t>(wide_zone.size()), nullptr, 0, &status));
    std::array<UChar, 128> text;
    std::int32_t length = 0;
    if (U_SUCCESS(status)) {
        length = udat_format(format.getAlias(), ToIcu(time), text.data(), text.size(), nullptr, &status);
    }
    return U_SUCCESS(status) ? Narrow(text.data(), length) : FormatTime(time).substr(0, 10);
}

bool IsTimeZone(std::string_view zone) {
    if (zone.empty() || zone.size() > 64) return false;
    auto wide = Wide(zone);
    std::array<UChar, 128> canonical;
    UBool is_system_id = false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(wide.data(), static_cast<std::int32_t>(wide.size()), canonical.data(),
                                canonical.size(), &is_system_id, &status);
    return U_SUCCESS(status) && is_system_id;
}

int LocalHour(Time time, std::string_view zone) {
    auto wide = Wide(IsTimeZone(zone) ? zone : "UTC");
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUCalendarPointer calendar(
        ucal_open(wide.data(), static_cast<std::int32_t>(wide.size()), "en", UCAL_GREGORIAN, &status));
    ucal_setMillis(calendar.getAlias(), ToIcu(time), &status);
    auto hour = ucal_get(calendar.getAlias(), UCAL_HOUR_OF_DAY, &status);
    return U_SUCCESS(status) ? hour : 0;
}

std::optional<std::string> ZoneOfCountry(std::string_view country) {
    if (country.size() != 2) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUEnumerationPointer names(ucal_openTimeZoneIDEnumeration(
        UCAL_ZONE_TYPE_CANONICAL_LOCATION, Upper(country).c_str(), nullptr, &status));
    std::vector<std::pair<int, std::string>> zones;
    for (;;) {
        std::int32_t length = 0;
        auto name = U_SUCCESS(status) ? uenum_next(names.getAlias(), &length, &status) : nullptr;
        if (!name) break;
        std::string zone(name, static_cast<std::size_t>(length));
        zones.emplace_back(RawOffset(zone), zone);
    }
    if (zones.empty()) return std::nullopt;
    std::ranges::sort(zones);
    auto middle = zones[zones.size() / 2].first;
    auto first = std::ranges::find(zones, middle, &std::pair<int, std::string>::first);
    return first->second;
}

}  // namespace citadel::email
