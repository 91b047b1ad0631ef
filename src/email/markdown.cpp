#include "email/markdown.h"

#include <cmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "email/values.h"

namespace citadel::email {
namespace {

constexpr std::array<std::string_view, 6> kPlaceholders = {"customer_name",  "amount",        "update_url",
                                                           "invoice_number", "merchant_name", "attempt"};
constexpr std::string_view kUpdateUrl = "{{update_url}}";

struct Free {
    void operator()(cmark_node* node) const { cmark_node_free(node); }
    void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};
using Document = std::unique_ptr<cmark_node, Free>;

Document Parse(std::string_view body) {
    Document document(
        cmark_parse_document(body.data(), body.size(), CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8));
    // A text with underscores comes in pieces; a placeholder has to be whole.
    cmark_consolidate_text_nodes(document.get());
    return document;
}

std::string_view Literal(cmark_node* node) {
    auto text = cmark_node_get_literal(node);
    return text ? text : "";
}

std::string_view Target(cmark_node* node) {
    auto url = cmark_node_get_url(node);
    return url ? url : "";
}

// Calls visit(event, node) for the whole tree, without recursion: nesting may be as deep as it likes.
template <typename Visit>
void Walk(cmark_node* root, Visit visit) {
    std::unique_ptr<cmark_iter, Free> iterator(cmark_iter_new(root));
    for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(iterator.get())) {
        visit(event, cmark_iter_get_node(iterator.get()));
    }
}

std::optional<OwnTextFault> FindUnknownPlaceholder(std::string_view text) {
    for (auto begin = text.find("{{"); begin != text.npos; begin = text.find("{{", begin)) {
        auto end = text.find("}}", begin);
        auto name = text.substr(begin + 2, end == text.npos ? text.npos : end - begin - 2);
        if (end == text.npos || std::ranges::find(kPlaceholders, name) == kPlaceholders.end()) {
            return OwnTextFault{"placeholder_unknown",
                                fmt::format("{{{{{}}}}} is no placeholder; there are {{{{customer_name}}}}, "
                                            "{{{{amount}}}}, {{{{update_url}}}}, {{{{invoice_number}}}}, "
                                            "{{{{merchant_name}}}} and {{{{attempt}}}}",
                                            OneLine(name, 40))};
        }
        begin = end + 2;
    }
    return std::nullopt;
}

std::optional<OwnTextFault> FindBadLink(std::string_view body) {
    std::optional<OwnTextFault> fault;
    auto document = Parse(body);
    Walk(document.get(), [&fault](cmark_event_type event, cmark_node* node) {
        auto type = cmark_node_get_type(node);
        bool leads = type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE;
        if (event != CMARK_EVENT_ENTER || !leads || fault) return;
        auto target = Target(node);
        bool update = type == CMARK_NODE_LINK && target == kUpdateUrl;
        if (update || (target.starts_with("https://") && IsSafeLink(target))) return;
        fault = OwnTextFault{"link_not_https", fmt::format("links and pictures lead to https addresses or to "
                                                           "{{{{update_url}}}}, not to \"{}\"",
                                                           OneLine(target, 60))};
    });
    return fault;
}

// Writes HTML and plain text side by side.
class Writer {
  public:
    explicit Writer(const PlaceholderValues& values) : values_(values) {}

