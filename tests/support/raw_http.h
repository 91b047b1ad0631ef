// HTTP as bytes, for senders that do not behave: one blocking socket, text out, answers in. Every wait
// ends after ten seconds, so a server that keeps silent fails a test and does not hang it.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace citadel::testing {

struct RawAnswer {
    int status = 0;                              // 0: the connection ended instead
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    std::string header(const std::string& name) const {
        auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
    bool Says(std::string_view text) const { return body.find(text) != std::string::npos; }
};

class RawConnection {
  public:
    explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval patience{10, 0};
        setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("cannot connect");
        }
    }
    ~RawConnection() { close(socket_); }
    RawConnection(const RawConnection&) = delete;

    // False: the server had closed before all of it was sent.
    bool Send(std::string_view text) {
        while (!text.empty()) {
            auto sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // The next answer, whole; `to_head` when it was asked for by HEAD.
    RawAnswer Read(bool to_head = false) {
        RawAnswer answer;
        std::size_t head = std::string::npos;
        while ((head = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!ReadSome()) return answer;
        }
        ReadHead(answer, std::string_view(received_).substr(0, head));
        received_.erase(0, head + 4);
        auto length = to_head || answer.status == 100 ? 0 : std::stoul("0" + answer.header("content-length"));
        while (received_.size() < length) {
            if (!ReadSome()) throw std::runtime_error("the answer broke off");
        }
        answer.body = received_.substr(0, length);
        received_.erase(0, length);
        return answer;
    }

    // Whether the server ends the connection (within ten seconds), with nothing more to say.
    bool ClosedByServer() {
        char byte;
        return received_.empty() && recv(socket_, &byte, 1, 0) == 0;
    }
    // Whether something, an answer or the end, is there now.
    bool HasNews() {
        pollfd waiting{socket_, POLLIN, 0};
        return !received_.empty() || poll(&waiting, 1, 0) > 0;
    }

  private:
    bool ReadSome() {
        char buffer[16 * 1024];
        auto got = recv(socket_, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        received_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }
    static void ReadHead(RawAnswer& answer, std::string_view head) {
        answer.status = std::stoi(std::string(head.substr(head.find(' ') + 1, 3)));
        for (auto line_end = head.find("\r\n"); line_end != std::string_view::npos;
             line_end = head.find("\r\n")) {
            head.remove_prefix(line_end + 2);
            auto line = head.substr(0, head.find("\r\n"));
            auto colon = line.find(": ");
            std::string name(line.substr(0, colon));
            for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            answer.headers[name] = line.substr(colon + 2);
        }
    }

    int socket_;
    std::string received_;
};

// A whole request with a Content-Length.
inline std::string RawRequest(const std::string& method, const std::string& path,
                              const std::string& body = "", const std::string& more_headers = "") {
    return method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + more_headers +
           (body.empty() && method == "GET" ? ""
                                            : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
           "\r\n" + body;
}

}  // namespace citadel::testing
