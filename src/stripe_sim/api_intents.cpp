#include "stripe_sim/api_intents.h"

#include <fmt/format.h>

#include "stripe_sim/api_list.h"

namespace citadel::stripe_sim {
namespace {

void RefuseForeign(const PaymentMethod& method, const std::string& customer) {
    if (method.customer.empty()) return RefuseSpent(method);
    if (customer.empty()) {
        throw InvalidRequest(
            400, "",
            fmt::format("The PaymentMethod {} belongs to the Customer {}. Please include the "
                        "Customer in the `customer` parameter of this request.",
                        method.id, method.customer),
            "payment_method");
    }
    if (method.customer == customer) return;
    throw InvalidRequest(400, "",
                         fmt::format("The PaymentMethod with ID {} does not belong to the Customer you "
                                     "supplied {}. Please use this PaymentMethod with the Customer that it "
                                     "belongs to instead.",
                                     method.id, customer),
                         "payment_method");
}

}  // namespace

bool SaysOffSession(const Params& params) {
    auto text = params.TextOr("off_session");
    return text == "one_off" || text == "recurring" || params.Flag("off_session").value_or(false);
}

bool NamesMethod(const Params& params) {
    return params.Text("payment_method") || params.Text("payment_method_data[type]");
}

PaymentMethod* MethodOfIntent(ApiCall& call, const std::string& customer) {
    if (call.params.Text("payment_method_data[type]"))
        return &EnterMethod(call, call.params.Nested("payment_method_data"));
    auto id = call.params.TextOr("payment_method");
    if (id.empty()) return nullptr;
    auto& method = FindMethod(call, id, "payment_method");
    RefuseForeign(method, customer);
    return &method;
}

void ReadMethodTypes(const Params& params, std::vector<std::string>& types,
                     std::optional<AutomaticMethods>& automatic) {
    auto given = params.List("payment_method_types");
    automatic.reset();
    if (!given.empty()) {
        for (const auto& type : given) {
            if (type == "card" || type == "link") continue;
            throw BadParameter(
                "",
                fmt::format("The payment method type provided: {} is invalid. This simulator has "
                            "cards only.",
                            type),
                "payment_method_types");
        }
        types = std::move(given);
        return;
    }
    if (params.Flag("automatic_payment_methods[enabled]") == false) return;
    automatic.emplace();
    if (auto redirects = params.OneOf("automatic_payment_methods[allow_redirects]", {"always", "never"}))
        automatic->allow_redirects = *redirects;
}

}  // namespace citadel::stripe_sim