    void Visit(cmark_event_type event, cmark_node* node) {
        bool enter = event == CMARK_EVENT_ENTER;
        switch (cmark_node_get_type(node)) {
            case CMARK_NODE_TEXT: Text(Literal(node)); break;
            case CMARK_NODE_HTML_INLINE: Text(Literal(node)); break;
            case CMARK_NODE_HTML_BLOCK: Block(Literal(node), "p", kParagraph); break;
            case CMARK_NODE_CODE_BLOCK: Block(Literal(node), "pre", kCodeBlock); break;
            case CMARK_NODE_CODE:
                out_.html += "<code>";
                Text(Literal(node));
                out_.html += "</code>";
                break;
            case CMARK_NODE_SOFTBREAK: Break("\n", " "); break;
            case CMARK_NODE_LINEBREAK: Break("<br>\n", "\n"); break;
            case CMARK_NODE_STRONG: Tag(enter, "strong", ""); break;
            case CMARK_NODE_EMPH: Tag(enter, "em", ""); break;
            case CMARK_NODE_LINK: Link(enter, Target(node)); break;
            case CMARK_NODE_IMAGE: Image(enter, node); break;
            case CMARK_NODE_PARAGRAPH: Paragraph(enter, node); break;
            case CMARK_NODE_HEADING: Heading(enter, cmark_node_get_heading_level(node)); break;
            case CMARK_NODE_LIST: List(enter, node); break;
            case CMARK_NODE_ITEM: Item(enter); break;
            case CMARK_NODE_BLOCK_QUOTE: Tag(enter, "blockquote", kQuote); break;
            case CMARK_NODE_THEMATIC_BREAK:
                out_.html += "<hr style=\"border:0; border-top:1px solid #d9dee4; margin:0 0 16px;\">\n";
                out_.text += "----\n\n";
                break;
            default: break;
        }
    }

    Rendered Take() {
        while (out_.text.ends_with('\n')) out_.text.pop_back();
        return std::move(out_);
    }

  private:
    static constexpr const char* kParagraph = "margin:0 0 16px;";
    static constexpr const char* kCodeBlock = "margin:0 0 16px; white-space:pre-wrap;";
    static constexpr const char* kBareLink = "color:#1f2933; word-break:break-all;";
    static constexpr int kNoNumber = -1;
    static constexpr const char* kQuote =
        "margin:0 0 16px; padding-left:12px; border-left:3px solid #d9dee4;";

    void Text(std::string_view text) {
        auto filled = FillPlaceholders(text, values_);
        out_.text += filled;
        if (picture_) {
            picture_alt_ += filled;
            return;
        }
        auto url = SafeTarget(kUpdateUrl);
        for (auto at = text.find(kUpdateUrl); at != text.npos && !in_link_ && !url.empty();
             at = text.find(kUpdateUrl)) {
            out_.html += EscapeHtml(FillPlaceholders(text.substr(0, at), values_));
            out_.html += fmt::format("<a href=\"{0}\" style=\"{1}\">{0}</a>", EscapeHtml(url), kBareLink);
            text.remove_prefix(at + kUpdateUrl.size());
        }
        out_.html += EscapeHtml(FillPlaceholders(text, values_));
    }
    void Break(std::string_view html, std::string_view text) {
        if (!picture_) out_.html += html;
        out_.text += text;
    }
    void Block(std::string_view text, std::string_view tag, const char* style) {
        Tag(true, tag, style);
        Text(text);
        Tag(false, tag, "");
        out_.html += "\n";
        out_.text += "\n\n";
    }
    void Tag(bool enter, std::string_view tag, std::string_view style) {
        if (picture_) return;
        if (!enter) out_.html += fmt::format("</{}>", tag);
        else if (style.empty()) out_.html += fmt::format("<{}>", tag);
        else out_.html += fmt::format("<{} style=\"{}\">", tag, style);
    }
    std::string SafeTarget(std::string_view target) const {
        auto value = values_.find("update_url");
        auto url = target == kUpdateUrl && value != values_.end() ? value->second : std::string(target);
        return IsSafeLink(url) ? url : std::string();
    }
    void Link(bool enter, std::string_view target) {
        auto url = SafeTarget(target);
        in_link_ = enter;
        if (!enter && !url.empty()) out_.text += fmt::format(" ({})", url);
        if (picture_) return;
        if (!enter) out_.html += "</a>";
        else if (url.empty()) out_.html += "<a>";
        else out_.html += fmt::format("<a href=\"{}\" style=\"color:#1f2933;\">", EscapeHtml(url));
    }
    void Image(bool enter, cmark_node* node) {
        auto url = SafeTarget(Target(node));
        if (enter) {
            ++picture_;
            return;
        }
        if (--picture_) return;
        if (!url.empty()) {
            out_.html += fmt::format("<img src=\"{}\" alt=\"{}\" style=\"max-width:100%; height:auto;\">",
                                     EscapeHtml(url), EscapeHtml(picture_alt_));
        }
        picture_alt_.clear();
    }
    void Paragraph(bool enter, cmark_node* node) {
        // In a tight list the items are their own paragraphs.
        auto list = cmark_node_parent(cmark_node_parent(node));
        bool tight = list && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list);
        if (!tight) Tag(enter, "p", kParagraph);
        if (enter) return;
        out_.html += "\n";
        out_.text += tight ? "\n" : "\n\n";
    }
    void Heading(bool enter, int level) {
        auto tag = fmt::format("h{}", level);
        Tag(enter, tag,
            level == 1 ? "margin:0 0 16px; font-size:22px; line-height:1.3;"
                       : "margin:0 0 12px; font-size:18px; line-height:1.3;");
        if (enter) return;
        out_.html += "\n";
        out_.text += "\n\n";
    }
    void List(bool enter, cmark_node* node) {
        bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
        Tag(enter, ordered ? "ol" : "ul", "margin:0 0 16px; padding-left:24px;");
        out_.html += "\n";
        if (enter) {
            next_numbers_.push_back(ordered ? cmark_node_get_list_start(node) : kNoNumber);
            return;
        }
        next_numbers_.pop_back();
        out_.text += "\n";
    }
    void Item(bool enter) {
        Tag(enter, "li", "");
        if (!enter) return;
        auto& number = next_numbers_.back();
        out_.text += number == kNoNumber ? std::string("- ") : fmt::format("{}. ", number++);
    }

