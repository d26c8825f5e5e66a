#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/bench/run.sh [--short] [NAME...]: build the benchmarks with g++ and clang++-19 at -O2 and run them.
# --short is a smoke run: everything once, warnings as errors, numbers meaningless. Last comes what including each header
# costs. Results as JSON in build/bench/COMPILER/NAME.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

options=(--benchmark_min_time=0.5)
rounds=5
warnings=()
if [[ ${1-} == --short ]]; then
  options=(--benchmark_min_time=0.01)
  rounds=1
  warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Werror)
  shift
fi

shopt -s nullglob
sources=(tests/bench/*.bench.cpp)
(($#)) && sources=("${@/#/tests/bench/}") && sources=("${sources[@]/%/.bench.cpp}")
if ((${#sources[@]} == 0)); then
  echo "no benchmarks"
  exit 0
fi

launcher=$(command -v ccache || true)

# The explorer's rival, on the same machine.
if command -v spin >/dev/null && command -v gcc >/dev/null; then
  mkdir -p build/bench/spin
  (cd build/bench/spin && spin -a -DPARTS=7 ../../../tests/bench/spin/rmp_model.pml >spin.log &&
    gcc -O2 -DSAFETY -DNOREDUCE -w -o pan pan.c)
  export SEVSPEC_PAN=$PWD/build/bench/spin/pan
fi
read -ra flags <<<"-std=c++23 -O2 -DNDEBUG -Iinclude -Itests $(pkg-config --cflags benchmark libcrypto++ libcrypto)"
read -ra libraries <<<"-lbenchmark_main $(pkg-config --libs benchmark libcrypto++ libcrypto) -pthread"

for compiler in g++ clang++-19; do
  if ! command -v "$compiler" >/dev/null; then
    echo "$compiler: not installed, skipped"
    continue
  fi
  out=build/bench/$compiler
  mkdir -p "$out"
  printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I{} bash -c '
    set -e
    object=$1/$(basename "$0" .bench.cpp).o
    shift
    "$@" -c "$0" -o "$object"
  ' {} "$out" $launcher "$compiler" "${flags[@]}" "${warnings[@]}"
  for source in "${sources[@]}"; do
    name=$(basename "$source" .bench.cpp)
    "$compiler" "$out/$name.o" "${libraries[@]}" -o "$out/$name"
    echo "--- $name, $compiler"
    "$out/$name" "${options[@]}" --benchmark_out="$out/$name.json" --benchmark_out_format=json
  done
done

echo "--- include cost"
python3 tests/bench/include_cost.py --rounds "$rounds"
