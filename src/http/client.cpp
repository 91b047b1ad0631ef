#include "http/client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "runtime/wake.h"

namespace citadel::http {

namespace asio = boost::asio;

namespace {

// A socket of libcurl's, watched through a duplicate of its descriptor: libcurl may close the number,
// and the kernel may reuse it, while Asio still waits.
struct Watched {
    explicit Watched(asio::io_context& io) : descriptor(io) {}
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;  // CURL_POLL_*
    bool reading = false;
    bool writing = false;
};

struct Transfer {
    explicit Transfer(asio::io_context& io) : done(io.get_executor()) {}
    Call call;
    Answer answer;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    char error_text[CURL_ERROR_SIZE] = "";
    bool finished = false;
    runtime::Wake done;
};

std::size_t TakeBody(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    std::size_t bytes = size * count;
    if (transfer.answer.body.size() + bytes > transfer.call.answer_bytes_max) return 0;  // ends the transfer
    transfer.answer.body.append(data, bytes);
    return bytes;
}

std::size_t TakeHeader(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) transfer.answer.headers.clear();  // a 100 came before
    auto colon = line.find(':');
    if (colon != std::string_view::npos) {
        auto value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        value = value.substr(0, value.find_last_not_of(" \r\n\t") + 1);
        transfer.answer.headers.emplace_back(std::string(line.substr(0, colon)), std::string(value));
    }
    return size * count;
}

bool WasNeverSent(CURLcode code) {
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_SSL_CONNECT_ERROR ||
           code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_URL_MALFORMAT ||
           code == CURLE_UNSUPPORTED_PROTOCOL;
}

}  // namespace

struct Client::State : std::enable_shared_from_this<Client::State> {
    State(asio::io_context& context, std::size_t connections_max);
    ~State();

    void Begin(Transfer& transfer);
    void Act(curl_socket_t socket, int events);
    void CollectFinished();
    void Watch(curl_socket_t socket, int wanted, Watched* watched);
    void Arm(curl_socket_t socket, std::shared_ptr<Watched> watched);
    void SetTimer(long millis);

    static int OnSocket(CURL*, curl_socket_t socket, int wanted, void* user, void* watched);
    static int OnTimer(CURLM*, long millis, void* user);

    asio::io_context& io;
    CURLM* multi;
    asio::steady_timer timer;
    std::map<curl_socket_t, std::shared_ptr<Watched>> watched;
};

Client::State::State(asio::io_context& context, std::size_t connections_max) : io(context), timer(context) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    CITADEL_CHECK(initialised == CURLE_OK, "libcurl starts");
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &State::OnSocket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &State::OnTimer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(connections_max));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(connections_max));
}

Client::State::~State() { curl_multi_cleanup(multi); }

int Client::State::OnSocket(CURL*, curl_socket_t socket, int wanted, void* user, void*) {
    auto& self = *static_cast<State*>(user);
    auto found = self.watched.find(socket);
    if (wanted == CURL_POLL_REMOVE) {
        if (found == self.watched.end()) return 0;
        found->second->wanted = 0;
        boost::system::error_code ignored;
        found->second->descriptor.close(ignored);
        self.watched.erase(found);
        return 0;
    }
    if (found == self.watched.end()) {
        auto fresh = std::make_shared<Watched>(self.io);
        fresh->descriptor.assign(dup(socket));
        found = self.watched.emplace(socket, fresh).first;
    }
    found->second->wanted = wanted;
    self.Arm(socket, found->second);
    return 0;
}

void Client::State::Arm(curl_socket_t socket, std::shared_ptr<Watched> entry) {
    auto arm = [&](bool& armed, asio::posix::stream_descriptor::wait_type direction, int event) {
        if (armed) return;
        armed = true;
        auto on_ready = [self = shared_from_this(), entry, socket, &armed,
                         event](boost::system::error_code error) {
            armed = false;
            if (error || !entry->descriptor.is_open()) return;
            self->Act(socket, event);
            if (entry->descriptor.is_open()) self->Arm(socket, entry);
        };
        entry->descriptor.async_wait(direction, std::move(on_ready));
    };
    using Descriptor = asio::posix::stream_descriptor;
    if (entry->wanted & CURL_POLL_IN) arm(entry->reading, Descriptor::wait_read, CURL_CSELECT_IN);
    if (entry->wanted & CURL_POLL_OUT) arm(entry->writing, Descriptor::wait_write, CURL_CSELECT_OUT);
}

int Client::State::OnTimer(CURLM*, long millis, void* user) {
    static_cast<State*>(user)->SetTimer(millis);
    return 0;
}

void Client::State::SetTimer(long millis) {
    timer.cancel();
    if (millis < 0) return;
    timer.expires_after(std::chrono::milliseconds(millis));
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (!error) self->Act(CURL_SOCKET_TIMEOUT, 0);
    });
}

void Client::State::Act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi, socket, events, &running);
    CollectFinished();
}

void Client::State::CollectFinished() {
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* easy = message->easy_handle;
        CURLcode code = message->data.result;
        void* user = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
        auto& transfer = *static_cast<Transfer*>(user);
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_off_t connected = 0;
        curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
        long request_bytes =
            0;  // an answer that is no HTTP is an unsupported protocol too, but was asked for
        curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
        bool never_sent = request_bytes == 0 &&
                          (WasNeverSent(code) || (code == CURLE_OPERATION_TIMEDOUT && connected == 0));
        transfer.answer.status = static_cast<int>(status);
        transfer.answer.kind = code == CURLE_OK ? Answer::Kind::kReply
                               : never_sent     ? Answer::Kind::kNotSent
                                                : Answer::Kind::kUnknown;
        if (code != CURLE_OK) {
            transfer.answer.error = transfer.error_text[0] ? transfer.error_text : curl_easy_strerror(code);
        }
        curl_multi_remove_handle(multi, easy);
        transfer.finished = true;
        transfer.done.NotifyAll();
    }
}

void Client::State::Begin(Transfer& transfer) {
    CURL* easy = curl_easy_init();
    transfer.easy = easy;
    const Call& call = transfer.call;
    for (const auto& [name, value] : call.headers) {
        transfer.headers = curl_slist_append(transfer.headers, (name + ": " + value).c_str());
    }
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // no 100-continue round trip
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    if (!call.body.empty() || call.method == "POST") {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.c_str());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    }
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(call.deadline.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     std::min(5000L, static_cast<long>(call.deadline.count())));
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "citadel/" CITADEL_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TakeBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TakeHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_multi_add_handle(multi, easy);
}

Client::Client(asio::io_context& io, std::size_t connections_max)
    : state_(std::make_shared<State>(io, connections_max)) {}

Client::~Client() {
    state_->timer.cancel();
    for (auto& [socket, entry] : state_->watched) {
        boost::system::error_code ignored;
        entry->descriptor.close(ignored);
    }
}

asio::awaitable<Answer> Client::Fetch(Call call) {
    auto state = state_;
    Transfer transfer(state->io);
    transfer.call = std::move(call);
    state->Begin(transfer);
    while (!transfer.finished) co_await transfer.done.Wait();
    curl_slist_free_all(transfer.headers);
    curl_easy_cleanup(transfer.easy);
    Answer answer = std::move(transfer.answer);
    co_return answer;
}

}  // namespace citadel::http