    const PlaceholderValues& values_;
    Rendered out_;
    int picture_ = 0;  // depth: inside a picture everything is its text
    std::string picture_alt_;
    bool in_link_ = false;
    std::vector<int> next_numbers_;  // of the lists we are in, outermost first
};

}  // namespace

std::optional<OwnTextFault> CheckOwnText(const OwnText& text) {
    auto subject = OneLine(text.subject, kOwnSubjectBytesMax);
    if (subject.empty()) return OwnTextFault{"subject_missing", "subject must be a text that is not empty"};
    if (text.subject.size() > kOwnSubjectBytesMax) {
        return OwnTextFault{"template_too_long",
                            fmt::format("subject has at most {} bytes", kOwnSubjectBytesMax)};
    }
    if (text.subject.find_first_of("\r\n") != text.subject.npos) {
        return OwnTextFault{"subject_invalid", "subject is one line"};
    }
    if (OneLine(text.body, 10).empty()) {
        return OwnTextFault{"body_missing", "body must be a text that is not empty"};
    }
    if (text.body.size() > kOwnBodyBytesMax) {
        return OwnTextFault{"template_too_long", fmt::format("body has at most {} bytes", kOwnBodyBytesMax)};
    }
    if (text.body.find('\0') != text.body.npos || text.subject.find('\0') != text.subject.npos) {
        return OwnTextFault{"template_invalid", "a text has no NUL characters"};
    }
    if (auto fault = FindUnknownPlaceholder(text.subject)) return fault;
    if (auto fault = FindUnknownPlaceholder(text.body)) return fault;
    return FindBadLink(text.body);
}

Rendered RenderMarkdown(std::string_view body, const PlaceholderValues& values) {
    auto document = Parse(body);
    Writer writer(values);
    Walk(document.get(), [&writer](cmark_event_type event, cmark_node* node) { writer.Visit(event, node); });
    auto rendered = writer.Take();
    rendered.has_update_link = body.find(kUpdateUrl) != body.npos;
    return rendered;
}

std::string FillPlaceholders(std::string_view text, const PlaceholderValues& values) {
    std::string filled;
    for (;;) {
        auto begin = text.find("{{");
        auto end = begin == text.npos ? text.npos : text.find("}}", begin);
        if (end == text.npos) return filled += text;
        auto value = values.find(text.substr(begin + 2, end - begin - 2));
        if (value == values.end()) {
            filled += text.substr(0, begin + 2);
            text.remove_prefix(begin + 2);
            continue;
        }
        filled += text.substr(0, begin);
        filled += value->second;
        text.remove_prefix(end + 2);
    }
}

}  // namespace citadel::email
