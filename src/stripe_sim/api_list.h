// Lists as Stripe pages them: newest first, limit 1..100, starting_after and ending_before.
#pragma once
#include <algorithm>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "stripe_sim/api.h"
#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {

template <typename T>
const T& ItemOf(const T& object) {
    return object;
}
inline const Event& ItemOf(const EventPtr& event) { return *event; }
inline const Account& ItemOf(const Account* const& account) { return *account; }

inline std::size_t ReadLimit(const Params& params) {
    auto limit = params.Number("limit").value_or(10);
    if (limit >= 1 && limit <= 100) return static_cast<std::size_t>(limit);
    throw BadParameter("parameter_invalid_integer", "This value must be between 1 and 100.", "limit");
}

// The object that a page begins behind, and the parameter that named it.
struct Cursor {
    std::string id;
    std::string_view param;
    std::string_view kind;
};

// "/v1/customers" lists objects of the kind "customer".
inline std::string_view KindListed(std::string_view url) {
    auto kind = url.substr(url.rfind('/') + 1);
    return kind.substr(0, kind.size() - 1);
}

// Takes at most `limit` that `keep` wants from begin..end, which starts behind the object `cursor`
// where one is given; the second result tells whether there are more.
template <typename Iterator, typename Wanted>
auto TakePage(Iterator begin, Iterator end, const Cursor& cursor, std::size_t limit, Wanted keep) {
    std::vector<decltype(&ItemOf(*begin))> page;
    bool started = cursor.id.empty();
    for (; begin != end; ++begin) {
        const auto& object = ItemOf(*begin);
        if (!started) {
            started = object.id == cursor.id;
            continue;
        }
        if (!keep(object)) continue;
        if (page.size() == limit) return std::pair(std::move(page), true);
        page.push_back(&object);
    }
    if (!started) throw NoSuch(cursor.kind, cursor.id, cursor.param);
    return std::pair(std::move(page), false);
}

// `all` is in order of creation. `show` renders one object; by default Render().
template <typename Container, typename Wanted, typename Show>
json::object ListOf(const ApiCall& call, std::string url, const Container& all, Wanted keep, Show show) {
    auto limit = ReadLimit(call.params);
    Cursor before{call.params.TextOr("ending_before"), "ending_before", KindListed(url)};
    Cursor after{call.params.TextOr("starting_after"), "starting_after", KindListed(url)};
    auto [page, more] = before.id.empty()
                            ? TakePage(std::ranges::rbegin(all), std::ranges::rend(all), after, limit, keep)
                            : TakePage(all.begin(), all.end(), before, limit, keep);
    if (!before.id.empty()) std::ranges::reverse(page);
    json::array data;
    for (const auto* object : page) data.emplace_back(show(*object));
    return RenderList(std::move(data), more, std::move(url));
}

template <typename Container, typename Wanted>
json::object ListOf(const ApiCall& call, std::string url, const Container& all, Wanted keep) {
    return ListOf(call, std::move(url), all, keep,
                  [&](const auto& object) { return Render(call.view, object); });
}

template <typename T>
bool IsDeleted(const T& object) {
    if constexpr (requires { object.deleted; }) return object.deleted;
    else return false;
}

// The object of this account by id, or 404; a deleted one counts as missing.
template <typename T>
T& FindOr404(Shelf<T>& shelf, std::string_view kind, const std::string& id, std::string_view param = "id") {
    auto* object = shelf.Find(id);
    if (object && !IsDeleted(*object)) return *object;
    throw NoSuch(kind, id, param);
}

}  // namespace citadel::stripe_sim
