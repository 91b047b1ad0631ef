// The parameters of a call as Stripe takes them: form-encoded pairs with bracketed names, in the body
// of a POST and in the query otherwise. Lists come as x[]=, x[0]= or both.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/message.h"
#include "stripe_sim/objects.h"

namespace citadel::stripe_sim {

class Params {
  public:
    Params() = default;
    explicit Params(std::vector<http::Header> pairs) : pairs_(std::move(pairs)) {}

    // By full name, "invoice_settings[default_payment_method]". Absent: nullopt; unset: an empty text.
    std::optional<std::string> Text(std::string_view name) const;
    std::string TextOr(std::string_view name, std::string_view otherwise = {}) const;
    std::string Required(std::string_view name) const;
    // These throw ApiError for a value of another type.
    std::optional<bool> Flag(std::string_view name) const;
    std::optional<std::int64_t> Number(std::string_view name) const;
    std::vector<std::string> List(std::string_view name) const;
    // As Text(), but another value than these is refused; an empty one counts as absent.
    std::optional<std::string> OneOf(std::string_view name,
                                     std::initializer_list<std::string_view> values) const;
    // Unix seconds.
    std::optional<Time> Moment(std::string_view name) const;
    // items[0][price]=a or items[][price]=a: one Params for each element, by its members' names.
    std::vector<Params> Rows(std::string_view name) const;
    // product_data[name]=a: the members of one hash.
    Params Nested(std::string_view name) const;
    // metadata[key]=value; an empty value asks for the key's removal, "metadata=" (an empty key here) for
    // that of all.
    Metadata Members(std::string_view name) const;
    // Whether any name contains `part`, such as "[quantity]".
    bool Mentions(std::string_view part) const;
    // Whether `time` satisfies created=, created[gt], [gte], [lt], [lte].
    bool InRange(std::string_view name, Time time) const;

    // The name as the caller wrote it, for messages: that of an element's member begins with the list's.
    std::string FullName(std::string_view name) const;
    // Throws ApiError for the first name that is not in `allowed`, a text of names between spaces.
    // "metadata" allows all its members, "items[][price]" that member of every element only.
    void AllowOnly(std::string_view allowed) const;
    // The same text for the same parameters in any order.
    std::string Canonical() const;

  private:
    std::vector<http::Header> pairs_;
    std::string prefix_;  // of an element: "items[0]"
};

}  // namespace citadel::stripe_sim
