#include "stripe_sim/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

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

// "items[0][price]" to "items[][price]".
std::string WithoutIndices(std::string_view name) {
    std::string plain;
    bool digits = false;
    for (char c : name) {
        if (digits && c >= '0' && c <= '9') continue;
        plain += c;
        digits = c == '[';
    }
    return plain;
}

// "[price]" to "price", "[price_data][currency]" to "price_data[currency]".
std::string MemberOf(std::string_view brackets) {
    std::string member(brackets.substr(1));
    if (auto close = member.find(']'); close != std::string::npos) member.erase(close, 1);
    return member;
}

// Whether `allowed` names the parameter or a hash around it.
bool IsAllowed(std::string name, std::string_view allowed) {
    while (!IsListedIn(allowed, name)) {
        auto open = name.rfind('[');
        if (open == std::string::npos) return false;
        name.resize(open);
    }
    return true;
}

std::string Enumerate(std::initializer_list<std::string_view> values) {
    std::string text;
    std::size_t left = values.size();
    for (auto value : values) {
        text += value;
        if (--left > 0) text += left == 1 ? ", or " : ", ";
    }
    return text;
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
    auto full = FullName(name);
    throw BadParameter("parameter_missing", fmt::format("Missing required param: {}.", full), full);
}

std::optional<bool> Params::Flag(std::string_view name) const {
    auto text = Text(name);
    if (!text || text->empty()) return std::nullopt;
    if (*text == "true") return true;
    if (*text == "false") return false;
    throw BadParameter("", fmt::format("Invalid boolean: {}", *text), FullName(name));
}

std::optional<std::int64_t> Params::Number(std::string_view name) const {
    auto text = Text(name);
    if (!text || text->empty()) return std::nullopt;
    auto number = ReadNumber(*text);
    if (!number)
        throw BadParameter("parameter_invalid_integer", fmt::format("Invalid integer: {}", *text),
                           FullName(name));
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

std::optional<std::string> Params::OneOf(std::string_view name,
                                         std::initializer_list<std::string_view> values) const {
    auto text = Text(name);
    if (!text || text->empty()) return std::nullopt;
    if (std::ranges::find(values, *text) != values.end()) return text;
    auto full = FullName(name);
    throw BadParameter("", fmt::format("Invalid {}: must be one of {}", full, Enumerate(values)), full);
}

std::optional<Time> Params::Moment(std::string_view name) const {
    auto seconds = Number(name);
    if (!seconds) return std::nullopt;
    return FromUnixSeconds(*seconds);
}

std::vector<Params> Params::Rows(std::string_view name) const {
    std::vector<Params> rows;
    std::map<std::string, std::size_t> by_index;
    auto begin = fmt::format("{}[", name);
    for (const auto& [key, value] : pairs_) {
        auto close = key.find(']', begin.size());
        if (!key.starts_with(begin) || close == std::string::npos || close + 2 >= key.size()) continue;
        auto index = key.substr(begin.size(), close - begin.size());
        auto member = MemberOf(std::string_view(key).substr(close + 1));
        // Without an index an element ends where a member of its comes again.
        bool again = index.empty() && by_index.contains("") && rows[by_index[""]].Text(member);
        if (again || !by_index.contains(index)) {
            by_index[index] = rows.size();
            rows.emplace_back();
            auto shown = index.empty() ? std::to_string(rows.size() - 1) : index;
            rows.back().prefix_ = fmt::format("{}[{}]", name, shown);
        }
        rows[by_index[index]].pairs_.emplace_back(std::move(member), value);
    }
    return rows;
}

Params Params::Nested(std::string_view name) const {
    Params nested;
    nested.prefix_ = FullName(name);
    auto begin = fmt::format("{}[", name);
    for (const auto& [key, value] : pairs_) {
        if (!key.starts_with(begin)) continue;
        nested.pairs_.emplace_back(MemberOf(std::string_view(key).substr(name.size())), value);
    }
    return nested;
}

std::string Params::FullName(std::string_view name) const {
    if (prefix_.empty()) return std::string(name);
    auto top = TopName(name);
    return fmt::format("{}[{}]{}", prefix_, top, name.substr(top.size()));
}

Metadata Params::Members(std::string_view name) const {
    Metadata members;
    auto begin = fmt::format("{}[", name);
    for (const auto& [key, value] : pairs_) {
        if (key == name && value.empty()) members[""] = "";
        if (!key.starts_with(begin) || !key.ends_with(']')) continue;
        members[key.substr(begin.size(), key.size() - begin.size() - 1)] = value;
    }
    return members;
}

bool Params::Mentions(std::string_view part) const {
    auto contains = [&](const auto& pair) { return pair.first.find(part) != std::string::npos; };
    return std::ranges::any_of(pairs_, contains);
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
        if (name == "expand" || IsAllowed(WithoutIndices(key), allowed)) continue;
        bool strange_member = allowed.find(fmt::format("{}[", name)) != std::string_view::npos;
        if (strange_member) name = key;
        throw UnknownParameter(name);
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
