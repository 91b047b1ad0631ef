// Lists and the small forms that recur in every object.
#include <fmt/format.h>

#include "stripe_sim/render.h"

namespace citadel::stripe_sim {
json::object RenderDeleted(const std::string& id, std::string_view kind) {
    json::object object;
    object["id"] = id;
    object["object"] = kind;
    object["deleted"] = true;
    return object;
}

json::object RenderList(json::array data, bool has_more, std::string url) {
    json::object list;
    list["object"] = "list";
    list["data"] = std::move(data);
    list["has_more"] = has_more;
    list["url"] = std::move(url);
    return list;
}

json::value TextOrNull(std::string_view text) {
    if (text.empty()) return nullptr;
    return json::value(text);
}

json::value TimeOrNull(const std::optional<Time>& time) {
    if (!time) return nullptr;
    return ToUnixSeconds(*time);
}

json::object RenderMetadata(const Metadata& metadata) {
    json::object object;
    for (const auto& [key, value] : metadata) object[key] = value;
    return object;
}

}  // namespace citadel::stripe_sim
