# The dashboard (web/), built by Vite and carried by the program. Built again when a source of it changes.
find_program(NODE node REQUIRED)
set(web ${CMAKE_SOURCE_DIR}/web)
set(web_out ${CMAKE_BINARY_DIR}/web)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/scripts/*)
add_custom_command(
  OUTPUT ${web_out}/web_assets.cpp ${web_out}/web_assets.bin
  COMMAND ${NODE} ${web}/scripts/embed.mjs ${web_out}
  DEPENDS ${web_sources} ${web}/index.html ${web}/vite.config.ts ${web}/package-lock.json
  COMMENT "web/: building the dashboard"
  VERBATIM)
set_source_files_properties(${web_out}/web_assets.cpp PROPERTIES OBJECT_DEPENDS ${web_out}/web_assets.bin)
target_sources(citadel_api PRIVATE ${web_out}/web_assets.cpp)
