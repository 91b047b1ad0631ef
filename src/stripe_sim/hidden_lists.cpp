#include "stripe_sim/hidden_lists.h"

#include <fmt/format.h>

#include <ranges>
#include <string>

namespace citadel::stripe_sim {
namespace {

constexpr std::size_t kShown = 10;

template <typename T, typename Wanted, typename Show>
json::object Newest(const Shelf<T>& shelf, Wanted wanted, Show show, std::string url) {
    json::array data;
    bool more = false;
    for (const auto& object : shelf.all() | std::views::reverse) {
        if (!wanted(object)) continue;
        more = data.size() == kShown;
        if (more) break;
        data.emplace_back(show(object));
    }
    return RenderList(std::move(data), more, std::move(url));
}

}  // namespace

void AddHiddenList(const View& view, json::object& object, std::string_view name) {
    const auto* kind = object.if_contains("object");
    if (!kind || object.contains(name)) return;
    const auto& account = view.account;
    auto show = [&view](const auto& one) { return Render(view, one); };
    auto id = [&object] { return std::string(object.at("id").as_string()); };
    auto url = [&] { return fmt::format("/v1/{}s/{}/{}", kind->as_string().c_str(), id(), name); };
    if (*kind == "charge" && name == "refunds") {
        auto of_it = [charge = id()](const Refund& refund) { return refund.charge == charge; };
        object[name] = Newest(account.refunds, of_it, show, url());
    } else if (*kind == "customer" && name == "subscriptions") {
        auto of_it = [customer = id()](const Subscription& subscription) {
            return subscription.customer == customer && subscription.status != "canceled";
        };
        object[name] = Newest(account.subscriptions, of_it, show, url());
    } else if (*kind == "customer" && name == "sources") {
        auto of_it = [customer = id()](const PaymentMethod& method) {
            return method.customer == customer && method.id.starts_with("card_");
        };
        auto show_source = [&view](const PaymentMethod& method) { return RenderSource(view, method); };
        object[name] = Newest(account.payment_methods, of_it, show_source, url());
    } else if (*kind == "customer" && name == "tax_ids") {
        object[name] = RenderList({}, false, url());
    }
}

}  // namespace citadel::stripe_sim
