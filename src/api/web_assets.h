// The dashboard's files as Vite built them, carried by the program (cmake/EmbedWeb.cmake writes the table).
#pragma once
#include <span>
#include <string_view>

namespace citadel::api {

struct WebAsset {
    std::string_view path;  // "/assets/index-CfzM1Hpi.js"; "/index.html" is the page
    std::string_view content_type;
    std::string_view digest;  // of the plain bytes
    std::string_view plain;
    std::string_view gzip;  // empty where it would not be smaller
};

std::span<const WebAsset> WebAssets();

}  // namespace citadel::api
