#include "policy/decline_table.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <stdexcept>

#include "base/clock.h"

namespace citadel::policy {
namespace {

constexpr std::size_t kColumns = 8;
constexpr std::string_view kHeading = "input\tcode\tfamily\tsame_card\taction\twait_h\tin_force\tsource";

template <typename Value, std::size_t N>
using Words = std::array<std::pair<std::string_view, Value>, N>;

constexpr Words<DeclineInput, 4> kInputs = {{{"advice_code", DeclineInput::kAdvice},
                                             {"network_advice_code", DeclineInput::kNetworkAdvice},
                                             {"network_decline_code", DeclineInput::kNetworkCode},
                                             {"decline_code", DeclineInput::kDeclineCode}}};
constexpr Words<DeclineFamily, 8> kFamilies = {{{"funds", DeclineFamily::kFunds},
                                                {"vague", DeclineFamily::kVague},
                                                {"technical", DeclineFamily::kTechnical},
                                                {"credential", DeclineFamily::kCredential},
                                                {"authentication", DeclineFamily::kAuthentication},
                                                {"fraud", DeclineFamily::kFraud},
                                                {"never", DeclineFamily::kNever},
                                                {"merchant", DeclineFamily::kMerchant}}};
constexpr Words<SameCard, 3> kSameCards = {
    {{"later", SameCard::kLater}, {"mended", SameCard::kMended}, {"never", SameCard::kNever}}};
constexpr Words<DeclineAction, 9> kActions = {{{"payday", DeclineAction::kPayday},
                                               {"limit", DeclineAction::kLimit},
                                               {"space", DeclineAction::kSpace},
                                               {"soon", DeclineAction::kSoon},
                                               {"ask", DeclineAction::kAsk},
                                               {"new_card", DeclineAction::kNewCard},
                                               {"authenticate", DeclineAction::kAuthenticate},
                                               {"merchant", DeclineAction::kMerchant},
                                               {"stop", DeclineAction::kStop}}};

[[noreturn]] void Refuse(std::size_t line, std::string_view what) {
    throw std::invalid_argument(fmt::format("declines, line {}: {}", line, what));
}

template <typename Value, std::size_t N>
Value Read(const Words<Value, N>& words, std::string_view word, std::size_t line) {
    for (const auto& [name, value] : words) {
        if (name == word) return value;
    }
    Refuse(line, fmt::format("\"{}\" is no word of that column", word));
}

template <typename Value, std::size_t N>
std::string_view Name(const Words<Value, N>& words, Value wanted) {
    for (const auto& [name, value] : words) {
        if (value == wanted) return name;
    }
    return "unknown";
}

std::array<std::string_view, kColumns> Split(std::string_view text, std::size_t line) {
    std::array<std::string_view, kColumns> cells;
    for (std::size_t i = 0; i < kColumns; ++i) {
        auto tab = text.find('\t');
        bool last = i + 1 == kColumns;
        if (last != (tab == std::string_view::npos)) Refuse(line, "eight columns are expected");
        cells[i] = text.substr(0, tab);
        if (cells[i].empty()) Refuse(line, "a column is empty");
        if (!last) text.remove_prefix(tab + 1);
    }
    return cells;
}

std::chrono::hours ReadHours(std::string_view text, std::size_t line) {
    int count = -1;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
    bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!whole || count < 0 || count > 24 * 30) Refuse(line, "wait_h must be 0 to 720 hours");
    return std::chrono::hours(count);
}

DeclineRow ReadRow(std::string_view text, std::size_t line) {
    auto cells = Split(text, line);
    DeclineRow row;
    row.input = Read(kInputs, cells[0], line);
    row.code = cells[1];
    row.family = Read(kFamilies, cells[2], line);
    row.same_card = Read(kSameCards, cells[3], line);
    row.action = Read(kActions, cells[4], line);
    row.not_before = ReadHours(cells[5], line);
    row.in_force = cells[6];
    row.source = cells[7];
    if (!ParseTime(std::string(row.in_force) + "T00:00:00Z")) Refuse(line, "in_force must be YYYY-MM-DD");
    bool timed = row.action == DeclineAction::kPayday || row.action == DeclineAction::kLimit ||
                 row.action == DeclineAction::kSpace || row.action == DeclineAction::kSoon;
    if (timed != (row.same_card == SameCard::kLater)) Refuse(line, "same_card and action contradict");
    if (!timed && row.not_before.count() > 0) Refuse(line, "a wait for a card that is not tried again");
    return row;
}

using Key = std::pair<DeclineInput, std::string_view>;

struct Table {
    std::vector<DeclineRow> rows = ParseDeclines(DeclineData());
    std::map<Key, const DeclineRow*> by_code;

    Table() {
        for (const auto& row : rows) by_code[{row.input, row.code}] = &row;
    }
};

// Read on first use; a table that cannot be read would be our own mistake, and the tests read it.
const Table& BuiltIn() {
    static const Table table;
    return table;
}

}  // namespace

std::string_view NameOf(DeclineInput input) { return Name(kInputs, input); }
std::string_view NameOf(DeclineFamily family) { return Name(kFamilies, family); }
std::string_view NameOf(DeclineAction action) { return Name(kActions, action); }

std::vector<DeclineRow> ParseDeclines(std::string_view text) {
    std::vector<DeclineRow> rows;
    std::map<Key, std::size_t> seen;
    bool headed = false;
    for (std::size_t line = 1; !text.empty(); ++line) {
        auto end = text.find('\n');
        auto content = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (content.empty() || content.front() == '#') continue;
        if (!headed) {
            if (content != kHeading) Refuse(line, "the heading is not as expected");
            headed = true;
            continue;
        }
        auto row = ReadRow(content, line);
        auto [earlier, added] = seen.emplace(Key(row.input, row.code), line);
        if (!added) Refuse(line, fmt::format("{} stands in line {} already", row.code, earlier->second));
        rows.push_back(row);
    }
    return rows;
}

std::span<const DeclineRow> DeclineRows() { return BuiltIn().rows; }

const DeclineRow* FindDecline(DeclineInput input, std::string_view code) {
    const auto& table = BuiltIn();
    auto found = table.by_code.find({input, code});
    return found == table.by_code.end() ? nullptr : found->second;
}

}  // namespace citadel::policy
