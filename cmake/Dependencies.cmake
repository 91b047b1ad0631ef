# Every foreign library, all from Debian. A module names them by the short names below, so a reader
# sees in CMakeLists.txt who may use what.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(CTEMPLATE REQUIRED IMPORTED_TARGET libctemplate)
pkg_check_modules(CMARK REQUIRED IMPORTED_TARGET libcmark)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-i18n icu-uc)
pkg_check_modules(CJOSE REQUIRED IMPORTED_TARGET cjose)

add_library(dep_asio INTERFACE)
target_link_libraries(dep_asio INTERFACE Boost::boost Boost::url Threads::Threads)

add_library(dep_json INTERFACE)
target_link_libraries(dep_json INTERFACE Boost::json)

add_library(dep_crypto INTERFACE)
target_link_libraries(dep_crypto INTERFACE OpenSSL::Crypto)

add_library(dep_jose INTERFACE)
target_link_libraries(dep_jose INTERFACE PkgConfig::CJOSE)

add_library(dep_curl INTERFACE)
target_link_libraries(dep_curl INTERFACE CURL::libcurl)

add_library(dep_pq INTERFACE)
target_link_libraries(dep_pq INTERFACE PostgreSQL::PostgreSQL)

add_library(dep_fmt INTERFACE)
target_link_libraries(dep_fmt INTERFACE fmt::fmt)

add_library(dep_spdlog INTERFACE)
target_link_libraries(dep_spdlog INTERFACE spdlog::spdlog)

add_library(dep_ctemplate INTERFACE)
target_link_libraries(dep_ctemplate INTERFACE PkgConfig::CTEMPLATE)

add_library(dep_cmark INTERFACE)
target_link_libraries(dep_cmark INTERFACE PkgConfig::CMARK)

add_library(dep_icu INTERFACE)
target_link_libraries(dep_icu INTERFACE PkgConfig::ICU)

add_library(dep_cli INTERFACE)
target_link_libraries(dep_cli INTERFACE CLI11::CLI11)

add_library(dep_toml INTERFACE)
target_link_libraries(dep_toml INTERFACE tomlplusplus::tomlplusplus)

# Allocations are most of what a webhook costs us beside the socket; this allocator halves them (bench).
# The sanitizers bring their own.
add_library(dep_allocator INTERFACE)
if(NOT CITADEL_SANITIZE)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
  target_link_libraries(dep_allocator INTERFACE -Wl,--no-as-needed PkgConfig::JEMALLOC -Wl,--as-needed)
endif()
