#include "email/values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace citadel::email {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kLinkBytesMax = 2048;

struct Character {
    char32_t code = 0xFFFD;
    std::size_t bytes = 1;  // of the input
    bool valid = false;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsVisibleAscii(char c) { return c > ' ' && c < '\x7f'; }

std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return lower;
}

// The first character of `text`, which is not empty. Overlong forms and surrogates are invalid.
Character FirstCharacter(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    Character character;
    auto lead = byte(0);
    std::size_t size = lead < 0x80   ? 1
                       : lead < 0xC2 ? 0
                       : lead < 0xE0 ? 2
                       : lead < 0xF0 ? 3
                       : lead < 0xF5 ? 4
                                     : 0;
    if (size == 0 || size > text.size()) return character;
    char32_t code = size == 1 ? lead : lead & (0x7F >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return character;
        code = (code << 6) | (byte(i) & 0x3F);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return character;
    return {code, size, true};
}

// Would break a line, hide text or turn its direction around.
bool IsUnwanted(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

bool IsLoopback(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// "host", "host:port" or "[v6]:port".
bool IsHostAndPort(std::string_view text, std::string_view& host) {
    auto port = text.starts_with('[') ? text.find(':', text.find(']')) : text.find(':');
    host = text.substr(0, port);
    if (host.empty() || host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_[]:") != host.npos)
        return false;
    if (port == text.npos) return true;
    auto digits = text.substr(port + 1);
    return !digits.empty() && digits.size() <= 5 && std::ranges::all_of(digits, IsDigit);
}

double LinearChannel(std::string_view hex) {
    int value = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    double share = value / 255.0;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

double Luminance(std::string_view color) {
    return 0.2126 * LinearChannel(color.substr(1, 2)) + 0.7152 * LinearChannel(color.substr(3, 2)) +
           0.0722 * LinearChannel(color.substr(5, 2));
}

}  // namespace

std::string OneLine(std::string_view text, std::size_t characters_max) {
    std::string line;
    bool space_due = false;
    for (std::size_t count = 0; !text.empty();) {
        auto next = FirstCharacter(text);
        auto bytes = text.substr(0, next.bytes);
        text.remove_prefix(next.bytes);
        if (next.valid && (next.code == ' ' || IsUnwanted(next.code))) {
            space_due = !line.empty();
            continue;
        }
        if (count == characters_max) return line + "…";
        if (space_due) line += ' ', ++count;
        space_due = false;
        line += next.valid ? bytes : kReplacement;
        ++count;
    }
    return line;
}

std::string PersonName(std::string_view text) {
    auto name = OneLine(text);
    auto lower = Lower(name);
    for (std::string_view lure : {"://", "www.", "@", ".com", ".net", ".org"}) {
        if (lower.find(lure) != lower.npos) return {};
    }
    return name;
}

std::string EscapeHtml(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&quot;"; break;
            case '\'': escaped += "&#39;"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

std::string DisplayName(std::string_view text) {
    auto name = OneLine(text);
    for (char& c : name) {
        if (std::string_view("\"\\<>()[]@,;:").find(c) != std::string_view::npos) c = ' ';
    }
    return OneLine(name);
}

bool IsSafeLink(std::string_view link) {
    if (link.size() > kLinkBytesMax || !std::ranges::all_of(link, IsVisibleAscii)) return false;
    if (link.find_first_of("\"'<>\\^`{|}") != link.npos) return false;
    auto scheme_end = link.find("://");
    if (scheme_end == link.npos) return false;
    auto scheme = Lower(link.substr(0, scheme_end));
    auto rest = link.substr(scheme_end + 3);
    auto authority = Lower(rest.substr(0, rest.find_first_of("/?#")));
    std::string_view host;
    if (!IsHostAndPort(authority, host)) return false;
    return scheme == "https" || (scheme == "http" && IsLoopback(host));
}

bool IsPlainAddress(std::string_view address) {
    auto at = address.find('@');
    if (at == address.npos || at == 0 || at + 1 == address.size() || address.size() > 254) return false;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_+";
    auto local = Lower(address.substr(0, at)), domain = Lower(address.substr(at + 1));
    return local.find_first_not_of(kAllowed) == local.npos &&
           domain.find_first_not_of(kAllowed) == domain.npos;
}

std::string BrandColor(std::string_view color) {
    bool good = color.size() == 7 && color.front() == '#' && std::ranges::all_of(color.substr(1), IsHex);
    return good ? std::string(color) : "#1a56db";
}

std::string_view TextColorOn(std::string_view color) {
    double luminance = Luminance(color);
    double on_white_text = 1.05 / (luminance + 0.05), on_black_text = (luminance + 0.05) / 0.05;
    return on_black_text >= on_white_text ? "#000000" : "#ffffff";
}

std::string EdgeColor(std::string_view color) {
    constexpr double kContrastWanted = 3;
    return 1.05 / (Luminance(color) + 0.05) >= kContrastWanted ? std::string(color) : "#6b7280";
}

}  // namespace citadel::email
