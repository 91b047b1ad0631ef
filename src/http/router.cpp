#include "http/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace citadel::http {
namespace {

// No segments at all for what does not begin with a slash, as in OPTIONS *.
std::vector<std::string_view> Split(std::string_view path) {
    std::vector<std::string_view> segments;
    if (!path.starts_with('/')) return segments;
    while (!path.empty()) {
        path.remove_prefix(1);  // the leading slash
        auto end = path.find('/');
        segments.emplace_back(path.substr(0, end));
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return segments;
}

bool IsPlaceholder(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::optional<std::vector<std::string>> Match(const std::vector<std::string>& pattern,
                                              const std::vector<std::string_view>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::vector<std::string> captures;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (IsPlaceholder(pattern[i]) && !path[i].empty()) captures.emplace_back(path[i]);
        else if (pattern[i] != path[i]) return std::nullopt;
    }
    return captures;
}

}  // namespace

void Router::Add(std::string method, std::string pattern, Handler handler) {
    auto segments = Split(pattern);
    entries_.push_back({std::move(method), pattern, {segments.begin(), segments.end()}, std::move(handler)});
}

std::vector<std::string> Router::Routes() const {
    std::vector<std::string> routes;
    for (const auto& entry : entries_) routes.push_back(entry.method + " " + entry.pattern);
    return routes;
}

std::string Router::PatternOf(const Request& request) const {
    auto path = Split(request.path);
    for (const auto& entry : entries_) {
        bool method = entry.method == request.method || (request.method == "HEAD" && entry.method == "GET");
        if (method && Match(entry.segments, path)) return entry.pattern;
    }
    return "";
}

bool Router::Knows(std::string_view method) const {
    return method == "HEAD" || std::any_of(entries_.begin(), entries_.end(),
                                           [method](const auto& entry) { return entry.method == method; });
}

boost::asio::awaitable<Reply> Router::Route(Request request) const {
    auto path = Split(request.path);
    std::vector<std::string> allowed;
    for (const auto& entry : entries_) {
        auto captures = Match(entry.segments, path);
        if (!captures) continue;
        bool head = request.method == "HEAD" && entry.method == "GET";
        if (entry.method == request.method || head) {
            request.captures = std::move(*captures);
            Reply reply = co_await entry.handler(std::move(request));
            co_return reply;
        }
        allowed.push_back(entry.method);
    }
    if (allowed.empty() && otherwise_) {
        Reply reply = co_await otherwise_(std::move(request));
        co_return reply;
    }
    if (allowed.empty()) {
        Reply missing = Problem(404, "not_found", "There is nothing at this address; see /openapi.json.");
        co_return missing;
    }
    auto list = fmt::format("{}", fmt::join(allowed, ", "));
    Reply refused = Problem(405, "method_not_allowed", fmt::format("This address takes {}.", list));
    refused.headers.emplace_back("Allow", list);
    co_return refused;
}

}  // namespace citadel::http
