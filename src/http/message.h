// What goes over the wire, independent of the library that carries it. Header names compare without
// case; paths are decoded, the query is kept raw beside its parsed pairs.
#pragma once
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace citadel::http {

using Header = std::pair<std::string, std::string>;

// First value of that name, or empty.
std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name);

struct Request {
    std::string method;
    std::string target;         // as sent: path and query
    std::string path;           // percent-decoded, without the query
    std::vector<Header> query;  // percent-decoded pairs in order
    std::vector<Header> headers;
    std::string body;
    std::string remote_address;
    std::string request_id;             // answered as X-Request-Id
    std::vector<std::string> captures;  // what the route's {placeholders} matched, in order

    std::string_view header(std::string_view name) const { return FindHeader(headers, name); }
};

class WebSocket;
using Conversation = std::function<boost::asio::awaitable<void>(WebSocket&)>;

struct Reply {
    // How the answer is put on the wire. All but kWhole are faults, used by the simulator only.
    // kStall sends half of it and then nothing for `hold`, kSilence nothing at all; then they hang up.
    enum class Wire { kWhole, kDrop, kTruncate, kStall, kSilence };

    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<Header> headers;
    Wire wire = Wire::kWhole;
    std::chrono::milliseconds hold{0};
    // Set: the request asked for a WebSocket. It is accepted with `headers`, and this talks on it until it
    // returns; then the connection ends.
    Conversation conversation;
};

// RFC 9457: `code` is stable and snake_case, `detail` says what was wrong and what to do.
// The server adds requestId.
Reply Problem(int status, std::string_view code, std::string_view detail);
Reply Json(int status, std::string body);

using Handler = std::function<boost::asio::awaitable<Reply>(Request)>;

std::string_view ReasonPhrase(int status);
// "%41+b" to "A b" when `plus_is_space`; invalid escapes are kept as they are.
std::string PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);
// "a=1&b[c]=2" to decoded pairs in order.
std::vector<Header> ParseForm(std::string_view text);

}  // namespace citadel::http
