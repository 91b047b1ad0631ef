// The parameters of a call as Stripe takes them: form-encoded pairs with bracketed names, in the body
// of a POST and in the query otherwise. Lists come as x[]=, x[0]= or both.
#pragma once
#include <cstdint>
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
    // metadata[key]=value; an empty value asks for the key's removal.
    Metadata Members(std::string_view name) const;
    // Whether `time` satisfies created=, created[gt], [gte], [lt], [lte].
    bool InRange(std::string_view name, Time time) const;

    // Throws ApiError for the first name that is not in `allowed`, a text of names between spaces.
    void AllowOnly(std::string_view allowed) const;
    // The same text for the same parameters in any order.
    std::string Canonical() const;

  private:
    std::vector<http::Header> pairs_;
};

}  // namespace citadel::stripe_sim
