# SPDX-License-Identifier: MIT
# Install rules: headers, CMake package, pkg-config module. Everything is independent of the machine, hence share/.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/sevspec")
set(pkgconfig_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")

install(TARGETS ${libraries} EXPORT sevspec-targets FILE_SET HEADERS COMPONENT dev)
install(EXPORT sevspec-targets NAMESPACE sevspec:: DESTINATION ${package_dir} COMPONENT dev)
if(TARGET sevspec.statistics)
  install(TARGETS sevspec.statistics EXPORT sevspec-statistics-targets FILE_SET HEADERS COMPONENT dev)
  install(EXPORT sevspec-statistics-targets NAMESPACE sevspec:: DESTINATION ${package_dir} COMPONENT dev)
endif()

configure_package_config_file(cmake/sevspec-config.cmake.in "${PROJECT_BINARY_DIR}/sevspec-config.cmake"
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sevspec-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)  # before 1.0 every minor version may break
install(
  FILES "${PROJECT_BINARY_DIR}/sevspec-config.cmake" "${PROJECT_BINARY_DIR}/sevspec-config-version.cmake"
  DESTINATION ${package_dir} COMPONENT dev)

# The module finds its prefix from its own place, so an installed tree may be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir}" OUTPUT_VARIABLE pc_prefix)
configure_file(cmake/sevspec.pc.in "${PROJECT_BINARY_DIR}/sevspec.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/sevspec.pc" DESTINATION ${pkgconfig_dir} COMPONENT dev)
