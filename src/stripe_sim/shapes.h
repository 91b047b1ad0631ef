// The members of Stripe's objects that the simulator never varies, per API shape. A renderer takes a
// blank object and fills in the rest. Two shapes are spoken: that of versions before 2025-03-31
// ("basil") and the one since.
#pragma once
#include <boost/json/object.hpp>

#include <string_view>

namespace citadel::stripe_sim {

namespace json = boost::json;

enum class Shape { kBeforeBasil, kBasil };

enum class ObjectKind {
    kAccount,
    kCustomer,
    kPaymentMethod,
    kCardSource,
    kProduct,
    kPlan,
    kPrice,
    kSubscriptionItem,
    kSubscription,
    kInvoiceItem,
    kInvoiceLine,
    kInvoice,
    kPaymentIntent,
    kSetupIntent,
    kCharge,
    kDispute
};

inline constexpr std::string_view kOldVersion = "2025-02-24.acacia";
inline constexpr std::string_view kNewVersion = "2026-10-28.endive";

// Versions begin with their date, so they order as text.
inline Shape ShapeOf(std::string_view api_version) {
    return api_version < "2025-03-31" ? Shape::kBeforeBasil : Shape::kBasil;
}

json::object BlankObject(ObjectKind kind, Shape shape);

}  // namespace citadel::stripe_sim
