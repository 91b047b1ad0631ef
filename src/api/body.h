// A request's JSON body, read strictly: an object with the members that are named, each of its type, and none
// besides. What is wrong is told by name (400).
#pragma once
#include <boost/json/object.hpp>

#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace citadel::api {

// The caller's mistake; answered 400 where the request is owned (api/access).
class BadInput : public std::runtime_error {
  public:
    BadInput(std::string code, const std::string& detail)
        : std::runtime_error(detail), code_(std::move(code)) {}
    const std::string& code() const { return code_; }

  private:
    std::string code_;
};

class Body {
  public:
    // No body at all is an empty object. Throws BadInput for what is no JSON object, and for a member that is
    // neither in `members` nor, with its own code, in `read_only`.
    Body(const http::Request& request, std::initializer_list<std::string_view> members,
         std::initializer_list<std::string_view> read_only = {});

    bool Has(std::string_view name) const { return object_.contains(name); }
    // All throw BadInput for another type, or a value out of bounds. Nothing: the member is not there.
    // A text is at most `bytes_max` long and has no control characters; lines and tabs only where they are
    // allowed.
    std::optional<std::string> Text(std::string_view name, std::size_t bytes_max = 1000,
                                    bool lines = false) const;
    std::optional<bool> Flag(std::string_view name) const;
    std::optional<std::int64_t> Number(std::string_view name, std::int64_t least, std::int64_t most) const;
    std::optional<std::vector<std::string>> Texts(std::string_view name) const;
    std::optional<Body> Object(std::string_view name, std::initializer_list<std::string_view> members) const;

    std::string NeedText(std::string_view name, std::size_t bytes_max = 1000) const;
    bool NeedFlag(std::string_view name) const;
    std::int64_t NeedNumber(std::string_view name, std::int64_t least, std::int64_t most) const;

  private:
    Body(boost::json::object object, std::string path) : object_(std::move(object)), path_(std::move(path)) {}
    void RefuseOthers(std::initializer_list<std::string_view> members,
                      std::initializer_list<std::string_view> read_only) const;
    const boost::json::value* Find(std::string_view name) const;
    std::string PathOf(std::string_view name) const { return path_ + std::string(name); }

    boost::json::object object_;
    std::string path_;  // "recovered." within the member of that name
};

// The code of every BadInput about a member that is there and wrong, or missing.
inline constexpr const char* kInvalidMember = "invalid_member";
[[noreturn]] void RefuseMember(std::string_view name, std::string_view expected);

}  // namespace citadel::api
