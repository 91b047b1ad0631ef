#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "email/templates.h"

namespace citadel::email {
namespace {

// Stripe's list of currencies without a minor unit; ISK is not on it, since Stripe counts it in hundredths.
constexpr std::array<std::string_view, 16> kNoDecimals = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF",
                                                          "KRW", "MGA", "PYG", "RWF", "UGX", "VND",
                                                          "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 5> kThreeDecimals = {"BHD", "JOD", "KWD", "OMR", "TND"};

int DecimalsOf(std::string_view currency) {
    if (std::ranges::find(kNoDecimals, currency) != kNoDecimals.end()) return 0;
    return std::ranges::find(kThreeDecimals, currency) != kThreeDecimals.end() ? 3 : 2;
}

}  // namespace

std::string FormatMoney(const Money& money) {
    auto currency = money.currency;
    for (char& c : currency) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    // Unsigned, because the smallest signed number has no positive twin.
    auto magnitude = static_cast<std::uint64_t>(money.minor);
    if (money.minor < 0) magnitude = 0 - magnitude;
    std::string_view sign = money.minor < 0 ? "-" : "";
    int decimals = DecimalsOf(currency);
    if (decimals == 0) return fmt::format("{} {}{}", currency, sign, magnitude);
    std::uint64_t unit = decimals == 3 ? 1000 : 100;
    return fmt::format("{} {}{}.{:0{}}", currency, sign, magnitude / unit, magnitude % unit, decimals);
}

}  // namespace citadel::email
