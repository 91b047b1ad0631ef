// Reads tests/fixtures/<name> as JSON. For tests only; a missing or broken file throws and fails the test.
#pragma once
#include <boost/json/parse.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace citadel {

inline boost::json::value ReadFixture(const std::string& name) {
    auto path = CITADEL_SOURCE_DIR "/tests/fixtures/" + name;
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot read " + path);
    std::string text(std::istreambuf_iterator<char>(file), {});
    return boost::json::parse(text);
}

}  // namespace citadel
