#include "support/http.h"

#include <boost/json/parse.hpp>

#include "runtime/nursery.h"
#include "stripe/signature.h"
#include "support/program.h"
#include "support/run.h"

namespace citadel::testing {

namespace asio = boost::asio;

namespace {

struct Delivery {
    std::string base;
    const std::vector<std::string>& bodies;
    Time now;
    std::vector<http::Answer> answers;
    std::function<void(std::size_t)> on_answer;
    std::size_t next = 0;
    std::size_t answered = 0;
};

asio::awaitable<void> SendNext(http::Client& client, Delivery& delivery) {
    while (delivery.next < delivery.bodies.size()) {
        auto index = delivery.next++;
        http::Call call = SignedWebhook(delivery.base, delivery.bodies[index], delivery.now);
        delivery.answers[index] = co_await client.Fetch(std::move(call));
        ++delivery.answered;
        if (delivery.on_answer) delivery.on_answer(delivery.answered);
    }
}

}  // namespace

http::Answer Fetch(http::Call call) {
    asio::io_context io(1);
    http::Client client(io);
    return Await(io, client.Fetch(std::move(call)));
}

http::Answer Get(const std::string& url) {
    http::Call call;
    call.url = url;
    return Fetch(std::move(call));
}

http::Call SignedWebhook(const std::string& base, const std::string& body, Time now) {
    http::Call call;
    call.method = "POST";
    call.url = base + "/api/webhooks/stripe";
    call.body = body;
    call.headers.emplace_back("Content-Type", "application/json");
    call.headers.emplace_back("Stripe-Signature", stripe::SignPayload(body, Secret(kWebhookSecret), now));
    return call;
}

std::vector<http::Answer> Deliver(const std::string& base, const std::vector<std::string>& bodies, Time now,
                                  std::size_t connections, std::function<void(std::size_t)> on_answer) {
    asio::io_context io(1);
    http::Client client(io, connections);
    Delivery delivery{base, bodies, now, std::vector<http::Answer>(bodies.size()), std::move(on_answer)};
    runtime::Nursery senders(io);
    for (std::size_t i = 0; i < connections; ++i) senders.Spawn("sender", SendNext(client, delivery));
    Await(io, senders.Close());
    return std::move(delivery.answers);
}

std::string ActionOf(const http::Answer& answer) {
    if (answer.kind != http::Answer::Kind::kReply || answer.status != 200) return "";
    return std::string(boost::json::parse(answer.body).at("result").at("action").as_string());
}

}  // namespace citadel::testing
