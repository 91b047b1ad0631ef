// Stripe's search query language: `status:"open" AND metadata["k"]:"v" AND -total>100`. A query is a
// list of conditions that are joined by AND, or by OR, never by both.
#pragma once
#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace citadel::stripe_sim {

namespace json = boost::json;

class SearchQuery {
  public:
    // Throws ApiError for what is no query, or names a field that is not among `fields`, a text of names
    // between spaces. "metadata" is always one.
    SearchQuery(std::string_view text, std::string_view fields);

    // Whether an object, as Stripe renders it, is looked for.
    bool Matches(const json::object& object) const;

  private:
    struct Condition {
        bool negated = false;
        std::string field;  // "status", "metadata"
        std::string key;    // of metadata
        std::string op;     // ":", "~", ">", "<", ">=", "<="
        std::string value;
        bool null = false;  // looks for what is not there
    };
    static bool Holds(const Condition& condition, const json::object& object);

    std::vector<Condition> conditions_;
    bool any_ = false;  // joined by OR
};

}  // namespace citadel::stripe_sim
