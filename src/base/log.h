// One line per event: a name from the trade, then named fields. `LOG_FORMAT=json` gives one JSON
// object a line, `text` something to read. Payloads and Secrets never get here: fields are built from
// strings and numbers only. A field points at its text, so a line that is not wanted costs next to nothing.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace citadel::log {

using Value = std::variant<std::string_view, std::int64_t, double, bool>;

struct Field {
    Field(std::string_view key, std::string_view text) : name(key), value(text) {}
    Field(std::string_view key, const std::string& text) : name(key), value(std::string_view(text)) {}
    Field(std::string_view key, const char* text) : name(key), value(std::string_view(text)) {}
    Field(std::string_view key, bool flag) : name(key), value(flag) {}
    Field(std::string_view key, double number) : name(key), value(number) {}
    template <typename Integer>
        requires std::is_integral_v<Integer>
    Field(std::string_view key, Integer number) : name(key), value(static_cast<std::int64_t>(number)) {}

    std::string_view name;
    Value value;
};

using Fields = std::initializer_list<Field>;

// level: trace, debug, info, warn, error, off. Throws std::invalid_argument naming LOG_LEVEL or LOG_FORMAT.
// Logs go to standard error, so that standard output stays the program's answer.
void Configure(std::string_view level, std::string_view format);

void Debug(std::string_view event, Fields fields = {});
void Info(std::string_view event, Fields fields = {});
void Warn(std::string_view event, Fields fields = {});
void Error(std::string_view event, Fields fields = {});

}  // namespace citadel::log
