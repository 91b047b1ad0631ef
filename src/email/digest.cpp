#include "email/digest.h"

#include <fmt/format.h>

#include <algorithm>

#include "email/digest_words.h"
#include "email/locale.h"
#include "email/values.h"

namespace citadel::email {
namespace {

constexpr std::string_view kInk = "#1f2933";
constexpr std::string_view kLabel = "padding:6px 12px 6px 0; text-align:left; font-weight:normal;";
constexpr std::string_view kFigure = "padding:6px 0 6px 12px; text-align:right; white-space:nowrap;";

template <typename... Args>
std::string Fill(std::string_view words, const Args&... args) {
    return fmt::format(fmt::runtime(words), args...);
}

std::string WrittenDay(const DigestWords& words, std::chrono::sys_days day) {
    std::chrono::year_month_day date(day);
    return Fill(words.day, fmt::arg("day", unsigned(date.day())),
                fmt::arg("month", words.months[unsigned(date.month()) - 1]));
}

// In the region's form where we speak its language, else as in English: words and figures go together.
std::string Written(const DigestContext& context, const Money& money) {
    auto language = DigestWordsFor(context.locale).language;
    return FormatMoney(money, context.locale.starts_with(language) ? context.locale : language);
}

std::string Signed(const DigestContext& context, const Money& money) {
    return (money.minor > 0 ? "+" : "") + Written(context, money);
}

std::string_view CauseIn(const DigestWords& words, std::string_view cause) {
    if (cause == "retry") return words.cause_retry;
    if (cause == "stripe_retry") return words.cause_stripe_retry;
    return cause == "customer_after_mail" ? words.cause_after_letter : words.cause_customer;
}

// Both twins are made of these, so that they cannot drift apart.
struct Table {
    std::vector<std::string> head;  // may be empty
    std::vector<std::vector<std::string>> rows;
};

struct Bar {
    std::string label;
    std::string figure;
    int percent = 0;  // of the longest
};

struct Section {
    std::string heading;
    std::string sentence;  // instead of the rest, where there is none
    Table table;
    std::vector<Bar> bars;
};

Section RecoveredSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    section.heading = words.recovered;
    if (context.recovered.empty()) section.sentence = words.nothing_recovered;
    auto& table = section.table;
    for (auto label : {words.amount, words.invoices, words.week_before, words.change})
        table.head.emplace_back(label);
    for (const auto& sum : context.recovered) {
        const auto& currency = sum.amount.currency;
        table.rows.push_back({Written(context, sum.amount), std::to_string(sum.count),
                              Written(context, Money{sum.minor_before, currency}),
                              Signed(context, Money{sum.amount.minor - sum.minor_before, currency})});
    }
    return section;
}

Section CauseSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    section.heading = words.by_cause;
    section.table.head = {"", std::string(words.invoices), std::string(words.amount)};
    for (const auto& sum : context.causes) {
        section.table.rows.push_back({std::string(CauseIn(words, sum.cause)), std::to_string(sum.count),
                                      Written(context, sum.amount)});
    }
    return section;
}

Section TrendSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    if (context.trend.empty()) return section;
    auto currency = context.trend.front().currency;
    for (char& c : currency) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    section.heading =
        Fill(words.trend, fmt::arg("weeks", context.trend.size()), fmt::arg("currency", currency));
    std::int64_t most = 1;
    for (const auto& week : context.trend) most = std::max(most, week.minor);
    auto weeks_ago = static_cast<int>(context.trend.size());
    for (const auto& week : context.trend) {
        auto day = context.monday - std::chrono::days(7) * --weeks_ago;
        auto share = static_cast<double>(week.minor) / static_cast<double>(most);
        auto percent = week.minor > 0 ? std::max(1, static_cast<int>(share * 100)) : 0;
        section.bars.push_back({WrittenDay(words, day), Written(context, week), percent});
    }
    return section;
}

Section OpenSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    section.heading = words.open;
    if (context.open.empty()) section.sentence = words.nothing_open;
    section.table.head = {std::string(words.amount), std::string(words.invoices)};
    for (const auto& sum : context.open) {
        section.table.rows.push_back({Written(context, sum.amount), std::to_string(sum.count)});
    }
    return section;
}

Section NextSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    if (context.open.empty()) return section;
    section.heading = words.next;
    auto& rows = section.table.rows;
    rows.push_back({std::string(words.planned), std::to_string(context.planned)});
    if (context.next_action && context.planned > 0) {
        rows.push_back({std::string(words.first_planned), WrittenDay(words, *context.next_action)});
    }
    rows.push_back({std::string(words.need_customer), std::to_string(context.need_customer)});
    return section;
}

