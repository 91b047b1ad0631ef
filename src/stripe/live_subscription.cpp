#include "stripe/live_subscription.h"

#include <boost/json.hpp>

namespace citadel::stripe {

namespace json = boost::json;

LiveSubscription ReadLiveSubscription(const json::object& object) {
    LiveSubscription live;
    live.id = RequireText(object, "id");
    live.status = ReadText(object, "status");
    live.collection_method = ReadText(object, "collection_method");
    auto pause = object.if_contains("pause_collection");
    live.collection_paused = pause && !pause->is_null();
    live.cancel_at_period_end = ReadFlag(object, "cancel_at_period_end");
    live.cancel_at = ReadTime(object, "cancel_at");
    auto member = object.if_contains("customer");
    const json::object* customer = member ? member->if_object() : nullptr;
    live.method = MethodOfSubscription(&object, customer);
    if (!customer) return live;
    live.customer_email = ReadText(*customer, "email");
    live.customer_name = ReadText(*customer, "name");
    live.customer_country = ReadText(*customer, "address.country");
    live.customer_locale = FirstLocale(customer);
    return live;
}

}  // namespace citadel::stripe
