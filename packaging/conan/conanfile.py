# SPDX-License-Identifier: MIT
"""Conan 2 recipe of this checkout:  conan create packaging/conan"""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain
from conan.tools.files import copy, load

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Sevspec(ConanFile):
    name = "sevspec"
    license = "MIT"
    description = "Executable specification of AMD SEV, SEV-ES and SEV-SNP"
    topics = ("amd-sev", "sev-snp", "confidential-computing", "specification", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    requires = "cryptopp/8.9.0", "ms-gsl/4.0.0"
    generators = "CMakeDeps", "PkgConfigDeps"
    no_copy_source = True

    def set_version(self):
        text = load(self, os.path.join(ROOT, "include", "sevspec", "version.hpp"))
        self.version = ".".join(re.findall(r"#define SEVSPEC_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*"):
            copy(self, pattern, ROOT, self.export_sources_folder)

    def validate(self):
        check_min_cppstd(self, 23)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for option in ("TESTS", "EXAMPLES", "BENCH"):
            toolchain.cache_variables[f"SEVSPEC_BUILD_{option}"] = False
        toolchain.generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "sevspec")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "sevspec::core")
        core.requires = ["ms-gsl::ms-gsl"]
        full = self.cpp_info.components["sevspec"]
        full.set_property("cmake_target_name", "sevspec::sevspec")
        full.set_property("pkg_config_name", "sevspec")
        full.requires = ["core", "cryptopp::cryptopp"]
