// Plain HTML for the pages that people see: the hosted invoice, the portal, Connect. No scripts, no
// styles; whatever comes from outside goes through EscapeHtml.
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace citadel::stripe_sim {

std::string EscapeHtml(std::string_view text);
// A whole page; `title` is escaped here, `content` is markup already.
http::Reply HtmlPage(int status, std::string_view title, const std::string& content);

}  // namespace citadel::stripe_sim
