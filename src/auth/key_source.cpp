#include "auth/key_source.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/log.h"

namespace citadel::auth {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kFile = "file://";
constexpr std::size_t kBytesMax = 256 << 10;

std::string ReadFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

KeySource::KeySource(asio::io_context& io, http::Client& http, const Clock& clock, Options options)
    : http_(http), clock_(clock), options_(std::move(options)), fetched_(io.get_executor()) {}

bool KeySource::OlderThan(std::optional<Time> moment, std::chrono::seconds wall) const {
    return !moment || clock_.Now() - *moment >= clock_.Stretch(wall);
}

Keys KeySource::Usable() const { return OlderThan(got_at_, options_.stale_for) ? nullptr : keys_; }

asio::awaitable<Keys> KeySource::Current() {
    if (!OlderThan(got_at_, options_.fresh_for) || options_.url.empty()) co_return keys_;
    // A set that is merely stale is used while somebody else fetches; without one, everybody waits for that.
    while (fetching_ && !Usable()) co_await fetched_.Wait();
    auto pause = Usable() ? options_.between_fetches : options_.retry_without_keys;
    if (!fetching_ && OlderThan(tried_at_, pause)) co_await Refresh();
    co_return Usable();
}

asio::awaitable<Keys> KeySource::NewerThan(Keys known) {
    while (fetching_) co_await fetched_.Wait();
    if (keys_ == known && OlderThan(tried_at_, options_.between_fetches)) co_await Refresh();
    co_return Usable();
}

asio::awaitable<std::string> KeySource::Read() {
    if (options_.url.starts_with(kFile)) co_return ReadFile(options_.url.substr(kFile.size()));
    http::Call call;
    call.url = options_.url;
    call.deadline = options_.deadline;
    call.answer_bytes_max = kBytesMax;
    http::Answer answer = co_await http_.Fetch(std::move(call));
    if (answer.kind != http::Answer::Kind::kReply) throw std::runtime_error(answer.error);
    if (!answer.ok()) throw std::runtime_error(fmt::format("it answered {}", answer.status));
    co_return std::move(answer.body);
}

// The whole set is replaced: a key that is no longer published is no longer good.
asio::awaitable<void> KeySource::Refresh() {
    fetching_ = true;
    tried_at_ = clock_.Now();
    try {
        std::string text = co_await Read();
        keys_ = std::make_shared<const crypto::KeySet>(crypto::KeySet::Parse(text));
        got_at_ = clock_.Now();
    } catch (const std::exception& error) {
        log::Warn("keys_not_fetched",
                  {{"url", options_.url}, {"error", error.what()}, {"mend", "see CLERK_JWKS_URL"}});
    }
    fetching_ = false;
    fetched_.NotifyAll();
}

}  // namespace citadel::auth
