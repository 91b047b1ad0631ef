#include "api/docs_page.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace citadel::api {

namespace json = boost::json;

const char* const kDocsStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff}code,pre{font:14px/1.4 ui-monospace,monospace}h2{margin-top:3rem;border-bottom:1px "
    "solid #d0d7de}"
    "h3{margin:2rem 0 "
    ".2rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "padding:.2rem .8rem .2rem 0;border-bottom:1px solid #eaeef2}.who{color:#57606a}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}h2{border-color:#30363d}"
    "td,th{border-color:#21262d}.who{color:#8b949e}a{color:#58a6ff}}";

namespace {

std::string Escape(std::string_view text) {
    std::string out;
    bool code = false;  // between two backquotes
    for (char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '`':
                out += code ? "</code>" : "<code>";
                code = !code;
                break;
            default: out += c;
        }
    }
    return code ? out + "</code>" : out;
}

std::string TextAt(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string LastOf(const std::string& reference) { return reference.substr(reference.rfind('/') + 1); }

// A schema in a few words: a link to a named one, or its type and bounds.
std::string Describe(const json::object& schema) {
    auto reference = TextAt(schema, "$ref");
    if (!reference.empty()) return fmt::format("<a href=\"#{0}\">{0}</a>", Escape(LastOf(reference)));
    if (const auto* choices = schema.if_contains("oneOf")) {
        std::string text;
        for (const auto& choice : choices->as_array())
            text += (text.empty() ? "" : " or ") + Describe(choice.as_object());
        return text;
    }
    if (const auto* values = schema.if_contains("enum")) {
        std::string text;
        for (const auto& value : values->as_array()) {
            auto name = value.is_string() ? std::string(value.get_string()) : std::string("null");
            text += (text.empty() ? "" : ", ") + ("<code>" + Escape(name) + "</code>");
        }
        return text;
    }
    const auto* type = schema.if_contains("type");
    std::string name = "anything";
    if (type && type->is_string()) name = std::string(type->get_string());
    if (type && type->is_array()) name = std::string(type->get_array().at(0).as_string()) + " or null";
    if (const auto* items = schema.if_contains("items")) name = "list of " + Describe(items->as_object());
    auto format = TextAt(schema, "format");
    return format.empty() || format == "int64" ? name : name + ", " + Escape(format);
}

std::string Properties(const json::object& schema) {
    const auto* properties = schema.if_contains("properties");
    if (!properties) return "<p>" + Describe(schema) + "</p>";
    std::string rows;
    for (const auto& [name, value] : properties->as_object()) {
        const auto& property = value.as_object();
        rows += fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                            Escape({name.data(), name.size()}), Describe(property),
                            Escape(TextAt(property, "description")));
    }
    return "<table>" + rows + "</table>";
}

std::string WhoOf(const json::object& operation) {
    std::string who;
    for (const auto& requirement : operation.at("security").as_array()) {
        for (const auto& [name, scopes] : requirement.as_object()) {
            if (name == "clerkBearer") who += "merchant";
            if (name == "workerSecret") who += "worker";
            if (name == "adminKey") who += "admin";
        }
    }
    return who.empty() ? "public" : who;
}

std::string Parameters(const json::object& operation, const json::object& components) {
    const auto* parameters = operation.if_contains("parameters");
    if (!parameters) return "";
    std::string rows;
    for (const auto& item : parameters->as_array()) {
        auto reference = TextAt(item.as_object(), "$ref");
        const auto& parameter = reference.empty()
                                    ? item.as_object()
                                    : components.at("parameters").at(LastOf(reference)).as_object();
        rows += fmt::format(
            "<tr><td><code>{}</code> <span class=\"who\">{}</span></td><td>{}</td><td>{}</td></tr>",
            Escape(TextAt(parameter, "name")), Escape(TextAt(parameter, "in")),
            Describe(parameter.at("schema").as_object()), Escape(TextAt(parameter, "description")));
    }
    return "<table>" + rows + "</table>";
}

std::string ContentOf(const json::object& message) {
    const auto* content = message.if_contains("content");
    if (!content) return "";
    std::string text;
    for (const auto& [media, body] : content->as_object())
        text += " " + Describe(body.at("schema").as_object());
    return text;
}

std::string Answers(const json::object& operation, const json::object& components) {
    std::string rows;
    for (const auto& [status, item] : operation.at("responses").as_object()) {
        auto reference = TextAt(item.as_object(), "$ref");
        const auto& answer = reference.empty() ? item.as_object()
                                               : components.at("responses").at(LastOf(reference)).as_object();
        rows +=
            fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", Escape({status.data(), status.size()}),
                        ContentOf(answer), Escape(TextAt(answer, "description")));
    }
    return "<table>" + rows + "</table>";
}

std::string Operation(std::string_view path, std::string_view method, const json::object& operation,
                      const json::object& components) {
    std::string verb(method);
    for (char& c : verb) c = static_cast<char>(c - ('a' - 'A'));
    auto text = fmt::format("<h3><code>{} {}</code></h3><p>{} <span class=\"who\">{}</span></p>", verb,
                            Escape(path), Escape(TextAt(operation, "summary")), WhoOf(operation));
    auto description = TextAt(operation, "description");
    if (!description.empty()) text += "<p>" + Escape(description) + "</p>";
    text += Parameters(operation, components);
    if (const auto* body = operation.if_contains("requestBody"))
        text += "<p>Body:" + ContentOf(body->as_object()) + "</p>";
    return text + Answers(operation, components);
}

}  // namespace

std::string MakeDocsPage(const json::value& document) {
    const auto& root = document.as_object();
    const auto& info = root.at("info").as_object();
    const auto& components = root.at("components").as_object();
    auto title = Escape(TextAt(info, "title"));
    auto page = fmt::format(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>{0}: API</title><style>{1}</style><h1>{0}: API</h1><p>{2}</p>"
        "<p>The same for machines: <a href=\"/openapi.json\">/openapi.json</a></p>",
        title, kDocsStyle, Escape(TextAt(info, "description")));
    for (const auto& tag : root.at("tags").as_array()) {
        auto name = TextAt(tag.as_object(), "name");
        page += "<h2>" + Escape(name) + "</h2>";
        for (const auto& [path, methods] : root.at("paths").as_object()) {
            for (const auto& [method, operation] : methods.as_object()) {
                if (operation.at("tags").at(0).as_string() != name) continue;
                page += Operation({path.data(), path.size()}, {method.data(), method.size()},
                                  operation.as_object(), components);
            }
        }
    }
    page += "<h2>Schemas</h2>";
    for (const auto& [name, schema] : components.at("schemas").as_object()) {
        std::string id = Escape({name.data(), name.size()});
        page += fmt::format("<h3 id=\"{0}\">{0}</h3>", id) + Properties(schema.as_object());
    }
    return page + "</html>\n";
}

}  // namespace citadel::api
