#include "api/inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <charconv>
#include <chrono>
#include <fstream>

#include "api/body.h"

namespace citadel::api {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsLetter(char c) { return IsUpper(c) || IsLower(c); }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <typename Is>
bool AllOf(std::string_view text, Is is) {
    return std::all_of(text.begin(), text.end(), is);
}

template <typename Integer>
std::optional<Integer> ReadWhole(std::string_view text, int base = 10) {
    Integer value{};
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::int64_t> ReadId(std::string_view text) {
    if (text.empty() || text.size() > 19 || !AllOf(text, IsDigit)) return std::nullopt;
    return ReadWhole<std::int64_t>(text);
}

std::string_view QueryValue(const http::Request& request, std::string_view name) {
    for (const auto& [key, value] : request.query) {
        if (key == name) return value;
    }
    return {};
}

store::PageOrder ReadPageOrder(const http::Request& request) {
    store::PageOrder order;
    auto limit = QueryValue(request, "limit");
    if (!limit.empty()) {
        auto number = ReadWhole<int>(limit);
        if (!number || *number < 1 || *number > 100)
            throw BadInput("invalid_parameter", "\"limit\" must be a whole number from 1 to 100.");
        order.limit = *number;
    }
    auto cursor = QueryValue(request, "cursor");
    if (!cursor.empty()) {
        auto key = cursor.starts_with("c1") ? ReadWhole<std::int64_t>(cursor.substr(2), 16) : std::nullopt;
        if (!key || *key < 0)
            throw BadInput("invalid_parameter", "\"cursor\" must be the nextCursor of the page before.");
        order.before = *key;
    }
    return order;
}

std::string CursorFor(std::int64_t key) { return fmt::format("c1{:x}", key); }

std::string ReadFilter(const http::Request& request, std::string_view name,
                       std::span<const std::string_view> values) {
    auto value = QueryValue(request, name);
    if (value.empty() || std::find(values.begin(), values.end(), value) != values.end())
        return std::string(value);
    throw BadInput("invalid_parameter",
                   fmt::format("\"{}\" must be one of {}.", name, fmt::join(values, ", ")));
}

std::optional<std::int64_t> ReadDate(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    auto year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
    if (!AllOf(year, IsDigit) || !AllOf(month, IsDigit) || !AllOf(day, IsDigit)) return std::nullopt;
    std::chrono::year_month_day date(std::chrono::year(*ReadWhole<int>(year)),
                                     std::chrono::month(*ReadWhole<unsigned>(month)),
                                     std::chrono::day(*ReadWhole<unsigned>(day)));
    if (!date.ok() || date.year() < std::chrono::year(1970)) return std::nullopt;
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::string FormatDate(std::int64_t days_since_1970) {
    std::chrono::sys_days day{std::chrono::days(days_since_1970)};
    std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

bool IsColor(std::string_view text) {
    return text.size() == 7 && text[0] == '#' && AllOf(text.substr(1), IsHex);
}

bool IsHttpsUrl(std::string_view text) {
    auto url = boost::urls::parse_uri(text);
    return url && url->scheme() == "https" && url->has_authority() && !url->host().empty() &&
           !url->has_userinfo();
}

bool IsEmailAddress(std::string_view text) {
    auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
    auto local = text.substr(0, at), domain = text.substr(at + 1);
    auto is_local = [](char c) {
        return IsLetter(c) || IsDigit(c) ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    };
    if (!AllOf(local, is_local) || local.front() == '.' || local.back() == '.') return false;
    auto is_domain = [](char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '.'; };
    bool shaped = domain.find('.') != std::string_view::npos && domain.find("..") == std::string_view::npos;
    return shaped && AllOf(domain, is_domain) && domain.front() != '.' && domain.back() != '.' &&
           domain.front() != '-' && domain.back() != '-';
}

bool IsCountry(std::string_view text) { return text.size() == 2 && AllOf(text, IsUpper); }

bool IsLocale(std::string_view text) {
    auto language = text.substr(0, text.find('-'));
    if (language.size() < 2 || language.size() > 3 || !AllOf(language, IsLower)) return false;
    text.remove_prefix(language.size());
    if (text.size() >= 5 && AllOf(text.substr(1, 4), IsLetter)) {
        if (!IsUpper(text[1]) || !AllOf(text.substr(2, 3), IsLower)) return false;
        text.remove_prefix(5);
    }
    if (text.empty()) return true;
    auto region = text.substr(1);
    return text[0] == '-' && (IsCountry(region) || (region.size() == 3 && AllOf(region, IsDigit)));
}

bool IsTimeZone(std::string_view text) {
    auto is_name = [](char c) {
        return IsLetter(c) || IsDigit(c) || c == '_' || c == '-' || c == '+' || c == '/';
    };
    if (text.empty() || text.size() > 64 || !IsLetter(text[0]) || !AllOf(text, is_name)) return false;
    for (auto folder : {"posix", "right"}) {
        if (text.starts_with(folder)) return false;  // copies, and copies that count leap seconds
    }
    std::array<char, 4> mark{};
    std::ifstream file("/usr/share/zoneinfo/" + std::string(text), std::ios::binary);
    return file.read(mark.data(), mark.size()) && std::string_view(mark.data(), mark.size()) == "TZif";
}

bool IsStripeId(std::string_view text) {
    return !text.empty() && text.size() <= 255 &&
           AllOf(text, [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; });
}

bool IsUuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !IsHex(text[i])) return false;
    }
    return true;
}

}  // namespace citadel::api
