# SPDX-License-Identifier: MIT
# An overlay port that builds this checkout:  vcpkg install sevspec --overlay-ports=packaging/vcpkg
# In a registry, SOURCE_PATH comes from vcpkg_from_github or vcpkg_download_distfile instead.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(VCPKG_BUILD_TYPE release)  # header-only

vcpkg_find_acquire_program(PKGCONFIG)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}"
    -DSEVSPEC_BUILD_TESTS=OFF -DSEVSPEC_BUILD_EXAMPLES=OFF -DSEVSPEC_BUILD_BENCH=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/sevspec)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
