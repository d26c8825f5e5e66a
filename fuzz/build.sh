#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The build step of OSS-Fuzz and ClusterFuzz: CXX, CXXFLAGS and LIB_FUZZING_ENGINE come from the environment, programs and
# seed corpora go to $OUT.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${OUT:?must name the folder for the results}"

build=${WORK:-build}/oss-fuzz
cmake -S . -B "$build" -G Ninja -DSEVSPEC_BUILD_FUZZ=ON \
  -DSEVSPEC_BUILD_TESTS=OFF -DSEVSPEC_BUILD_EXAMPLES=OFF -DSEVSPEC_BUILD_BENCH=OFF
cmake --build "$build"

shopt -s nullglob
for program in "$build"/fuzz/*_fuzz; do
  cp "$program" "$OUT/"
  seeds=fuzz/corpus/$(basename "$program" _fuzz)
  if [[ -d $seeds ]]; then
    (cd "$seeds" && zip -qr - .) >"$OUT/$(basename "$program")_seed_corpus.zip"
  fi
done
