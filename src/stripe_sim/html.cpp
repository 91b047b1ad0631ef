#include "stripe_sim/html.h"

#include <fmt/format.h>

namespace citadel::stripe_sim {

std::string EscapeHtml(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

http::Reply HtmlPage(int status, std::string_view title, const std::string& content) {
    http::Reply reply;
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.body = fmt::format(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><h1>{0}</h1>{1}</html>",
        EscapeHtml(title), content);
    // The server's own policy lets no form go anywhere; these pages are forms, and lead back to whoever sent
    // one.
    reply.headers.emplace_back("Content-Security-Policy",
                               "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    return reply;
}

}  // namespace citadel::stripe_sim
