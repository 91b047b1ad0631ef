#include "api/body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

namespace citadel::api {

namespace json = boost::json;

namespace {

json::object ParseObject(const std::string& text) {
    if (text.empty()) return {};
    json::parse_options options;
    options.max_depth = 16;
    boost::system::error_code error;
    auto value = json::parse(text, error, {}, options);
    if (error) throw BadInput("invalid_json", "The body is not JSON: " + error.message() + ".");
    if (!value.is_object()) throw BadInput("invalid_json", "The body must be a JSON object.");
    return std::move(value.as_object());
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsPlain(std::string_view text, bool lines) {
    return std::none_of(text.begin(), text.end(), [lines](unsigned char c) {
        return c == 0x7f || (c < 0x20 && !(lines && (c == '\n' || c == '\r' || c == '\t')));
    });
}

}  // namespace

void RefuseMember(std::string_view name, std::string_view expected) {
    throw BadInput(kInvalidMember, fmt::format("\"{}\" must be {}.", name, expected));
}

Body::Body(const http::Request& request, std::initializer_list<std::string_view> members,
           std::initializer_list<std::string_view> read_only)
    : object_(ParseObject(request.body)) {
    RefuseOthers(members, read_only);
}

void Body::RefuseOthers(std::initializer_list<std::string_view> members,
                        std::initializer_list<std::string_view> read_only) const {
    for (const auto& [key, value] : object_) {
        std::string_view name(key.data(), key.size());
        if (IsOneOf(name, members)) continue;
        if (IsOneOf(name, read_only))
            throw BadInput("read_only_member", fmt::format("\"{}\" is not changed here.", PathOf(name)));
        // Somebody else's text: shown short, and escaped by the answer.
        throw BadInput("unknown_member",
                       fmt::format("Nobody knows the member \"{}\".", PathOf(name.substr(0, 80))));
    }
}

const json::value* Body::Find(std::string_view name) const { return object_.if_contains(name); }

std::optional<std::string> Body::Text(std::string_view name, std::size_t bytes_max, bool lines) const {
    const auto* value = Find(name);
    if (!value) return std::nullopt;
    bool fits = value->is_string() && value->get_string().size() <= bytes_max;
    if (!fits || !IsPlain(value->get_string(), lines)) {
        RefuseMember(PathOf(name),
                     fmt::format("a text of at most {} bytes without control characters", bytes_max));
    }
    return std::string(value->get_string());
}

std::optional<bool> Body::Flag(std::string_view name) const {
    const auto* value = Find(name);
    if (!value) return std::nullopt;
    if (!value->is_bool()) RefuseMember(PathOf(name), "true or false");
    return value->get_bool();
}

std::optional<std::int64_t> Body::Number(std::string_view name, std::int64_t least, std::int64_t most) const {
    const auto* value = Find(name);
    if (!value) return std::nullopt;
    bool fits = value->is_int64() && value->get_int64() >= least && value->get_int64() <= most;
    if (!fits) RefuseMember(PathOf(name), fmt::format("a whole number from {} to {}", least, most));
    return value->get_int64();
}

std::optional<std::vector<std::string>> Body::Texts(std::string_view name) const {
    const auto* value = Find(name);
    if (!value) return std::nullopt;
    if (!value->is_array() || value->get_array().size() > 100) RefuseMember(PathOf(name), "a list of texts");
    std::vector<std::string> texts;
    for (const auto& item : value->get_array()) {
        if (!item.is_string() || !IsPlain(item.get_string(), false))
            RefuseMember(PathOf(name), "a list of texts");
        texts.emplace_back(item.get_string());
    }
    return texts;
}

std::optional<Body> Body::Object(std::string_view name,
                                 std::initializer_list<std::string_view> members) const {
    const auto* value = Find(name);
    if (!value) return std::nullopt;
    if (!value->is_object()) RefuseMember(PathOf(name), "an object");
    Body inner(value->get_object(), PathOf(name) + ".");
    inner.RefuseOthers(members, {});
    return inner;
}

std::string Body::NeedText(std::string_view name, std::size_t bytes_max) const {
    auto text = Text(name, bytes_max);
    if (!text || text->empty()) RefuseMember(PathOf(name), "there, and not empty");
    return std::move(*text);
}

bool Body::NeedFlag(std::string_view name) const {
    auto flag = Flag(name);
    if (!flag) RefuseMember(PathOf(name), "there: true or false");
    return *flag;
}

std::int64_t Body::NeedNumber(std::string_view name, std::int64_t least, std::int64_t most) const {
    auto number = Number(name, least, most);
    if (!number) RefuseMember(PathOf(name), "there: a whole number");
    return *number;
}

}  // namespace citadel::api
