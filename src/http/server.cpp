#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "runtime/nursery.h"
#include "runtime/wake.h"

namespace citadel::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;

namespace {

using Parser = wire::request_parser<wire::string_body>;
using Outgoing = wire::response<wire::string_body>;
template <typename T>
using Ptr = std::shared_ptr<T>;

Request ToRequest(Parser& parser, const tcp::socket& socket) {
    auto message = parser.release();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    auto question = request.target.find('?');
    request.path = PercentDecode(std::string_view(request.target).substr(0, question), false);
    if (question != std::string::npos) request.query = ParseForm(std::string_view(request.target).substr(question + 1));
    for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
    boost::system::error_code ignored;
    auto remote = socket.remote_endpoint(ignored);
    if (!ignored) request.remote_address = remote.address().to_string();
    request.body = std::move(message.body());
    return request;
}

void AddRequestId(Reply& reply, const std::string& request_id) {
    if (reply.content_type == "application/problem+json" && reply.body.ends_with('}')) {
        reply.body.pop_back();
        reply.body += fmt::format(R"(,"requestId":"{}"}})", request_id);
    }
}

Outgoing ToWire(Reply reply, const std::string& request_id, bool keep_alive, bool head) {
    AddRequestId(reply, request_id);
    Outgoing message;
    message.version(11);
    message.result(static_cast<unsigned>(reply.status));
    message.set(wire::field::content_type, reply.content_type);
    message.set("X-Request-Id", request_id);
    message.set("X-Content-Type-Options", "nosniff");
    message.set("X-Frame-Options", "DENY");
    message.set("Referrer-Policy", "no-referrer");
    message.set("Cache-Control", "no-store");
    message.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    for (const auto& [name, value] : reply.headers) message.set(name, value);
    message.keep_alive(keep_alive);
    message.content_length(reply.body.size());
    if (!head) message.body() = std::move(reply.body);
    return message;
}

Reply RefuseUnreadable(const boost::system::error_code& error) {
    if (error == wire::error::body_limit) {
        return Problem(413, "body_too_large", "The body is larger than 1 MiB, the most this server takes.");
    }
    if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
        return Problem(431, "headers_too_large", "The request's headers are too large; send fewer or shorter ones.");
    }
    if (error == beast::error::timeout) {
        return Problem(408, "request_timeout", "The request did not arrive whole within 10 seconds; send it again.");
    }
    return Problem(400, "bad_request", "This is not an HTTP/1.1 request: " + error.message() + ".");
}

// An exception that reaches the edge: trouble that passes asks for a later try, all else is our fault.
Reply RefuseAfter(std::exception_ptr failure, const std::string& request_id) {
    try {
        std::rethrow_exception(failure);
    } catch (const Trouble& trouble) {
        log::Warn("request_failed", {{"request_id", request_id}, {"error", trouble.what()}});
        if (trouble.kind() == TroubleKind::kOverloaded) {
            return Problem(503, "overloaded", "Too much is waiting; send the request again after Retry-After seconds.");
        }
        if (trouble.kind() == TroubleKind::kUnavailable || trouble.kind() == TroubleKind::kUnknown) {
            return Problem(503, "database_unavailable", "The database is away; send the request again later.");
        }
    } catch (const std::exception& error) {
        log::Error("request_failed", {{"request_id", request_id}, {"error", error.what()}});
    }
    return Problem(500, "internal_error", "Something went wrong here; it was logged under the requestId.");
}

struct Connection {
    explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}
    beast::tcp_stream stream;
    bool busy = false;  // between the first byte of a request and the last of its answer
};

// Sends half of the answer and breaks off: the simulator's "truncated body".
asio::awaitable<void> WriteHalf(Connection& connection, const Outgoing& message) {
    auto text = fmt::format("HTTP/1.1 {} {}\r\nContent-Length: {}\r\n\r\n", message.result_int(),
                            ReasonPhrase(static_cast<int>(message.result_int())), message.body().size());
    text += message.body().substr(0, message.body().size() / 2);
    co_await asio::async_write(connection.stream, asio::buffer(text), asio::use_awaitable);
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
    State(asio::io_context& context, Handler handle, ServerLimits bounds)
        : io(context), handler(std::move(handle)), limits(bounds), acceptor(context), nursery(context),
          request_prefix(RandomHex(6)) {}

    asio::awaitable<void> Accept();
    asio::awaitable<void> Serve(Ptr<Connection> connection);
    asio::awaitable<bool> ServeOne(Connection& connection, beast::flat_buffer& buffer);
    asio::awaitable<Reply> Answer(Request request);
    asio::awaitable<bool> Send(Connection& connection, Reply reply, std::string request_id, bool keep_alive, bool head);
    std::string NextRequestId() { return fmt::format("req_{}{:x}", request_prefix, ++requests); }

    asio::io_context& io;
    Handler handler;
    ServerLimits limits;
    tcp::acceptor acceptor;
    runtime::Nursery nursery;
    std::string request_prefix;
    std::uint64_t requests = 0;
    bool draining = false;
    std::set<Ptr<Connection>> connections;
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
        if (connections.size() >= limits.connections_max) continue;  // closes it; the client may come again
        socket.set_option(tcp::no_delay(true), error);
        auto connection = std::make_shared<Connection>(std::move(socket));
        connections.insert(connection);
        nursery.Spawn("http_connection", Serve(connection));
    }
}

