// Objects as Stripe's JSON, in the shape of the API version asked for. Pure: they look things up, but
// change nothing.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

#include "stripe_sim/shapes.h"
#include "stripe_sim/world.h"

namespace citadel::stripe_sim {

// Whose objects, in which shape.
struct View {
    const World& world;
    const Account& account;
    Shape shape = Shape::kBasil;
};

json::object Render(const View& view, const Merchant& merchant);
json::object RenderApplication(const World& world);
json::object Render(const View& view, const Customer& customer);
json::object Render(const View& view, const PaymentMethod& method);
json::object Render(const View& view, const Product& product);
json::object Render(const View& view, const Price& price);
json::object Render(const View& view, const Subscription& subscription);
json::object Render(const View& view, const InvoiceItem& item);
json::object Render(const View& view, const Invoice& invoice);
json::object Render(const View& view, const PaymentIntent& intent);
json::object Render(const View& view, const SetupIntent& intent);
json::object Render(const View& view, const Charge& charge);
json::object Render(const View& view, const Refund& refund);
json::object Render(const View& view, const Dispute& dispute);
json::object Render(const View& view, const PortalSession& session);
json::object Render(const View& view, const Meter& meter);
json::object Render(const View& view, const TestClock& clock);
// A thin event without its data, as it is sent.
json::object Render(const View& view, const Event& event);
json::object RenderItem(const View& view, const Subscription& subscription, const SubscriptionItem& item);
json::object RenderLine(const View& view, const Invoice& invoice, const InvoiceLine& line);
// As an endpoint gets it: in its own version, and naming the account where it serves several.
json::object RenderFor(const View& view, const Event& event, std::string_view api_version, bool name_account);
json::object RenderInvoicePayment(const View& view, const Invoice& invoice);
// The payment method as the older customer's source: an object of type card.
json::object RenderSource(const View& view, const PaymentMethod& method);
// A recurring price in its older form; null for a price of one time.
json::value RenderPlan(const View& view, const Price& price);

// The decline as it stands in an error and in last_payment_error, without the payment method.
json::object RenderDecline(const std::string& decline_code, const std::string& charge);
// The latest failure of an intent, with its payment method.
json::object RenderFailure(const View& view, const PaymentFailure& failure);
// What a browser needs to act on an intent: the same for the same intent, for ever.
std::string ClientSecretOf(const std::string& intent);

// {id, object, deleted: true}
json::object RenderDeleted(const std::string& id, std::string_view kind);

// {object: "list", url, has_more, data}
json::object RenderList(json::array data, bool has_more, std::string url);

// Empty text and absent times are null in Stripe's objects.
json::value TextOrNull(std::string_view text);
json::value TimeOrNull(const std::optional<Time>& time);
json::object RenderMetadata(const Metadata& metadata);
json::object RenderCardFacts(const Card& card);
json::object RenderAddress(const Address& address);
json::value RenderShipping(const std::optional<Shipping>& shipping);

}  // namespace citadel::stripe_sim