Section LetterSection(const DigestWords& words, const DigestContext& context) {
    Section section;
    section.heading = words.letters;
    auto add = [&section](std::string_view label, std::int64_t count) {
        section.table.rows.push_back({std::string(label), std::to_string(count)});
    };
    add(words.letters_sent, context.letters_sent);
    add(words.letters_delivered, context.letters_delivered);
    add(words.letters_opened, context.letters_opened);
    add(words.letters_clicked, context.letters_clicked);
    add(words.paid_after_letter, context.paid_after_letter);
    return section;
}

std::vector<Section> SectionsOf(const DigestWords& words, const DigestContext& context) {
    std::vector<Section> sections;
    for (auto make :
         {RecoveredSection, CauseSection, TrendSection, OpenSection, NextSection, LetterSection}) {
        Section section = make(words, context);
        bool empty = section.sentence.empty() && section.table.rows.empty() && section.bars.empty();
        if (!empty) sections.push_back(std::move(section));
    }
    return sections;
}

std::string HtmlTable(const Table& table) {
    std::string html =
        "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"font-size:15px;\">\n";
    auto style = [](std::size_t column) { return column == 0 ? kLabel : kFigure; };
    if (!table.head.empty()) html += "<tr>";
    for (std::size_t i = 0; i < table.head.size(); ++i) {
        html += fmt::format(
            "<th scope=\"col\" style=\"{} color:#52606d; font-weight:normal; font-size:13px;\">{}</th>",
            style(i), EscapeHtml(table.head[i]));
    }
    if (!table.head.empty()) html += "</tr>\n";
    for (const auto& row : table.rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            html += fmt::format("<td style=\"{} border-top:1px solid #d9dee4;\">{}</td>", style(i),
                                EscapeHtml(row[i]));
        }
        html += "</tr>\n";
    }
    return html + "</table>\n";
}

// Every bar is a table of its own within its cell: the one way of drawing that all mail clients share.
std::string HtmlBars(const Section& section, std::string_view color) {
    std::string html = fmt::format(
        "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" aria-label=\"{}\" "
        "style=\"font-size:13px;\">\n",
        EscapeHtml(section.heading));
    for (const auto& bar : section.bars) {
        auto drawn =
            bar.percent == 0
                ? std::string("&nbsp;")
                : fmt::format(
                      "<table role=\"presentation\" width=\"{}%\" cellpadding=\"0\" cellspacing=\"0\" "
                      "border=\"0\"><tr><td height=\"14\" bgcolor=\"{}\" style=\"background-color:{}; "
                      "height:14px; font-size:0; line-height:0;\">&nbsp;</td></tr></table>",
                      bar.percent, color, color);
        html += fmt::format(
            "<tr><th scope=\"row\" style=\"padding:4px 12px 4px 0; text-align:left; font-weight:normal; "
            "white-space:nowrap;\">{}</th><td width=\"100%\">{}</td><td style=\"{}\">{}</td></tr>\n",
            EscapeHtml(bar.label), drawn, kFigure, EscapeHtml(bar.figure));
    }
    return html + "</table>\n";
}

std::string HtmlSection(const Section& section, std::string_view color) {
    auto html = fmt::format("<h2 style=\"margin:28px 0 8px; font-size:17px; line-height:1.3;\">{}</h2>\n",
                            EscapeHtml(section.heading));
    if (!section.sentence.empty()) {
        return html + fmt::format("<p style=\"margin:0;\">{}</p>\n", EscapeHtml(section.sentence));
    }
    return html + (section.bars.empty() ? HtmlTable(section.table) : HtmlBars(section, color));
}

// A color on which white text is easy to read is itself easy to see on white.
std::string BarColor(const std::string& brand) {
    return TextColorOn(brand) == "#ffffff" ? brand : std::string(kInk);
}

std::string Link(std::string_view url, std::string_view words) {
    return fmt::format("<a href=\"{}\" style=\"color:#1f2933;\">{}</a>", EscapeHtml(url), EscapeHtml(words));
}

struct Frame {
    std::string subject, merchant, week, why;
};

