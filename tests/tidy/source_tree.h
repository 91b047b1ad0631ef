// The project's own sources as text, for tests that hold rules a compiler does not know: who may
// include whom, what may be said where. Comments and string literals can be left out.
#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace citadel::tidy {

struct SourceFile {
    std::string path;                // from the project's root: "src/http/server.cpp"
    std::vector<std::string> lines;  // as written
    std::vector<std::string> code;   // the same lines without comments and the text of string literals

    std::string folder() const;  // "http" for src/http/server.cpp, "" outside src/<folder>/
    bool is_header() const { return path.ends_with(".h"); }
    bool is_test() const { return path.ends_with("_test.cpp") || !path.starts_with("src/"); }
    std::vector<std::string> Includes() const;  // what stands between the quotes or brackets
};

// Every .h and .cpp under src, tests and bench.
std::vector<SourceFile> ReadSources();
std::string ReadText(const std::filesystem::path& path);  // from the project's root

// What each module of CMakeLists.txt may see: itself and what it uses, transitively.
std::map<std::string, std::set<std::string>> ReadModuleGraph();

// The comments and string literals of one file are blanked out, line breaks stay.
std::string WithoutCommentsAndStrings(const std::string& text);

}  // namespace citadel::tidy
