#include "stripe_sim/cli_session.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/hmac.h"
#include "runtime/nursery.h"
#include "stripe_sim/api_error.h"
#include "stripe_sim/render.h"

namespace citadel::stripe_sim {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kWaitingMax = 1000;

bool Concerns(const World& world, const CliSession& session, const Event& event) {
    if (event.account == session.account) return true;
    auto account = world.accounts.find(event.account);
    bool connected = account != world.accounts.end() && account->second->connected;
    return connected && session.account == world.platform->id;
}

}  // namespace

CliSession& OpenCliSession(World& world, const std::string& account, const std::string& device) {
    std::erase_if(world.cli_sessions, [&](const auto& entry) {
        const auto& old = entry.second;
        return old.account == account && old.device == device && !old.connected;
    });
    CliSession session;
    session.id = world.NewId("cliws_", 24);
    session.account = account;
    session.device = device;
    session.secret = Secret("whsec_" + crypto::HmacSha256Hex(account, device));
    session.created = world.Now();
    auto id = session.id;
    return world.cli_sessions.emplace(std::move(id), std::move(session)).first->second;
}

http::Reply CliListeners::Answer(const http::Request& request) {
    std::string id(request.header("Websocket-Id"));
    auto session = world_.cli_sessions.find(id);
    bool known =
        session != world_.cli_sessions.end() && request.path == "/subscribe/" + session->second.account;
    if (!known) return ReplyWith(InvalidRequest(404, "", "Unknown WebSocket ID."));
    http::Reply reply;
    reply.headers.emplace_back("Sec-WebSocket-Protocol", "stripecli-devproxy-v1");
    reply.conversation = [this, id](http::WebSocket& socket) { return Converse(id, socket); };
    return reply;
}

void CliListeners::Enqueue(const EventPtr& event) {
    for (auto entry = listeners_.begin(); entry != listeners_.end();) {
        auto session = world_.cli_sessions.find(entry->first);
        if (session == world_.cli_sessions.end()) {  // its device has opened another one
            entry = listeners_.erase(entry);
            continue;
        }
        auto& listener = *(entry++)->second;
        if (!Concerns(world_, session->second, *event)) continue;
        if (listener.waiting.size() == kWaitingMax) listener.waiting.pop_front();
        listener.waiting.push_back(event);
        listener.wake.NotifyAll();
    }
}

asio::awaitable<void> CliListeners::Converse(std::string session, http::WebSocket& socket) {
    auto& listener = listeners_[session];
    if (!listener) listener = std::make_shared<Listener>(io_);
    auto mine = listener;
    int connection = ++mine->connection;
    world_.cli_sessions.at(session).connected = true;
    runtime::Nursery sender(io_);
    sender.Spawn("cli_session", Send(mine, session, socket, connection));
    std::optional<std::string> message = co_await socket.Read();
    while (message && mine->connection == connection) {
        Take(world_.cli_sessions.at(session), *message);
        message = co_await socket.Read();
    }
    if (mine->connection == connection) {
        world_.cli_sessions.at(session).connected = false;
        ++mine->connection;
    }
    mine->wake.NotifyAll();
    co_await sender.Close();
}

asio::awaitable<void> CliListeners::Send(std::shared_ptr<Listener> listener, std::string session,
                                         http::WebSocket& socket, int connection) {
    while (listener->connection == connection) {
        if (listener->waiting.empty()) {
            co_await listener->wake.Wait();
            continue;
        }
        auto event = listener->waiting.front();
        for (bool latest : {false, true}) {
            if (listener->connection != connection) co_return;
            std::string text = Message(world_.cli_sessions.at(session), *event, latest);
            bool sent = co_await socket.Write(std::move(text));
            if (!sent) co_return;
        }
        if (!listener->waiting.empty() && listener->waiting.front() == event) listener->waiting.pop_front();
    }
}

// The CLI gets each event twice and takes the one in the version it was asked for: `latest`, or the
// account's own.
std::string CliListeners::Message(const CliSession& session, const Event& event, bool latest) const {
    const auto& account = *world_.FindAccount(event.account);
    std::string version = latest ? std::string(kNewVersion) : event.api_version;
    auto body =
        json::serialize(RenderFor(View{world_, account}, event, version, event.account != session.account));
    json::object headers;
    for (auto& [name, value] : WebhookHeaders(StripeSignature(world_.Now(), body, {session.secret}))) {
        headers[name] = value;
    }
    json::object endpoint;
    endpoint["api_version"] = nullptr;
    if (latest) endpoint["api_version"] = version;
    json::object message;
    message["type"] = "webhook_event";
    message["endpoint"] = std::move(endpoint);
    message["event_payload"] = std::move(body);
    message["http_headers"] = std::move(headers);
    message["webhook_conversation_id"] = "wc_" + event.id;
    message["webhook_id"] = session.id;
    return json::serialize(message);
}

void CliListeners::Take(CliSession& session, const std::string& text) {
    boost::system::error_code error;
    auto message = json::parse(text, error);
    if (error || !message.is_object()) return;
    auto text_of = [&](std::string_view name) {
        const auto* value = message.as_object().if_contains(name);
        return value && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    auto type = text_of("type");
    if (type == "event_ack") session.acknowledged.push_back(text_of("event_id"));
    if (type != "webhook_response") return;
    CliResponse response;
    response.event = text_of("notification_id");
    response.forward_url = text_of("forward_url");
    if (const auto* status = message.as_object().if_contains("status"); status && status->is_int64()) {
        response.status = static_cast<int>(status->as_int64());
    }
    session.responses.push_back(std::move(response));
}

}  // namespace citadel::stripe_sim
