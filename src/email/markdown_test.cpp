#include "email/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <regex>

namespace citadel::email {
namespace {

using testing::HasSubstr;
using testing::Not;

const PlaceholderValues kValues = {
    {"customer_name", "Jenny"}, {"amount", "$20.00"},      {"update_url", "https://pay.example/?a=1&b=2"},
    {"invoice_number", "A-7"},  {"merchant_name", "Acme"}, {"attempt", "2"}};

std::string FaultOf(const std::string& body, const std::string& subject = "Hello") {
    auto fault = CheckOwnText({subject, body});
    return fault ? fault->code : "";
}

TEST(CheckOwnText, KnowsTheContractsPlaceholdersAndNoOther) {
    EXPECT_EQ(
        FaultOf(
            "{{customer_name}} {{amount}} {{update_url}} {{invoice_number}} {{merchant_name}} {{attempt}}",
            "{{attempt}} {{merchant_name}}"),
        "");
    for (auto bad : {"{{name}}", "{{ amount }}", "{{AMOUNT}}", "{{}}", "{{amount", "{{{amount}}}", "`{{x}}`",
                     "{{customer_name}}{{#if}}"}) {
        EXPECT_EQ(FaultOf(bad), "placeholder_unknown") << bad;
        EXPECT_EQ(FaultOf("fine", bad), "placeholder_unknown") << bad;
    }
}

TEST(CheckOwnText, LinksAreHttpsOnly) {
    for (auto good : {"[a](https://x.example/p?q=1)", "<https://x.example>", "[a]({{update_url}})",
                      "![logo](https://x.example/l.png)", "[a]: https://x.example\n\n[a]"}) {
        EXPECT_EQ(FaultOf(good), "") << good;
    }
    for (auto bad : {"[a](http://x.example)", "[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))",
                     "[a](data:text/html,x)", "<mailto:a@b.example>", "[a](//x.example)", "[a](x)", "[a]()",
                     "[a](&#106;avascript:alert(1))", "![p](http://x.example/p.png)", "![p]({{update_url}})",
                     "[a](https://u@x.example)", "[b]: vbscript:x\n\n[b]", "[a]({{merchant_name}})",
                     "[a](https://{{merchant_name}})", "[a]({{update_url}}.evil.example)"}) {
        EXPECT_EQ(FaultOf(bad), "link_not_https") << bad;
    }
}

TEST(CheckOwnText, SizesAreBounded) {
    EXPECT_EQ(FaultOf(std::string(kOwnBodyBytesMax, 'a')), "");
    EXPECT_EQ(FaultOf(std::string(kOwnBodyBytesMax + 1, 'a')), "template_too_long");
    EXPECT_EQ(FaultOf("a", std::string(kOwnSubjectBytesMax + 1, 'a')), "template_too_long");
    EXPECT_EQ(FaultOf(" \n "), "body_missing");
    EXPECT_EQ(FaultOf("a", ""), "subject_missing");
    EXPECT_EQ(FaultOf("a", "b\r\nBcc: x@y.example"), "subject_invalid");
}

TEST(RenderMarkdown, WritesBothParts) {
    auto rendered = RenderMarkdown(
        "# Hi {{customer_name}}\n\nPay **{{amount}}**\nor [here]({{update_url}}).\n\n- one\n- two\n\n3. "
        "c\n4. d",
        kValues);
    EXPECT_THAT(rendered.html, HasSubstr(">Hi Jenny</h1>"));
    EXPECT_THAT(rendered.html, HasSubstr("<strong>$20.00</strong>"));
    EXPECT_THAT(rendered.html, HasSubstr("<a href=\"https://pay.example/?a=1&amp;b=2\""));
    EXPECT_THAT(rendered.html, HasSubstr("<li>one"));
    EXPECT_EQ(rendered.text,
              "Hi Jenny\n\nPay $20.00 or here (https://pay.example/?a=1&b=2).\n\n- one\n- two\n\n3. c\n4. d");
    EXPECT_TRUE(rendered.has_update_link);
}

TEST(RenderMarkdown, ABareUpdateUrlCanBeClicked) {
    EXPECT_THAT(RenderMarkdown("Go to {{update_url}}.", kValues).html,
                HasSubstr("Go to <a href=\"https://pay.example/?a=1&amp;b=2\""));
}

TEST(RenderMarkdown, ValuesAreNeverMarkup) {
    auto values = kValues;
    values["customer_name"] = "<script>x</script> **b** [a](https://evil.example) {{amount}} \" onclick=y";
    auto rendered = RenderMarkdown("{{customer_name}} `{{customer_name}}`\n\n    {{customer_name}}", values);
    EXPECT_THAT(rendered.html, Not(HasSubstr("<script")));
    EXPECT_THAT(rendered.html, Not(HasSubstr("<strong>")));
    EXPECT_THAT(rendered.html, Not(HasSubstr("<a ")));
    EXPECT_THAT(rendered.html, HasSubstr("{{amount}}"));
}

TEST(RenderMarkdown, RawHtmlIsShownAsText) {
    for (auto hostile :
         {"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>",
          "<div\n onmouseover=x>", "</td></tr></table>", "<!-- c -->", "<![CDATA[x]]>", "<style>*{}</style>",
          "![x\" onerror=\"alert(1)](https://x.example)", "[x](https://x.example \"t\" onclick=\"y\")"}) {
        auto html = RenderMarkdown(hostile, kValues).html;
        for (auto tag : {"<script", "<b ", "<div", "</td", "<!", "<style>", "\" onerror", "\" onclick"}) {
            EXPECT_THAT(html, Not(HasSubstr(tag))) << hostile;
        }
        EXPECT_THAT(html, Not(HasSubstr("<img src=x"))) << hostile;
    }
}

TEST(RenderMarkdown, AMebibyteOfAnythingEndsSoonAndBalanced) {
    for (std::string piece :
         {"<script>", ">", "[", "![", "*a **b ", "- ", "`", "{{amount}} ", "<a href=\"", "&lt;"}) {
        std::string body;
        while (body.size() < (1 << 20)) body += piece;
        auto rendered = RenderMarkdown(body, kValues);
        EXPECT_THAT(rendered.html, Not(HasSubstr("<script"))) << piece;
    }
}

// Every tag that is opened is closed, in order, and only tags of ours are there.
bool IsBalanced(const std::string& html) {
    static const std::regex tag(R"re(<(/?)(\w+)((?: (?:style|href|src|alt)="[^"<>]*")*)>)re");
    std::vector<std::string> open;
    std::size_t at = 0;
    for (std::sregex_iterator it(html.begin(), html.end(), tag), end; it != end; ++it) {
        auto between = html.substr(at, static_cast<std::size_t>(it->position()) - at);
        if (between.find_first_of("<>\"") != between.npos) return false;
        at = static_cast<std::size_t>(it->position() + it->length());
        std::string name = (*it)[2];
        if (name == "br" || name == "hr" || name == "img") continue;
        if ((*it)[1].length() == 0) open.push_back(name);
        else if (open.empty() || open.back() != name) return false;
        else open.pop_back();
    }
    return open.empty() && html.find_first_of("<>\"", at) == html.npos;
}

RC_GTEST_PROP(RenderMarkdownProperty, WhateverIsWrittenTheHtmlIsBalancedAndOnlyOurs, ()) {
    const auto piece = rc::gen::element<std::string>(
        "<script>", "</p>", "**", "_", "[", "](", ")", "![", "https://x.example", "javascript:x",
        "{{update_url}}", "{{customer_name}}", "`", "```\n", "> ", "- ", "1. ", "# ", "\n", "\n\n", "    ",
        "\"", "'", "&", "&#60;", "\\", "<!--", "<https://a.example/>", "text", " ", "\xff", "---\n");
    auto body = std::string();
    for (const auto& each : *rc::gen::container<std::vector<std::string>>(piece)) body += each;
    auto values = kValues;
    values["customer_name"] = *rc::gen::element<std::string>("Jenny", "<b>\"'&", "](javascript:x)", "</a>");
    auto rendered = RenderMarkdown(body, values);
    RC_LOG() << body << "\n=>\n" << rendered.html;
    RC_ASSERT(IsBalanced(rendered.html));
}

TEST(FillPlaceholders, ReplacesWhatItKnowsOnce) {
    EXPECT_EQ(FillPlaceholders("{{amount}}{{x}}{{amount}} {{", kValues), "$20.00{{x}}$20.00 {{");
    EXPECT_EQ(FillPlaceholders("{{{{amount}}}}", kValues), "{{$20.00}}");
}

}  // namespace
}  // namespace citadel::email
