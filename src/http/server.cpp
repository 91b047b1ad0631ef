#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <list>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "http/refusals.h"
#include "http/websocket.h"
#include "runtime/nursery.h"
#include "runtime/wake.h"

namespace citadel::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;

namespace {

using Parser = wire::request_parser<wire::string_body>;
template <typename T>
using Ptr = std::shared_ptr<T>;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16 << 10;  // most webhooks come in one read

Request ToRequest(Parser& parser, const std::string& remote_address) {
    auto message = parser.release();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    auto question = request.target.find('?');
    request.path = PercentDecode(std::string_view(request.target).substr(0, question), false);
    if (question != std::string::npos)
        request.query = ParseForm(std::string_view(request.target).substr(question + 1));
    for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
    request.remote_address = remote_address;
    request.body = std::move(message.body());
    return request;
}

void AddRequestId(Reply& reply, const std::string& request_id) {
    if (reply.content_type == "application/problem+json" && reply.body.ends_with('}')) {
        reply.body.pop_back();
        reply.body += fmt::format(R"(,"requestId":"{}"}})", request_id);
    }
}

// What every answer says unless it says otherwise itself.
const std::vector<Header> kSecurityHeaders = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
};

// The head of the answer as bytes, the empty line included.
std::string HeadOf(const Reply& reply, const std::string& request_id, bool keep_alive) {
    auto text = fmt::format("HTTP/1.1 {} {}\r\nX-Request-Id: {}\r\n", reply.status,
                            ReasonPhrase(reply.status), request_id);
    // 204 has no body, 304 speaks of one that the other side has: neither may tell a length of 0.
    if (reply.status != 204 && reply.status != 304) {
        text +=
            fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", reply.content_type, reply.body.size());
    }
    auto add = [&text](const Header& header) {
        text.append(header.first).append(": ").append(header.second).append("\r\n");
    };
    for (const auto& header : kSecurityHeaders) {
        if (FindHeader(reply.headers, header.first).empty()) add(header);
    }
    for (const auto& header : reply.headers) add(header);
    return text + (keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
}

// Deadlines are kept by the server's sweep: it cancels what is being waited for and sets `late`, while
// the socket stays open for a last word.
struct Connection {
    explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto remote = socket.remote_endpoint(ignored);
        if (!ignored) remote_address = remote.address().to_string();
    }
    void SetDeadline(std::chrono::milliseconds from_now) {
        deadline = SteadyClock::now() + from_now;
        late = false;
    }
    void SetNoDeadline() { deadline = SteadyClock::time_point::max(); }

    tcp::socket socket;
    std::string remote_address;
    beast::flat_buffer buffer;
    SteadyClock::time_point deadline = SteadyClock::time_point::max();
    bool late = false;
    bool idles = false;
    std::list<Connection*>::iterator place{};  // among those that idle
    bool busy = false;  // between the first byte of a request and the last of its answer
};

asio::awaitable<boost::system::error_code> ReadMore(Connection& connection) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto space = connection.buffer.prepare(kReadBytes);
    std::size_t got = co_await connection.socket.async_read_some(space, token);
    connection.buffer.commit(got);
    if (error && connection.late) error = asio::error::timed_out;
    co_return error;
}

// Reads the rest of a request; the error tells RefuseUnreadable why it is none.
asio::awaitable<boost::system::error_code> Receive(Connection& connection, Parser& parser) {
    static const std::string kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    parser.eager(true);
    bool told_to_go_on = false;
    while (true) {
        boost::system::error_code error;
        if (connection.buffer.size() > 0)
            connection.buffer.consume(parser.put(connection.buffer.data(), error));
        if (error && error != wire::error::need_more) co_return error;
        if (parser.is_done()) co_return boost::system::error_code();
        bool waits =
            parser.is_header_done() && beast::iequals(parser.get()[wire::field::expect], "100-continue");
        if (waits && !told_to_go_on) {
            told_to_go_on = true;
            co_await asio::async_write(connection.socket, asio::buffer(kGoOn), asio::use_awaitable);
        }
        error = co_await ReadMore(connection);
        if (error) co_return error;
    }
}

// Reads and forgets whatever comes until the other side hangs up or `patience` is over.
asio::awaitable<void> Hold(Connection& connection, std::chrono::milliseconds patience) {
    boost::system::error_code error;
    connection.SetDeadline(patience);
    while (!error) {
        connection.buffer.clear();
        error = co_await ReadMore(connection);
    }
}

