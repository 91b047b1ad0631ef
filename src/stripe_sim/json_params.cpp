#include "stripe_sim/json_params.h"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

void Flatten(const std::string& name, const json::value& value, std::vector<http::Header>& pairs) {
    auto inner = [&](std::string_view key) {
        return name.empty() ? std::string(key) : fmt::format("{}[{}]", name, key);
    };
    if (value.is_null()) return;
    if (const auto* object = value.if_object()) {
        for (const auto& [key, member] : *object) Flatten(inner(key), member, pairs);
    } else if (const auto* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) Flatten(inner(std::to_string(i)), (*array)[i], pairs);
    } else if (const auto* text = value.if_string()) {
        pairs.emplace_back(name, std::string(*text));
    } else {
        throw BadParameter("", fmt::format("{} must be a string.", name), name);
    }
}

}  // namespace

Params ReadJsonParams(const std::string& body) {
    std::vector<http::Header> pairs;
    if (body.empty()) return Params(std::move(pairs));
    boost::system::error_code error;
    auto value = json::parse(body, error);
    if (error || !value.is_object()) throw BadParameter("", "The request body is not a JSON object.", "");
    Flatten("", value, pairs);
    return Params(std::move(pairs));
}

}  // namespace citadel::stripe_sim
