#include "postgres/statement.h"

#include <libpq-fe.h>

#include <charconv>

#include "base/error.h"

namespace citadel::postgres {
namespace {

PGresult* Raw(const std::shared_ptr<void>& result) { return static_cast<PGresult*>(result.get()); }

}  // namespace

Params& Params::Push(std::string value) {
    values_.emplace_back(std::move(value));
    return *this;
}

Params& Params::Null() {
    values_.emplace_back(std::nullopt);
    return *this;
}

Params& Params::TextOrNull(std::string_view value) { return value.empty() ? Null() : Text(value); }

Params& Params::At(Time value) { return Int(value.time_since_epoch().count()); }

Params& Params::Array(std::span<const Param> values) {
    std::string text = "{";
    for (const auto& value : values) {
        if (text.size() > 1) text += ',';
        if (!value) {
            text += "NULL";
            continue;
        }
        text += '"';
        for (char c : *value) {
            if (c == '"' || c == '\\') text += '\\';
            text += c;
        }
        text += '"';
    }
    return Push(text + "}");
}

Rows::Rows(std::shared_ptr<void> result) : result_(std::move(result)), rows_(PQntuples(Raw(result_))) {}

bool Rows::IsNull(int row, int column) const { return PQgetisnull(Raw(result_), row, column) != 0; }

std::string Rows::Text(int row, int column) const {
    return std::string(PQgetvalue(Raw(result_), row, column),
                       static_cast<std::size_t>(PQgetlength(Raw(result_), row, column)));
}

std::int64_t Rows::Int(int row, int column) const {
    if (IsNull(row, column)) return 0;
    auto text = Text(row, column);
    std::int64_t value = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    CITADEL_CHECK(parsed.ec == std::errc() && parsed.ptr == text.data() + text.size(),
                  "the column is an integer");
    return value;
}

std::optional<Time> Rows::MaybeAt(int row, int column) const {
    if (IsNull(row, column)) return std::nullopt;
    return At(row, column);
}

std::int64_t Rows::affected() const {
    std::string_view text = PQcmdTuples(Raw(result_));
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool IsTransient(std::string_view sqlstate) {
    return sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "53300" || sqlstate == "25006" ||
           sqlstate.starts_with("57P0") || sqlstate.starts_with("08");
}

}  // namespace citadel::postgres
