#include "support/mail_recorder.h"

#include <fmt/format.h>

namespace citadel::testing {

void MailRecorder::Answer(std::vector<http::Reply> script) {
    std::lock_guard lock(mutex_);
    script_.assign(script.begin(), script.end());
}

std::map<std::string, std::vector<std::string>> MailRecorder::Requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
}

std::vector<std::string> MailRecorder::Faults() const {
    std::vector<std::string> faults;
    for (const auto& [key, bodies] : Requests()) {
        for (const auto& body : bodies) {
            if (body != bodies.front()) faults.push_back(key + " came with another body");
        }
    }
    return faults;
}

boost::asio::awaitable<http::Reply> MailRecorder::Take(http::Request request) {
    std::lock_guard lock(mutex_);
    std::string key(request.header("Idempotency-Key"));
    auto& bodies = requests_[key];
    bodies.push_back(request.body);
    http::Reply reply = http::Json(200, fmt::format(R"({{"id":"re_{}"}})", std::hash<std::string>()(key)));
    if (!script_.empty()) {
        reply = std::move(script_.front());
        script_.pop_front();
    }
    co_return reply;
}

}  // namespace citadel::testing
