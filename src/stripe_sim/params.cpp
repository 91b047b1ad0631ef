#include "stripe_sim/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

std::string_view TopName(std::string_view name) { return name.substr(0, name.find('[')); }

bool IsListedIn(std::string_view names, std::string_view wanted) {
    while (!names.empty()) {
        auto end = names.find(' ');
        if (names.substr(0, end) == wanted) return true;
        names = end == std::string_view::npos ? std::string_view() : names.substr(end + 1);
    }
    return false;
}

std::optional<std::int64_t> ReadNumber(std::string_view text) {
    std::int64_t value = 0;
    auto end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::string> Params::Text(std::string_view name) const {
    for (const auto& [key, value] : pairs_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::string Params::TextOr(std::string_view name, std::string_view otherwise) const {
    auto text = Text(name);
    return text ? *text : std::string(otherwise);
}

std::string Params::Required(std::string_view name) const {
    auto text = Text(name);
    if (text && !text->empty()) return *text;
    throw BadParameter("parameter_missing", fmt::format("Missing required param: {}.", name), name);
}

std::optional<bool> Params::Flag(std::string_view name) const {
    auto text = Text(name);
    if (!text || text->empty()) return std::nullopt;
    if (*text == "true") return true;
    if (*text == "false") return false;
    throw BadParameter("", fmt::format("Invalid boolean: {}", *text), name);
}

std::optional<std::int64_t> Params::Number(std::string_view name) const {
    auto text = Text(name);
    if (!text || text->empty()) return std::nullopt;
    auto number = ReadNumber(*text);
    if (!number)
        throw BadParameter("parameter_invalid_integer", fmt::format("Invalid integer: {}", *text), name);
    return number;
}

std::vector<std::string> Params::List(std::string_view name) const {
    std::vector<std::string> values;
    auto begin = fmt::format("{}[", name);
    for (const auto& [key, value] : pairs_) {
        bool element = key.starts_with(begin) && key.find(']') == key.size() - 1;
        if (element || key == name) values.push_back(value);
    }
    return values;
}

Metadata Params::Members(std::string_view name) const {
    Metadata members;
    auto begin = fmt::format("{}[", name);
    for (const auto& [key, value] : pairs_) {
        if (!key.starts_with(begin) || !key.ends_with(']')) continue;
        members[key.substr(begin.size(), key.size() - begin.size() - 1)] = value;
    }
    return members;
}

bool Params::InRange(std::string_view name, Time time) const {
    auto seconds = ToUnixSeconds(time);
    auto exactly = Number(name);
    auto above = Number(fmt::format("{}[gt]", name)), from = Number(fmt::format("{}[gte]", name));
    auto below = Number(fmt::format("{}[lt]", name)), to = Number(fmt::format("{}[lte]", name));
    if (exactly && seconds != *exactly) return false;
    if (above && seconds <= *above) return false;
    if (from && seconds < *from) return false;
    if (below && seconds >= *below) return false;
    return !to || seconds <= *to;
}

void Params::AllowOnly(std::string_view allowed) const {
    for (const auto& [key, value] : pairs_) {
        auto name = TopName(key);
        if (name == "expand" || IsListedIn(allowed, name)) continue;
        throw BadParameter("parameter_unknown", fmt::format("Received unknown parameter: {}", name), name);
    }
}

std::string Params::Canonical() const {
    auto sorted = pairs_;
    std::ranges::sort(sorted);
    std::string text;
    for (const auto& [key, value] : sorted) {
        text += http::PercentEncode(key) + "=" + http::PercentEncode(value) + "&";
    }
    return text;
}

}  // namespace citadel::stripe_sim
