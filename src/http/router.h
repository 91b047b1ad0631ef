// Method and path to handler. A pattern is a path whose segments may be {placeholders}, each matching
// one segment. No match: what Otherwise was given, or 404; a path known under other methods only: 405 with
// Allow.
#pragma once
#include "http/message.h"

namespace citadel::http {

class Router {
  public:
    void Add(std::string method, std::string pattern, Handler handler);
    // Takes what no pattern matches, whatever its method.
    void Otherwise(Handler handler) { otherwise_ = std::move(handler); }
    boost::asio::awaitable<Reply> Route(Request request) const;

    // "GET /api/tasks/{id}", in the order in which they were added.
    std::vector<std::string> Routes() const;
    // The pattern that takes this request; empty: none does.
    std::string PatternOf(const Request& request) const;
    // Whether any route takes this method.
    bool Knows(std::string_view method) const;

  private:
    struct Entry {
        std::string method;
        std::string pattern;
        std::vector<std::string> segments;
        Handler handler;
    };
    std::vector<Entry> entries_;
    Handler otherwise_;
};

}  // namespace citadel::http
