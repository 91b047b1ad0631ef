#include "stripe_sim/api_price.h"

#include <fmt/format.h>

#include "stripe_sim/api_list.h"
#include "stripe_sim/api_values.h"
#include "stripe_sim/catalog.h"

namespace citadel::stripe_sim {
namespace {

Recurrence ReadRecurrence(const Params& params) {
    Recurrence recurring;
    recurring.interval = params.OneOf("recurring[interval]", {"day", "week", "month", "year"}).value_or("");
    if (recurring.interval.empty()) params.Required("recurring[interval]");
    params.OneOf("recurring[usage_type]", {"licensed"});
    recurring.count = static_cast<int>(ReadAtLeast(params, "recurring[interval_count]", 1, 1));
    if (auto trial = params.Number("recurring[trial_period_days]"))
        recurring.trial_days = static_cast<int>(*trial);
    int per_year = recurring.interval == "day" ? 365 : recurring.interval == "week" ? 52 : 12;
    if (recurring.interval == "year") per_year = 1;
    if (recurring.count <= 3 * per_year) return recurring;
    throw BadParameter("", "The maximum number of intervals is three years.",
                       params.FullName("recurring[interval_count]"));
}

void RequireFit(const Price& price, bool recurring, const std::string& param) {
    if (!price.active) {
        throw InvalidRequest(
            400, "", "The price specified is inactive. This field only accepts active prices.", param);
    }
    if (price.recurring.has_value() == recurring) return;
    std::string_view is = recurring ? "one_time" : "recurring", wanted = recurring ? "recurring" : "one_time";
    throw InvalidRequest(400, "",
                         fmt::format("The price specified is set to `type={}` but this field only accepts "
                                     "prices with `type={}`.",
                                     is, wanted),
                         param);
}

}  // namespace

// What a price costs and how often; its product is the caller's business.
Price ReadPrice(const Params& params) {
    Price price;
    price.currency = ReadCurrency(params, "currency");
    auto amount = ReadUnitAmount(params);
    if (!amount) {
        throw BadParameter("parameter_missing",
                           "Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.",
                           params.FullName("unit_amount"));
    }
    price.amount = ReadAtLeast(params, "unit_amount", 0, *amount);
    price.tax_behavior =
        params.OneOf("tax_behavior", {"exclusive", "inclusive", "unspecified"}).value_or(price.tax_behavior);
    if (!params.Members("recurring").empty()) price.recurring = ReadRecurrence(params);
    ApplyMetadata(price.metadata, params.Members("metadata"));
    return price;
}

const Price* PriceGiven(ApiCall& call, const Params& params, bool recurring) {
    auto id = params.TextOr("price");
    auto data = params.Nested("price_data");
    bool described = data.Text("currency").has_value();
    if (described && id.empty()) {
        auto made = ReadPrice(data);
        made.product =
            FindOr404(call.account.products, "product", data.Required("product"), data.FullName("product"))
                .id;
        made.active = false;
        if (made.recurring.has_value() != recurring) data.Required("recurring");
        return &AddPrice(call.world, call.account, std::move(made), call.cause);
    }
    if (id.empty()) return nullptr;
    const auto& price = FindOr404(call.account.prices, "price", id, params.FullName("price"));
    RequireFit(price, recurring, params.FullName("price"));
    return &price;
}

}  // namespace citadel::stripe_sim
