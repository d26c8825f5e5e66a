#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# pkg_config.sh COMPILER PREFIX WORK_DIR: no CMake; the flags come from the installed pkg-config module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export PKG_CONFIG_PATH=$2/share/pkgconfig
mkdir -p "$3"

pkg-config --print-errors --atleast-version=0.1.0 sevspec
read -ra flags <<<"$(pkg-config --cflags --libs sevspec)"
"$1" -std=c++23 main.cpp "${flags[@]}" -o "$3/consumer"
"$3/consumer"
