// The control calls about where events go: the first endpoints, secrets, sessions of Stripe's CLI.
#include "stripe_sim/control.h"
#include "stripe_sim/control_body.h"

namespace citadel::stripe_sim {

json::object Control::SetEndpoint(const json::object& body) {
    auto target = webhooks_.target();
    target.url = Member(body, "url", target.url);
    target.secret = Secret(Member(body, "secret", target.secret.Reveal()));
    target.connect_secret = Secret(Member(body, "connectSecret", target.connect_secret.Reveal()));
    target.types = Member(body, "events", target.types);
    webhooks_.SetTarget(std::move(target));
    return json::object();
}

json::object Control::RollSecret(const json::object& body) {
    auto* endpoint = FindEndpoint(world_, RequiredText(body, "endpoint"));
    if (!endpoint) throw Refusal("no such webhook endpoint");
    auto hours = Member(body, "hours", 24);
    if (hours < 0 || hours > 24) throw Refusal("\"hours\" is how long the old secret stays valid, 0 to 24");
    json::object answer;
    answer["secret"] = stripe_sim::RollSecret(world_, *endpoint, std::chrono::hours(hours)).Reveal();
    return answer;
}

json::object Control::ShowCliSessions(const json::object&) {
    json::array rows;
    for (const auto& [id, session] : world_.cli_sessions) {
        json::array responses;
        for (const auto& response : session.responses) {
            json::object row;
            row["event"] = response.event;
            row["url"] = response.forward_url;
            row["status"] = response.status;
            responses.emplace_back(std::move(row));
        }
        json::object row;
        row["id"] = id;
        row["account"] = session.account;
        row["device"] = session.device;
        row["connected"] = session.connected;
        row["acknowledged"] = json::array(session.acknowledged.begin(), session.acknowledged.end());
        row["responses"] = std::move(responses);
        rows.emplace_back(std::move(row));
    }
    json::object answer;
    answer["sessions"] = std::move(rows);
    return answer;
}

}  // namespace citadel::stripe_sim
