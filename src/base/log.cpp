#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <stdexcept>

namespace citadel::log {
namespace {

bool json_format = false;

std::shared_ptr<spdlog::logger> Logger() {
    static auto logger = [] {
        auto made =
            std::make_shared<spdlog::logger>("citadel", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made->set_level(spdlog::level::info);
        return made;
    }();
    return logger;
}

std::string Quoted(std::string_view text) {
    std::string out = "\"";
    for (unsigned char c : text) {
        if (c == '"' || c == '\\') out += '\\', out += static_cast<char>(c);
        else if (c == '\n') out += "\\n";
        else if (c < 0x20) out += fmt::format("\\u{:04x}", c);
        else out += static_cast<char>(c);
    }
    return out + "\"";
}

std::string Render(const Value& value, bool quote_always) {
    if (auto text = std::get_if<std::string_view>(&value)) {
        bool plain = text->find_first_of(" \"\\\n\t=") == std::string_view::npos && !text->empty();
        return quote_always || !plain ? Quoted(*text) : std::string(*text);
    }
    if (auto number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
    if (auto number = std::get_if<double>(&value)) return fmt::format("{:.3f}", *number);
    return std::get<bool>(value) ? "true" : "false";
}

void Write(spdlog::level::level_enum level, std::string_view event, Fields fields) {
    auto logger = Logger();
    if (!logger->should_log(level)) return;
    std::string line;
    if (json_format) {
        line = fmt::format("\"event\":{}", Quoted(event));
        for (const auto& field : fields) {
            line += fmt::format(",{}:{}", Quoted(field.name), Render(field.value, true));
        }
    } else {
        line = std::string(event);
        for (const auto& field : fields)
            line += fmt::format(" {}={}", field.name, Render(field.value, false));
    }
    logger->log(level, "{}", line);
}

}  // namespace

void Configure(std::string_view level, std::string_view format) {
    auto parsed = spdlog::level::from_str(std::string(level));
    if (parsed == spdlog::level::off && level != "off") {
        throw std::invalid_argument(
            fmt::format("LOG_LEVEL must be trace, debug, info, warn, error or off; got \"{}\"", level));
    }
    if (format != "json" && format != "text") {
        throw std::invalid_argument(fmt::format("LOG_FORMAT must be json or text; got \"{}\"", format));
    }
    json_format = format == "json";
    auto utc = spdlog::pattern_time_type::utc;
    if (json_format) Logger()->set_pattern("{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\",%v}", utc);
    else Logger()->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", utc);
    Logger()->set_level(parsed);
}

void Debug(std::string_view event, Fields fields) { Write(spdlog::level::debug, event, fields); }
void Info(std::string_view event, Fields fields) { Write(spdlog::level::info, event, fields); }
void Warn(std::string_view event, Fields fields) { Write(spdlog::level::warn, event, fields); }
void Error(std::string_view event, Fields fields) { Write(spdlog::level::err, event, fields); }

}  // namespace citadel::log
