# What `cmake --install` puts where, and the packages made of it. Two components:
#   program      bin/freshet, lib/freshet/libduckdb.so and lib/freshet/extensions: all that it needs to run
#   development  the library, its one header and what find_package(Freshet) reads

include(CMakePackageConfigHelpers)

set(FRESHET_PRIVATE_DIR lib/freshet)
set(package_dir lib/cmake/Freshet)

install(TARGETS freshet RUNTIME DESTINATION bin COMPONENT program)
install(PROGRAMS "${PROJECT_BINARY_DIR}/lib/libduckdb.so" DESTINATION ${FRESHET_PRIVATE_DIR} COMPONENT program)
install(DIRECTORY "${PROJECT_BINARY_DIR}/extensions" DESTINATION ${FRESHET_PRIVATE_DIR} COMPONENT program)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/freshet RENAME copyright COMPONENT program)

# A static library: FreshetConfig.cmake finds what it needs in turn.
set_target_properties(freshet_lib PROPERTIES EXPORT_NAME freshet ARCHIVE_OUTPUT_NAME freshet)
target_compile_features(freshet_lib INTERFACE cxx_std_17)
target_link_libraries(freshet_lib INTERFACE $<INSTALL_INTERFACE:Freshet::dependencies>)
install(TARGETS freshet_lib EXPORT FreshetTargets ARCHIVE DESTINATION lib COMPONENT development
    INCLUDES DESTINATION include)
install(FILES "${PROJECT_SOURCE_DIR}/src/embed/freshet.hpp" DESTINATION include/freshet COMPONENT development)
install(EXPORT FreshetTargets NAMESPACE Freshet:: DESTINATION ${package_dir} COMPONENT development)
configure_package_config_file(cmake/FreshetConfig.cmake.in "${PROJECT_BINARY_DIR}/FreshetConfig.cmake"
    INSTALL_DESTINATION ${package_dir} PATH_VARS FRESHET_PRIVATE_DIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/FreshetConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/FreshetConfig.cmake" "${PROJECT_BINARY_DIR}/FreshetConfigVersion.cmake"
    DESTINATION ${package_dir} COMPONENT development)

# --- the Debian package: cpack -G DEB in the build folder ------------------------------------------------------------

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME freshet)
set(CPACK_PACKAGE_VENDOR Freshet)
set(CPACK_PACKAGE_CONTACT "The Freshet developers <freshet@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Keeps tables in a DuckLake fresh by processing only what changed")
set(CPACK_PACKAGE_DESCRIPTION "You write a query; its result stays an ordinary lake table that is brought up to date by
 processing only what changed. Carries its own DuckDB and the extensions that it loads.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME freshet)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # reads what the program is linked with; needs dpkg-dev
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd) # xz takes minutes for 300 MB
include(CPack)