Frame FrameOf(const DigestWords& words, const DigestContext& context) {
    Frame frame;
    frame.merchant = OneLine(context.merchant_name);
    if (frame.merchant.empty()) frame.merchant = "The Citadel";
    std::string amounts;
    for (const auto& sum : context.recovered) {
        if (sum.amount.minor > 0) amounts += (amounts.empty() ? "" : ", ") + Written(context, sum.amount);
    }
    auto merchant = fmt::arg("merchant", frame.merchant);
    frame.subject = amounts.empty() ? Fill(words.subject_without, merchant)
                                    : Fill(words.subject, merchant, fmt::arg("amount", amounts));
    frame.week = Fill(words.week, fmt::arg("from", WrittenDay(words, context.monday)),
                      fmt::arg("to", WrittenDay(words, context.monday + std::chrono::days(6))));
    frame.why = Fill(words.why, merchant);
    return frame;
}

std::string HtmlTop(const DigestWords& words, const Frame& frame, const std::string& brand) {
    return fmt::format(R"html(<!DOCTYPE html>
<html lang="{}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>{}</title>
</head>
<body style="margin:0; padding:0; background-color:#f3f4f6;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f3f4f6;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="max-width:560px; background-color:#ffffff; border-top:4px solid {}; border-radius:4px;">
<tr><td style="padding:32px 28px; font-family:Arial,Helvetica,sans-serif; font-size:16px; line-height:1.5;
  color:#1f2933; text-align:left;">
<h1 style="margin:0; font-size:22px; line-height:1.3;">{}</h1>
<p style="margin:4px 0 0; color:#52606d;">{}</p>
)html",
                       words.language, EscapeHtml(frame.subject), brand, EscapeHtml(frame.merchant),
                       EscapeHtml(frame.week));
}

std::string HtmlOf(const DigestWords& words, const Frame& frame, const DigestContext& context,
                   const std::vector<Section>& sections) {
    auto brand = BrandColor(context.brand_color);
    std::string html = HtmlTop(words, frame, brand);
    for (const auto& section : sections) html += HtmlSection(section, BarColor(brand));
    if (!context.dashboard_url.empty()) {
        html += fmt::format("<p style=\"margin:28px 0 0;\">{}</p>\n",
                            Link(context.dashboard_url, words.dashboard));
    }
    html += fmt::format(
        "<p style=\"margin:28px 0 0; padding:16px 0 0; border-top:1px solid #d9dee4; "
        "font-size:14px; color:#52606d;\">{}",
        EscapeHtml(frame.why));
    if (!context.stop_url.empty()) html += "<br>\n" + Link(context.stop_url, words.stop);
    return html + "</p>\n</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n";
}

std::string TextOf(const Section& section) {
    auto text = fmt::format("\n{}\n", section.heading);
    if (!section.sentence.empty()) return text + section.sentence + "\n";
    for (const auto& row : section.table.rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            bool named = i < section.table.head.size() && !section.table.head[i].empty();
            auto cell = named ? fmt::format("{}: {}", section.table.head[i], row[i]) : row[i];
            line += (i == 0 ? "" : section.table.head.empty() ? ": " : "; ") + cell;
        }
        text += line + "\n";
    }
    for (const auto& bar : section.bars) {
        text += fmt::format("{}: {} {}\n", bar.label, std::string((std::size_t(bar.percent) + 4) / 5, '#'),
                            bar.figure);
    }
    return text;
}

std::string TextOf(const DigestWords& words, const Frame& frame, const DigestContext& context,
                   const std::vector<Section>& sections) {
    auto text = fmt::format("{}\n{}\n", frame.merchant, frame.week);
    for (const auto& section : sections) text += TextOf(section);
    if (!context.dashboard_url.empty())
        text += fmt::format("\n{}: {}\n", words.dashboard, context.dashboard_url);
    text += fmt::format("\n--\n{}\n", frame.why);
    if (!context.stop_url.empty()) text += fmt::format("{}: {}\n", words.stop, context.stop_url);
    return text;
}

}  // namespace

bool HasNews(const DigestContext& context) {
    return !context.recovered.empty() || !context.open.empty() || context.letters_sent > 0;
}

Mail RenderDigest(const DigestContext& context) {
    const auto& words = DigestWordsFor(context.locale);
    Frame frame = FrameOf(words, context);
    auto sections = SectionsOf(words, context);
    Mail mail;
    mail.html = HtmlOf(words, frame, context, sections);
    mail.text = TextOf(words, frame, context, sections);
    mail.subject = std::move(frame.subject);
    return mail;
}

}  // namespace citadel::email
