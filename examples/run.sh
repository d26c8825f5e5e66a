#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# examples/run.sh: install what is missing, build the sevspec program, take the tour. The exit status is the tour's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup-debian.sh

sevspec_setup "${sevspec_build_packages[@]}"

mkdir -p build
log=build/examples.log
if ! {
  cmake --preset release -B build/examples -DSEVSPEC_BUILD_TESTS=OFF -DSEVSPEC_BUILD_BENCH=OFF &&
    cmake --build build/examples --target sevspec.cli
} >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
exec build/examples/examples/sevspec tour "$@"
