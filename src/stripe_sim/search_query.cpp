#include "stripe_sim/search_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "stripe_sim/api_error.h"

namespace citadel::stripe_sim {
namespace {

[[noreturn]] void Refuse(const std::string& why) {
    throw BadParameter("", "We were unable to parse your search query. " + why, "query");
}

// Reads the text from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) { SkipSpace(); }

    bool done() const { return rest_.empty(); }
    bool Take(std::string_view token) {
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        SkipSpace();
        return true;
    }
    // A word in capitals or not, as Stripe takes AND and OR.
    bool TakeWord(std::string_view word) {
        auto front = rest_.substr(0, word.size());
        bool same = front.size() == word.size() && std::ranges::equal(front, word, {}, Upper);
        if (!same || (rest_.size() > word.size() && rest_[word.size()] != ' ')) return false;
        rest_.remove_prefix(word.size());
        SkipSpace();
        return true;
    }
    // Letters, digits, '_', '.' and '-'.
    std::string Word() {
        auto end = std::ranges::find_if_not(rest_, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c == '.' || c == '-';
        });
        std::string word(rest_.begin(), end);
        rest_.remove_prefix(word.size());
        SkipSpace();
        return word;
    }
    std::string Quoted() {
        char quote = rest_.empty() ? '\0' : rest_.front();
        if (quote != '"' && quote != '\'') Refuse("A value in quotes was expected.");
        std::string text;
        std::size_t at = 1;
        for (; at < rest_.size() && rest_[at] != quote; ++at) {
            if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
            text += rest_[at];
        }
        if (at >= rest_.size()) Refuse("A quote is not closed.");
        rest_.remove_prefix(at + 1);
        SkipSpace();
        return text;
    }
    bool AtQuote() const { return !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\''); }

  private:
    static char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
    void SkipSpace() {
        while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
    }
    std::string_view rest_;
};

bool IsListedIn(std::string_view names, std::string_view wanted) {
    auto padded = fmt::format(" {} ", names);
    return padded.find(fmt::format(" {} ", wanted)) != std::string::npos;
}

std::string TakeOperator(Reader& reader) {
    for (auto op : {">=", "<=", ":", "~", ">", "<"}) {
        if (reader.Take(op)) return op;
    }
    Refuse("An operator was expected: one of : ~ > < >= <=.");
}

std::optional<std::int64_t> AsNumber(std::string_view text) {
    std::int64_t number = 0;
    auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

bool Compare(std::int64_t left, std::string_view op, std::int64_t right) {
    if (op == ">") return left > right;
    if (op == "<") return left < right;
    if (op == ">=") return left >= right;
    if (op == "<=") return left <= right;
    return left == right;
}

std::string Lower(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return lower;
}

}  // namespace

SearchQuery::SearchQuery(std::string_view text, std::string_view fields) {
    Reader reader(text);
    if (reader.done()) Refuse("The query is empty.");
    for (;;) {
        Condition condition;
        condition.negated = reader.Take("-");
        condition.field = reader.Word();
        if (condition.field == "metadata") {
            if (!reader.Take("[")) Refuse("Metadata is searched as metadata[\"key\"].");
            condition.key = reader.Quoted();
            if (!reader.Take("]")) Refuse("A bracket is not closed.");
        } else if (!IsListedIn(fields, condition.field)) {
            throw BadParameter(
                "",
                fmt::format("Field `{}` is an unsupported search field for this resource.", condition.field),
                "query");
        }
        condition.op = TakeOperator(reader);
        bool quoted = reader.AtQuote();
        condition.value = quoted ? reader.Quoted() : reader.Word();
        if (!quoted && condition.value.empty()) Refuse("A value was expected.");
        condition.null = condition.value == "null";
        conditions_.push_back(std::move(condition));
        if (reader.done()) return;
        bool any = reader.TakeWord("OR");
        if (!any && !reader.TakeWord("AND")) any = any_;  // two conditions side by side: joined as the others
        if (conditions_.size() > 1 && any != any_) Refuse("AND and OR cannot be mixed.");
        any_ = any;
    }
}

bool SearchQuery::Holds(const Condition& condition, const json::object& object) {
    const auto* value = object.if_contains(condition.field);
    if (value && !condition.key.empty()) {
        value = value->is_object() ? value->get_object().if_contains(condition.key) : nullptr;
    }
    bool absent = !value || value->is_null();
    if (condition.null || absent) return condition.null && absent;
    if (value->is_int64()) {
        auto wanted = AsNumber(condition.value);
        return wanted && Compare(value->get_int64(), condition.op, *wanted);
    }
    if (value->is_bool()) return condition.value == (value->get_bool() ? "true" : "false");
    if (!value->is_string()) return false;
    auto is = Lower(value->get_string()), wanted = Lower(condition.value);
    return condition.op == "~" ? is.find(wanted) != std::string::npos : is == wanted;
}

bool SearchQuery::Matches(const json::object& object) const {
    auto holds = [&](const Condition& condition) { return Holds(condition, object) != condition.negated; };
    return any_ ? std::ranges::any_of(conditions_, holds) : std::ranges::all_of(conditions_, holds);
}

}  // namespace citadel::stripe_sim
