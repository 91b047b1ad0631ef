// An OpenAPI document as a page to read: every endpoint with its parameters, body and answers, every schema
// once. Plain HTML without scripts; what stands in the document is escaped.
#pragma once
#include <boost/json/value.hpp>

#include <string>

namespace citadel::api {

extern const char* const kDocsStyle;  // the page's one style sheet, inline

std::string MakeDocsPage(const boost::json::value& document);

}  // namespace citadel::api
