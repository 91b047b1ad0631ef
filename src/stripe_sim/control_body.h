// Reading the JSON body (or the query) of a control call: members by name, a mistake told by that name.
#pragma once
#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/value_to.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace citadel::stripe_sim {

namespace json = boost::json;

// What a control call got wrong; its text is the answer.
using Refusal = std::invalid_argument;

// `otherwise` where the member is absent or null.
template <typename T>
T Member(const json::object& body, std::string_view name, T otherwise) {
    const auto* value = body.if_contains(name);
    if (!value || value->is_null()) return otherwise;
    auto read = json::try_value_to<T>(*value);
    if (!read) throw Refusal(fmt::format("\"{}\" has the wrong type", name));
    return *read;
}

inline std::string RequiredText(const json::object& body, std::string_view name) {
    auto text = Member<std::string>(body, name, "");
    if (text.empty()) throw Refusal(fmt::format("\"{}\" is missing", name));
    return text;
}

}  // namespace citadel::stripe_sim
