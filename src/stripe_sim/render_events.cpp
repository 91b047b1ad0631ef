// The event around an object of any kind.
#include "stripe_sim/render.h"
#include "stripe_sim/render_meters.h"

namespace citadel::stripe_sim {
namespace {

struct RenderSnapshot {
    const View& view;
    template <typename T>
    json::object operator()(const Copy<T>& object) const {
        return Render(view, *object);
    }
    json::object operator()(const PaymentOf& payment) const {
        return RenderInvoicePayment(view, *payment.invoice);
    }
    json::object operator()(const SourceOf& source) const { return RenderSource(view, *source.method); }
    json::object operator()(const Application&) const { return RenderApplication(view.world); }
    json::object operator()(const Copy<ThinBody>& body) const { return body->data; }
};

}  // namespace

json::object Render(const View& view, const Event& event) {
    return RenderFor(view, event, event.api_version, &view.account != view.world.platform.get());
}

json::object RenderFor(const View& view, const Event& event, std::string_view api_version,
                       bool name_account) {
    if (std::holds_alternative<Copy<ThinBody>>(event.object)) return RenderThinEvent(view, event, false);
    View then{view.world, view.account, ShapeOf(api_version)};
    json::object payload;
    payload["object"] = std::visit(RenderSnapshot{then}, event.object);
    if (!event.previous.empty()) payload["previous_attributes"] = event.previous;
    json::object object;
    object["id"] = event.id;
    object["object"] = "event";
    if (name_account) object["account"] = event.account;
    object["api_version"] = api_version;
    object["created"] = ToUnixSeconds(event.created);
    object["data"] = std::move(payload);
    object["livemode"] = false;
    object["pending_webhooks"] = event.pending.size();
    object["request"] = {{"id", TextOrNull(event.request_id)},
                         {"idempotency_key", TextOrNull(event.idempotency_key)}};
    object["type"] = event.type;
    return object;
}

}  // namespace citadel::stripe_sim