asio::awaitable<void> Server::State::Serve(Ptr<Connection> connection) {
    auto self = shared_from_this();
    beast::flat_buffer buffer;
    try {
        while (co_await ServeOne(*connection, buffer)) {
        }
    } catch (const boost::system::system_error&) {
        // The client went away in the middle of its own answer; there is nobody left to tell.
    }
    boost::system::error_code ignored;
    connection->stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    connection->stream.close();
    connections.erase(connection);
}

// One request and its answer. False: the connection ends here.
asio::awaitable<bool> Server::State::ServeOne(Connection& connection, beast::flat_buffer& buffer) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser.body_limit(limits.body_bytes_max);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);

    connection.stream.expires_after(limits.idle_deadline);
    if (buffer.size() == 0) {
        auto space = buffer.prepare(4096);
        std::size_t got = co_await connection.stream.async_read_some(space, token);
        buffer.commit(got);
        if (error) co_return false;
    }
    connection.busy = true;
    connection.stream.expires_after(limits.request_deadline);
    co_await wire::async_read_header(connection.stream, buffer, parser, token);
    bool wants_continue = !error && beast::iequals(parser.get()[wire::field::expect], "100-continue");
    if (wants_continue) {
        wire::response<wire::empty_body> go_on{wire::status::continue_, 11};
        co_await wire::async_write(connection.stream, go_on, token);
    }
    if (!error) co_await wire::async_read(connection.stream, buffer, parser, token);
    auto request_id = NextRequestId();
    if (error == wire::error::end_of_stream || error == wire::error::partial_message) co_return false;
    if (error) {
        Reply refusal = RefuseUnreadable(error);
        connection.stream.expires_after(std::chrono::seconds(5));
        co_await Send(connection, std::move(refusal), request_id, false, false);
        co_return false;
    }
    connection.stream.expires_never();
    bool head = parser.get().method() == wire::verb::head;
    bool keep_alive = parser.get().keep_alive();
    Request request = ToRequest(parser, connection.stream.socket());
    request.request_id = request_id;
    Reply reply = co_await Answer(std::move(request));
    connection.stream.expires_after(limits.request_deadline);
    bool open = co_await Send(connection, std::move(reply), request_id, keep_alive && !draining, head);
    connection.busy = false;
    co_return open && !draining;
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
    auto how = reply.wire;
    if (how == Reply::Wire::kDrop) co_return false;
    Outgoing message = ToWire(std::move(reply), request_id, keep_alive, head);
    if (how == Reply::Wire::kTruncate) {
        co_await WriteHalf(connection, message);
        co_return false;
    }
    wire::response_serializer<wire::string_body> serializer{message};
    if (head) co_await wire::async_write_header(connection.stream, serializer, asio::use_awaitable);
    else co_await wire::async_write(connection.stream, serializer, asio::use_awaitable);
    co_return keep_alive;
}

Server::Server(asio::io_context& io, Handler handler, ServerLimits limits)
    : state_(std::make_shared<State>(io, std::move(handler), limits)) {}

Server::~Server() = default;

void Server::Listen(const std::string& host, int port) {
    boost::system::error_code error;
    auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error) throw Trouble(TroubleKind::kConfiguration, fmt::format("HOST must be an IP address or localhost; got \"{}\"", host));
    tcp::endpoint endpoint(address, static_cast<unsigned short>(port));
    state_->acceptor.open(endpoint.protocol());
    state_->acceptor.set_option(asio::socket_base::reuse_address(true));
    state_->acceptor.bind(endpoint, error);
    if (!error) state_->acceptor.listen(1024, error);
    if (error) {
        throw Trouble(TroubleKind::kConfiguration,
                      fmt::format("cannot listen on {}:{}: {}; set PORT or HOST to a free address", host, port, error.message()));
    }
    state_->nursery.Spawn("http_accept", state_->Accept());
}

int Server::port() const { return state_->acceptor.local_endpoint().port(); }

asio::awaitable<void> Server::Drain(std::chrono::milliseconds patience) {
    auto state = state_;
    state->draining = true;
    boost::system::error_code ignored;
    state->acceptor.close(ignored);
    for (const auto& connection : state->connections) {
        if (!connection->busy) connection->stream.cancel();
    }
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (!state->connections.empty() && std::chrono::steady_clock::now() < deadline) {
        co_await runtime::Sleep(std::chrono::milliseconds(5));
    }
    for (const auto& connection : state->connections) connection->stream.close();
    co_await state->nursery.Close();
}

}  // namespace citadel::http
