#include "stripe_sim/path_pattern.h"

#include <algorithm>

namespace citadel::stripe_sim {

bool MatchTemplate(std::string_view pattern, std::string_view path, std::vector<std::string>& captures) {
    captures.clear();
    while (!pattern.empty() && !path.empty()) {
        auto pattern_end = std::min(pattern.find('/', 1), pattern.size());
        auto path_end = std::min(path.find('/', 1), path.size());
        auto wanted = pattern.substr(0, pattern_end), given = path.substr(0, path_end);
        if (wanted == "/{}" && given.size() > 1) captures.emplace_back(given.substr(1));
        else if (wanted != given) return false;
        pattern.remove_prefix(pattern_end);
        path.remove_prefix(path_end);
    }
    return pattern.empty() && path.empty();
}

bool MatchesPrefix(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) return true;
    if (pattern.front() != '*')
        return !path.empty() && path.front() == pattern.front() &&
               MatchesPrefix(pattern.substr(1), path.substr(1));
    for (std::size_t skip = 0; skip <= path.size(); ++skip) {
        if (MatchesPrefix(pattern.substr(1), path.substr(skip))) return true;
    }
    return false;
}

bool FitsPath(std::string_view pattern, std::string_view path) {
    if (pattern.find("{}") == std::string_view::npos) return MatchesPrefix(pattern, path);
    std::vector<std::string> captures;
    return MatchTemplate(pattern, path, captures);
}

}  // namespace citadel::stripe_sim
