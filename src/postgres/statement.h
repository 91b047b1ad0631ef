// Named SQL, its parameters and its answer. Parameters and results travel as text; times as
// microseconds since 1970 (see kMicros in store/), so no session setting changes their meaning.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace citadel::postgres {

// The name is what logs and metrics show; the text is whole and never put together from input.
struct Statement {
    std::string name;
    std::string sql;
};

using Param = std::optional<std::string>;

class Params {
  public:
    Params& Text(std::string_view value) { return Push(std::string(value)); }
    Params& TextOrNull(std::string_view value);  // empty becomes null
    Params& Int(std::int64_t value) { return Push(std::to_string(value)); }
    Params& At(Time value);                        // as microseconds since 1970
    Params& Array(std::span<const Param> values);  // a one-dimensional array literal
    Params& Null();

    const std::vector<Param>& values() const { return values_; }

  private:
    Params& Push(std::string value);
    std::vector<Param> values_;
};

struct Query {
    const Statement* statement;
    Params params;
};

// Rows of one answer. Column indexes are those of the select list; reading a wrong type is our own
// mistake and ends the program (Check).
class Rows {
  public:
    explicit Rows(std::shared_ptr<void> result);
    int size() const { return rows_; }
    bool empty() const { return rows_ == 0; }
    bool IsNull(int row, int column) const;
    std::string Text(int row, int column) const;  // null is ""
    std::int64_t Int(int row, int column) const;  // null is 0
    bool Bool(int row, int column) const { return Text(row, column) == "t"; }
    Time At(int row, int column) const { return Time(Duration(Int(row, column))); }
    std::optional<Time> MaybeAt(int row, int column) const;
    std::int64_t affected() const;

  private:
    std::shared_ptr<void> result_;  // a PGresult
    int rows_ = 0;
};

// An SQL error with its state, as text "23505: …"; definite: the statement was rolled back.
bool IsTransient(std::string_view sqlstate);  // may succeed when simply done again

}  // namespace citadel::postgres
