# citadel_module(NAME USES other modules… PACKAGES foreign libraries… [PCH a header of its own, or the target whose it shares])
# A static library of src/NAME/*.cpp without the tests, which tests/CMakeLists.txt picks up.
set(CITADEL_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)

add_library(citadel_options INTERFACE)
target_compile_options(citadel_options INTERFACE ${CITADEL_WARNINGS} "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")
target_compile_definitions(citadel_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  SPDLOG_COMPILED_LIB CITADEL_VERSION="${PROJECT_VERSION}")
target_link_libraries(citadel_options INTERFACE dep_asio)
if(CITADEL_SANITIZE)
  target_compile_options(citadel_options INTERFACE -fsanitize=${CITADEL_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(citadel_options INTERFACE -fsanitize=${CITADEL_SANITIZE})
  # A recycled coroutine frame hides a use after free from the sanitizer.
  target_compile_definitions(citadel_options INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Without its time stamps a precompiled header survives an upgrade of system headers (ninja still
  # rebuilds it when they are newer) and can be cached.
  target_compile_options(citadel_options INTERFACE -fcoro-aligned-allocation "SHELL:-Xclang -fno-pch-timestamp")
  target_link_options(citadel_options INTERFACE -fuse-ld=lld-19)
else()
  target_compile_options(citadel_options INTERFACE -Wno-mismatched-new-delete)
endif()

function(citadel_module NAME)
  cmake_parse_arguments(M "" "PCH" "USES;PACKAGES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${NAME}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(TRANSFORM M_USES PREPEND citadel_)
  list(TRANSFORM M_PACKAGES PREPEND dep_)
  add_library(citadel_${NAME} STATIC ${sources})
  target_link_libraries(citadel_${NAME} PUBLIC citadel_options ${M_USES} ${M_PACKAGES})
  if(NAME STREQUAL "base")
    target_precompile_headers(citadel_base PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
  elseif(M_PCH MATCHES "\\.h$")
    target_precompile_headers(citadel_${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/${M_PCH})
  elseif(M_PCH)
    target_precompile_headers(citadel_${NAME} REUSE_FROM ${M_PCH})
  else()
    target_precompile_headers(citadel_${NAME} REUSE_FROM citadel_base)
  endif()
endfunction()
