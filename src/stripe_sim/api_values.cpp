#include "stripe_sim/api_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "stripe_sim/api_list.h"
#include "stripe_sim/cards.h"
#include "stripe_sim/clock_scope.h"

namespace citadel::stripe_sim {

PaymentMethod& MethodGiven(ApiCall& call, const std::string& customer, const std::string& id,
                           std::string_view param) {
    if (auto test = TestCard(id))
        return AttachCard(call.world, call.account, customer, std::move(*test), call.cause);
    auto& method = FindOr404(call.account.payment_methods, "PaymentMethod", id, param);
    if (method.customer == customer) return method;
    throw InvalidRequest(
        400, "",
        fmt::format("The customer does not have a payment method with the ID {}. The payment "
                    "method must be attached to the customer.",
                    id),
        param);
}

std::string ReadCurrency(const Params& params, std::string_view name) {
    auto given = params.Required(name), text = given;
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    bool letters = std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
    if (letters && text.size() == 3) return text;
    throw BadParameter("", fmt::format("Invalid currency: {}", given), params.FullName(name));
}

bool IsListed(const ApiCall& call, const std::string& customer,
              std::initializer_list<std::string_view> owners) {
    auto clock = call.params.Text("test_clock");
    if (clock) return ClockOfCustomer(call.account, customer) == *clock;
    if (call.account.timelines.empty()) return true;
    auto named = [&](std::string_view owner) { return call.params.Text(owner).has_value(); };
    return std::ranges::any_of(owners, named) || ClockOfCustomer(call.account, customer).empty();
}

std::int64_t ReadAtLeast(const Params& params, std::string_view name, std::int64_t least,
                         std::int64_t otherwise) {
    auto number = params.Number(name).value_or(otherwise);
    if (number >= least) return number;
    throw BadParameter("parameter_invalid_integer",
                       fmt::format("This value must be greater than or equal to {}.", least),
                       params.FullName(name));
}

std::optional<std::int64_t> ReadUnitAmount(const Params& params) {
    if (auto amount = params.Number("unit_amount")) return amount;
    return params.Number("unit_amount_decimal");
}

}  // namespace citadel::stripe_sim