// After a refusal the rest of what is being sent is read and forgotten: closing at once would reset the
// connection, and the sender might never see the answer.
asio::awaitable<void> Linger(Connection& connection) {
    boost::system::error_code ignored;
    connection.socket.shutdown(tcp::socket::shutdown_send, ignored);
    co_await Hold(connection, std::chrono::seconds(2));
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
    State(asio::io_context& context, Handler handle, ServerLimits bounds)
        : io(context), handler(std::move(handle)), limits(bounds), acceptor(context), sweep_timer(context),
          nursery(context), request_prefix(RandomHex(6)) {}

    asio::awaitable<void> Accept();
    bool MakePlace();
    void EndIdling(Connection& connection);
    asio::awaitable<void> Sweep();
    asio::awaitable<void> Serve(Ptr<Connection> connection);
    asio::awaitable<bool> ServeOne(Connection& connection);
    asio::awaitable<Reply> Answer(Request request);
    asio::awaitable<void> Converse(Connection& connection, std::vector<Header> handshake, Reply reply);
    asio::awaitable<bool> Send(Connection& connection, Reply reply, std::string request_id, bool keep_alive,
                               bool head);
    std::string NextRequestId() { return fmt::format("req_{}{:x}", request_prefix, ++requests); }

    asio::io_context& io;
    Handler handler;
    ServerLimits limits;
    tcp::acceptor acceptor;
    asio::steady_timer sweep_timer;
    runtime::Nursery nursery;
    std::string request_prefix;
    std::uint64_t requests = 0;
    bool draining = false;
    bool drained = false;
    std::set<Ptr<Connection>> connections;
    std::list<Connection*> idle;  // between two requests, the longest first
};

asio::awaitable<void> Server::State::Accept() {
    auto self = shared_from_this();
    while (!draining) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        tcp::socket socket = co_await acceptor.async_accept(token);
        if (error == asio::error::operation_aborted) break;
        if (error) {  // out of descriptors, most likely: let some connections end first
            log::Warn("accept_failed", {{"error", error.message()}});
            co_await runtime::Sleep(std::chrono::milliseconds(50));
            continue;
        }
        if (connections.size() >= limits.connections_max && !MakePlace())
            continue;  // closes it; it may come again
        auto connection = std::make_shared<Connection>(std::move(socket));
        connections.insert(connection);
        nursery.Spawn("http_connection", Serve(connection));
    }
}

// A crowd that wants nothing must not keep out who wants something: whoever has idled longest goes. False:
// all are at work.
bool Server::State::MakePlace() {
    if (idle.empty()) return false;
    boost::system::error_code ignored;
    auto* longest = idle.front();
    EndIdling(*longest);
    longest->socket.close(ignored);
    return true;
}

void Server::State::EndIdling(Connection& connection) {
    if (connection.idles) idle.erase(connection.place);
    connection.idles = false;
}

// Ends the waiting of connections whose deadline is over.
asio::awaitable<void> Server::State::Sweep() {
    using std::chrono::milliseconds;
    auto self = shared_from_this();
    auto pause = std::clamp(limits.request_deadline / 10, milliseconds(5), milliseconds(1000));
    while (!drained) {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        sweep_timer.expires_after(pause);
        co_await sweep_timer.async_wait(token);
        auto now = SteadyClock::now();
        for (const auto& connection : connections) {
            if (connection->deadline > now) continue;
            connection->late = true;
            connection->SetNoDeadline();
            connection->socket.cancel(error);
        }
    }
}

asio::awaitable<void> Server::State::Serve(Ptr<Connection> connection) {
    auto self = shared_from_this();
    try {
        while (co_await ServeOne(*connection)) {
        }
    } catch (const boost::system::system_error&) {
        // The client went away in the middle of its own answer; there is nobody left to tell.
    }
    boost::system::error_code ignored;
    connection->socket.shutdown(tcp::socket::shutdown_both, ignored);
    connection->socket.close(ignored);
    connections.erase(connection);
}

