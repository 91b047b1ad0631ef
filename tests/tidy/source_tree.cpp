#include "tidy/source_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace citadel::tidy {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> SplitLines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// The end of the literal or comment that begins at `at`, or `at` when none does.
std::size_t EndOfBlank(const std::string& text, std::size_t at) {
    auto end_after = [&text](std::string_view mark, std::size_t from) {
        auto end = text.find(mark, from);
        return end == std::string::npos ? text.size() : end + mark.size();
    };
    if (text.compare(at, 2, "//") == 0) return std::min(text.find('\n', at), text.size());
    if (text.compare(at, 2, "/*") == 0) return end_after("*/", at + 2);
    if (text.compare(at, 2, "R\"") == 0) {
        auto open = text.find('(', at);
        return end_after(")" + text.substr(at + 2, open - at - 2) + "\"", open);
    }
    // 1'000 is a number, 'x' a character.
    bool digit_separator =
        text[at] == '\'' && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1]));
    if ((text[at] != '"' && text[at] != '\'') || digit_separator) return at;
    auto end = at + 1;
    while (end < text.size() && text[end] != text[at] && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text.size());
}

}  // namespace

std::string WithoutCommentsAndStrings(const std::string& text) {
    std::string code = text;
    for (std::size_t at = 0; at < text.size();) {
        auto end = EndOfBlank(text, at);
        if (end == at) {
            ++at;
            continue;
        }
        for (; at < end; ++at) {
            if (code[at] != '\n') code[at] = ' ';
        }
    }
    return code;
}

std::string SourceFile::folder() const {
    if (!path.starts_with("src/")) return "";
    auto slash = path.find('/', 4);
    return slash == std::string::npos ? "" : path.substr(4, slash - 4);
}

std::vector<std::string> SourceFile::Includes() const {
    static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
    std::vector<std::string> found;
    for (const auto& line : lines) {
        std::smatch match;
        if (std::regex_search(line, match, kInclude)) found.push_back(match[1]);
    }
    return found;
}

std::string ReadText(const fs::path& path) {
    std::ifstream stream(fs::path(CITADEL_SOURCE_DIR) / path);
    if (!stream) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<SourceFile> ReadSources() {
    std::vector<SourceFile> files;
    for (const char* top : {"src", "tests", "bench"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(CITADEL_SOURCE_DIR) / top)) {
            auto ending = entry.path().extension();
            if (ending != ".h" && ending != ".cpp") continue;
            SourceFile file;
            file.path = fs::relative(entry.path(), CITADEL_SOURCE_DIR).string();
            auto text = ReadText(file.path);
            file.lines = SplitLines(text);
            file.code = SplitLines(WithoutCommentsAndStrings(text));
            files.push_back(std::move(file));
        }
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::map<std::string, std::set<std::string>> ReadModuleGraph() {
    static const std::regex kModule(R"(citadel_module\((\w+)([^)]*)\))");
    auto text = ReadText("CMakeLists.txt");
    std::map<std::string, std::set<std::string>> graph;
    for (std::sregex_iterator match(text.begin(), text.end(), kModule), end; match != end; ++match) {
        std::string name = (*match)[1];
        auto& sees = graph[name];
        sees.insert(name);
        std::istringstream words((*match)[2]);
        bool uses = false;
        for (std::string word; words >> word;) {
            if (word == "USES" || word == "PACKAGES" || word == "PCH") {
                uses = word == "USES";
            } else if (uses) {
                // Lowest first: what it uses has been read already.
                if (!graph.contains(word))
                    throw std::runtime_error(name + " uses " + word + ", which comes later");
                sees.insert(graph[word].begin(), graph[word].end());
            }
        }
    }
    return graph;
}

}  // namespace citadel::tidy
