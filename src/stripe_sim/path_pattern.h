// Paths and what they are compared with: the routes' templates, and the looser patterns of fault rules
// and limits.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace citadel::stripe_sim {

// "/v1/invoices/{}/pay": each {} matches one whole segment, which goes into `captures`.
bool MatchTemplate(std::string_view pattern, std::string_view path, std::vector<std::string>& captures);

// Whether `path` begins with what `pattern` describes; '*' stands for any characters.
bool MatchesPrefix(std::string_view pattern, std::string_view path);

// A pattern with {} is a template and must match as a whole, any other is a prefix.
bool FitsPath(std::string_view pattern, std::string_view path);

}  // namespace citadel::stripe_sim