// One request and its answer. False: the connection ends here.
asio::awaitable<bool> Server::State::ServeOne(Connection& connection) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser.body_limit(limits.body_bytes_max);
    boost::system::error_code error;
    if (connection.buffer.size() == 0) {
        connection.SetDeadline(limits.idle_deadline);
        connection.place = idle.insert(idle.end(), &connection);
        connection.idles = true;
        error = co_await ReadMore(connection);
        EndIdling(connection);
        if (error) co_return false;
    }
    connection.busy = true;
    connection.SetDeadline(limits.request_deadline);
    error = co_await Receive(connection, parser);
    auto request_id = NextRequestId();
    if (error == asio::error::eof || error == asio::error::connection_reset) co_return false;
    if (error) {
        Reply refusal = RefuseUnreadable(error);
        connection.SetDeadline(std::chrono::seconds(5));
        co_await Send(connection, std::move(refusal), request_id, false, false);
        co_await Linger(connection);
        co_return false;
    }
    connection.SetNoDeadline();
    bool head = parser.get().method() == wire::verb::head;
    bool keep_alive = parser.get().keep_alive() && parser.get().version() == 11;
    Request request = ToRequest(parser, connection.remote_address);
    request.request_id = request_id;
    std::vector<Header> handshake;
    if (!request.header("Upgrade").empty()) handshake = request.headers;
    Reply reply = co_await Answer(std::move(request));
    if (reply.conversation) {
        co_await Converse(connection, std::move(handshake), std::move(reply));
        co_return false;
    }
    connection.SetDeadline(limits.request_deadline);
    bool open = co_await Send(connection, std::move(reply), request_id, keep_alive && !draining, head);
    connection.busy = false;
    co_return open && !draining;
}

// Not `busy`: a drain ends a conversation at once.
asio::awaitable<void> Server::State::Converse(Connection& connection, std::vector<Header> handshake,
                                              Reply reply) {
    connection.busy = false;
    WebSocket socket(connection.socket);
    bool accepted = co_await socket.Accept(std::move(handshake), std::move(reply.headers));
    if (accepted) co_await reply.conversation(socket);
}

asio::awaitable<Reply> Server::State::Answer(Request request) {
    auto request_id = request.request_id;
    std::exception_ptr failure;
    Reply reply;
    try {
        reply = co_await handler(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) reply = RefuseAfter(failure, request_id);
    co_return reply;
}

asio::awaitable<bool> Server::State::Send(Connection& connection, Reply reply, std::string request_id,
                                          bool keep_alive, bool head) {
    using Wire = Reply::Wire;
    bool whole = reply.wire == Wire::kWhole, stalls = reply.wire == Wire::kStall;
    if (reply.wire == Wire::kSilence) co_await Hold(connection, reply.hold);
    if (reply.wire == Wire::kDrop || reply.wire == Wire::kSilence) co_return false;
    AddRequestId(reply, request_id);
    std::string text = HeadOf(reply, request_id, keep_alive && (whole || stalls));
    if (!whole) text += reply.body.substr(0, reply.body.size() / 2);
    else if (!head) text += reply.body;
    co_await asio::async_write(connection.socket, asio::buffer(text), asio::use_awaitable);
    if (stalls) co_await Hold(connection, reply.hold);
    co_return keep_alive&& whole;
}

Server::Server(asio::io_context& io, Handler handler, ServerLimits limits)
    : state_(std::make_shared<State>(io, std::move(handler), limits)) {}

Server::~Server() = default;

void Server::Listen(const std::string& host, int port) {
    boost::system::error_code error;
    auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error)
        throw Trouble(TroubleKind::kConfiguration,
                      fmt::format("HOST must be an IP address or localhost; got \"{}\"", host));
    tcp::endpoint endpoint(address, static_cast<unsigned short>(port));
    state_->acceptor.open(endpoint.protocol());
    state_->acceptor.set_option(asio::socket_base::reuse_address(true));
    state_->acceptor.bind(endpoint, error);
    if (!error) state_->acceptor.listen(1024, error);
    if (error) {
        throw Trouble(TroubleKind::kConfiguration,
                      fmt::format("cannot listen on {}:{}: {}; set PORT or HOST to a free address", host,
                                  port, error.message()));
    }
    state_->nursery.Spawn("http_accept", state_->Accept());
    state_->nursery.Spawn("http_sweep", state_->Sweep());
}

int Server::port() const { return state_->acceptor.local_endpoint().port(); }

asio::awaitable<void> Server::Drain(std::chrono::milliseconds patience) {
    auto state = state_;
    state->draining = true;
    boost::system::error_code ignored;
    state->acceptor.close(ignored);
    for (const auto& connection : state->connections) {
        if (!connection->busy) connection->socket.cancel(ignored);
    }
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (!state->connections.empty() && std::chrono::steady_clock::now() < deadline) {
        co_await runtime::Sleep(std::chrono::milliseconds(5));
    }
    for (const auto& connection : state->connections) connection->socket.close(ignored);
    state->drained = true;
    state->sweep_timer.cancel();
    co_await state->nursery.Close();
}

}  // namespace citadel::http
