// Search results as Stripe pages them: newest first, `page` takes up where `next_page` of the answer
// before left off. Objects are found in their older form, whose members are the search fields' names.
#pragma once
#include <string>

#include "stripe_sim/api_list.h"
#include "stripe_sim/search_query.h"

namespace citadel::stripe_sim {

// `fields`: the names that may be searched for, between spaces.
template <typename Container>
json::object SearchIn(const ApiCall& call, std::string url, const Container& all, std::string_view fields) {
    constexpr std::string_view kToken = "page_";
    SearchQuery query(call.params.Required("query"), fields);
    View flat{call.world, call.account, Shape::kBeforeBasil};
    auto keep = [&](const auto& object) { return query.Matches(Render(flat, object)); };
    auto token = call.params.TextOr("page");
    if (!token.empty() && !token.starts_with(kToken)) throw BadParameter("", "Invalid page token.", "page");
    Cursor cursor{token.substr(std::min(token.size(), kToken.size())), "page", "object"};
    auto [page, more] = TakePage(all.rbegin(), all.rend(), cursor, ReadLimit(call.params), keep);
    json::array data;
    for (const auto* object : page) data.emplace_back(Render(call.view, *object));
    json::object result;
    result["object"] = "search_result";
    result["data"] = std::move(data);
    result["has_more"] = more;
    result["next_page"] = nullptr;
    if (more) result["next_page"] = std::string(kToken) + page.back()->id;
    result["url"] = std::move(url);
    return result;
}

}  // namespace citadel::stripe_sim
