# What `cmake --install` puts where, for programs that embed Heddle
# (docs/embedding.md), and the shared library they link.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# One shared library: who links it needs the headers of Boost and nothing of
# what Heddle itself is made of. Only what the public headers declare is visible
# (namespace heddle::v0, see cmake/heddle.map): the Asio inside must not meet
# that of the host.
set(parts core graph runtime store worker actors http embed)
list(TRANSFORM parts PREPEND heddle_)
file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/heddle_shared.cpp" CONTENT "")
add_library(heddle_shared SHARED "${CMAKE_BINARY_DIR}/heddle_shared.cpp")
target_link_libraries(heddle_shared PRIVATE heddle_build
  -Wl,--whole-archive)
foreach(part IN LISTS parts)
  target_link_libraries(heddle_shared PRIVATE $<TARGET_FILE:${part}>)
  add_dependencies(heddle_shared ${part})
endforeach()
# Once more by name, for what they link themselves.
target_link_libraries(heddle_shared PRIVATE -Wl,--no-whole-archive ${parts})
set(map "${CMAKE_CURRENT_SOURCE_DIR}/cmake/heddle.map")
target_link_options(heddle_shared PRIVATE "-Wl,--version-script=${map}")
set_target_properties(heddle_shared PROPERTIES
  OUTPUT_NAME heddle EXPORT_NAME heddle LINK_DEPENDS "${map}"
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_include_directories(heddle_shared INTERFACE
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(heddle_shared INTERFACE cxx_std_20)

install(TARGETS heddle_shared EXPORT heddle
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT embed
  NAMELINK_COMPONENT embed)
install(TARGETS heddle
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY include/heddle DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT embed)
install(DIRECTORY workers/python DESTINATION
  ${CMAKE_INSTALL_DATADIR}/heddle/workers COMPONENT embed
  PATTERN __pycache__ EXCLUDE)
install(FILES http/openapi.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/heddle/http COMPONENT embed)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heddle)
install(EXPORT heddle NAMESPACE heddle:: DESTINATION ${config_dir}
  FILE heddle-targets.cmake COMPONENT embed)
configure_package_config_file(cmake/heddle-config.cmake.in
  "${CMAKE_BINARY_DIR}/heddle-config.cmake" INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file("${CMAKE_BINARY_DIR}/heddle-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/heddle-config.cmake"
  "${CMAKE_BINARY_DIR}/heddle-config-version.cmake" cmake/FindCAF.cmake
  DESTINATION ${config_dir} COMPONENT embed)

foreach(name heddle heddle-actors)
  configure_file(cmake/${name}.pc.in "${CMAKE_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${CMAKE_BINARY_DIR}/${name}.pc"
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT embed)
endforeach()
