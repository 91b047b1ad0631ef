# docs/openapi.json travels in the program, which serves it as it stands.
set(api_document ${CMAKE_SOURCE_DIR}/docs/openapi.json)
file(READ ${api_document} text)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${api_document})
set(EMBEDDED "#include \"api/docs_routes.h\"\n\nnamespace citadel::api {\n\n")
string(APPEND EMBEDDED "const char* const kOpenApiDocument = R\"openapi(${text})openapi\";\n\n}  // namespace citadel::api\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/openapi_document.cpp CONTENT "${EMBEDDED}" @ONLY)
target_sources(citadel_api PRIVATE ${CMAKE_BINARY_DIR}/generated/openapi_document.cpp)
