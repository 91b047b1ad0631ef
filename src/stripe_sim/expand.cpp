#include "stripe_sim/expand.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_error.h"
#include "stripe_sim/hidden_lists.h"
#include "stripe_sim/render_balance.h"

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

bool ShowItem(const View& view, const std::string& id, json::value& value) {
    for (const auto& subscription : view.account.subscriptions.all()) {
        auto item = std::ranges::find(subscription.items, id, &SubscriptionItem::id);
        if (item == subscription.items.end()) continue;
        value = RenderItem(view, subscription, *item);
        return true;
    }
    return false;
}

// What is no object on a shelf.
bool ShowOther(const View& view, const std::string& id, json::value& value) {
    if (id == view.account.id) {
        value = Render(view, view.account);
        return true;
    }
    if (auto movement = RenderBalanceTransaction(view, id)) {
        value = std::move(*movement);
        return true;
    }
    // A clock that was deleted has nothing to show any more but its id.
    if (id.starts_with("clock_")) return Show(view, view.account.test_clocks, id, value) || true;
    return id.starts_with("si_") && ShowItem(view, id, value);
}

bool ShowSource(const View& view, const std::string& id, json::value& value) {
    const auto* method = view.account.payment_methods.Find(id);
    if (method) value = RenderSource(view, *method);
    return method != nullptr;
}

// Replaces the id in member `name` by its object; false when it names nothing of this account.
bool ShowById(const View& view, std::string_view name, json::value& value) {
    std::string id(value.get_string());
    const auto& account = view.account;
    if (name == "default_source") return ShowSource(view, id, value);
    return Show(view, account.customers, id, value) || Show(view, account.payment_methods, id, value) ||
           Show(view, account.subscriptions, id, value) || Show(view, account.invoices, id, value) ||
           Show(view, account.payment_intents, id, value) || Show(view, account.charges, id, value) ||
           Show(view, account.setup_intents, id, value) || Show(view, account.prices, id, value) ||
           Show(view, account.products, id, value) || Show(view, account.invoice_items, id, value) ||
           Show(view, account.refunds, id, value) || Show(view, account.disputes, id, value) ||
           ShowOther(view, id, value);
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

// Members that Stripe leaves out of an object while they have no value, but takes for expansion: the
// object's kind (or the name of the member that holds it) and theirs.
constexpr std::pair<std::string_view, std::string_view> kAbsentWhenEmpty[] = {
    {"charge", "transfer"},
    {"customer", "test_clock"},
    {"issuer", "account"},
    {"payment", "charge"},
    {"payment", "payment_record"},
    {"line_item", "invoice_item"},
    {"line_item", "subscription_item"},
    {"amount_details", "line_items"},
    {"card", "account"},
    {"refund", "failure_balance_transaction"}};

bool MayBeAbsent(std::string_view owner, std::string_view name) {
    return std::ranges::find(kAbsentWhenEmpty, std::pair(owner, name)) != std::end(kAbsentWhenEmpty);
}

[[noreturn]] void Refuse(std::string_view why) {
    throw BadParameter("", fmt::format("This property cannot be expanded {}", why), "");
}

void ExpandPath(const View& view, json::value& node, std::string_view path, std::string_view owner);

std::string_view KindOf(const json::object& object, std::string_view otherwise) {
    const auto* kind = object.if_contains("object");
    return kind && kind->is_string() ? std::string_view(kind->get_string()) : otherwise;
}

void ExpandMember(const View& view, json::object& object, std::string_view path, std::string_view owner) {
    auto dot = path.find('.');
    auto name = path.substr(0, dot);
    auto rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    AddHidden(view, object, name);
    AddHiddenList(view, object, name);
    auto found = object.find(name);
    if (found == object.end()) {
        if (MayBeAbsent(KindOf(object, owner), name)) return;
        Refuse(fmt::format("because it doesn't exist: {}.", name));
    }
    auto& value = found->value();
    if (value.is_null()) return;
    bool shown = value.is_string() ? ShowById(view, name, value) : value.is_object() || value.is_array();
    if (!shown || name == "metadata") Refuse(fmt::format("({}).", name));
    if (!rest.empty()) ExpandPath(view, value, rest, name);
}

void ExpandPath(const View& view, json::value& node, std::string_view path, std::string_view owner) {
    if (node.is_object()) return ExpandMember(view, node.get_object(), path, owner);
    for (auto& element : node.get_array()) ExpandPath(view, element, path, owner);
}

// "data" at the front of a list's path counts as a level.
void CheckDepth(std::string_view path) {
    if (std::ranges::count(path, '.') < kDepthMax) return;
    throw BadParameter(
        "property_expansion_max_depth",
        fmt::format("You cannot expand more than {} levels of a property. Property: {}", kDepthMax, path),
        "");
}

}  // namespace

void Expand(const View& view, json::object& answer, const std::vector<std::string>& paths) {
    auto kind = KindOf(answer, "");
    bool list = kind == "list" || kind == "search_result";
    for (const auto& path : paths) {
        CheckDepth(path);
        if (list && path != "data" && !path.starts_with("data.")) {
            auto name = path.substr(0, path.find('.'));
            Refuse(fmt::format("({}). You may want to try expanding 'data.{}' instead.", name, path));
        }
        ExpandMember(view, answer, path, "");
    }
}

}  // namespace citadel::stripe_sim
