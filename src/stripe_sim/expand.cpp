#include "stripe_sim/expand.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

constexpr int kDepthMax = 4;

template <typename T>
bool Show(const View& view, const Shelf<T>& shelf, const std::string& id, json::value& value) {
    const auto* object = shelf.Find(id);
    if (!object) return false;
    value = Render(view, *object);
    return true;
}

// Replaces an id by its object; false when it names nothing of this account.
bool ShowById(const View& view, json::value& value) {
    std::string id(value.get_string());
    const auto& account = view.account;
    return Show(view, account.customers, id, value) || Show(view, account.payment_methods, id, value) ||
           Show(view, account.subscriptions, id, value) || Show(view, account.invoices, id, value) ||
           Show(view, account.payment_intents, id, value) || Show(view, account.charges, id, value) ||
           Show(view, account.setup_intents, id, value) || Show(view, account.prices, id, value) ||
           Show(view, account.products, id, value) || Show(view, account.invoice_items, id, value);
}

// Members that are there only when asked for.
void AddHidden(const View& view, json::object& object, std::string_view name) {
    auto kind = object.find("object");
    bool invoice = kind != object.end() && kind->value() == "invoice";
    if (!invoice || view.shape != Shape::kBasil || object.contains(name)) return;
    const auto& source = *view.account.invoices.Find(std::string(object.at("id").as_string()));
    if (name == "payments") {
        json::array data;
        if (!source.payment_intent.empty()) data.emplace_back(RenderInvoicePayment(view, source));
        object[name] = RenderList(std::move(data), false, "/v1/invoice_payments?invoice=" + source.id);
    } else if (name == "confirmation_secret") {
        object[name] = nullptr;
        if (source.payment_intent.empty()) return;
        object[name] = {{"client_secret", ClientSecretOf(source.payment_intent)}, {"type", "payment_intent"}};
    }
}

[[noreturn]] void Refuse(std::string_view name) {
    throw BadParameter("", fmt::format("This property cannot be expanded because it doesn't exist: {}", name),
                       "expand");
}

void ExpandPath(const View& view, json::value& node, std::string_view path, int depth);

void ExpandMember(const View& view, json::object& object, std::string_view path, int depth) {
    auto dot = path.find('.');
    auto name = path.substr(0, dot);
    auto rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    AddHidden(view, object, name);
    auto found = object.find(name);
    if (found == object.end()) Refuse(name);
    auto& value = found->value();
    if (value.is_null()) return;
    if (value.is_string() && !ShowById(view, value)) Refuse(name);
    if (!value.is_object() && !value.is_array()) Refuse(name);
    if (!rest.empty()) ExpandPath(view, value, rest, depth + 1);
}

void ExpandPath(const View& view, json::value& node, std::string_view path, int depth) {
    if (depth > kDepthMax) {
        throw BadParameter("", "You cannot expand more than 4 levels of a property.", "expand");
    }
    if (node.is_object()) return ExpandMember(view, node.get_object(), path, depth);
    for (auto& element : node.get_array()) ExpandPath(view, element, path, depth);
}

}  // namespace

void Expand(const View& view, json::object& answer, const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        bool list = path.starts_with("data.");  // a list's prefix does not count as a level
        ExpandMember(view, answer, path, list ? 0 : 1);
    }
}

}  // namespace citadel::stripe_sim
