#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/run.sh        install what is missing, then run all checks: both compilers, sanitizers, fuzzers, benchmarks
# tests/run.sh fast   GCC and the quick tests only
#
# One line per stage; the full output of stage N is in build/log/, and shown when the stage fails. The last line counts tests,
# with a stage that runs no tests counted as one. RC_PARAMS overrides the seed of the property tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup-debian.sh

mode=${1:-all}
case $mode in
  all | fast) ;;
  *) echo "usage: tests/run.sh [fast]" >&2; exit 2 ;;
esac

packages=("${sevspec_build_packages[@]}" python3 binutils catch2 librapidcheck-dev libbenchmark-dev)
if [[ $mode == all ]]; then
  packages+=(ccache clang-19 clang-format-19 libclang-rt-19-dev llvm-19 spin gcc)
fi
sevspec_setup "${packages[@]}" || exit 1

jobs=$(nproc)
mkdir -p build/log
: "${RC_PARAMS:=seed=1}"  # the same cases for everyone; other seeds by hand
export RC_PARAMS CCACHE_BASEDIR=$PWD CCACHE_SLOPPINESS=pch_defines,time_macros  # the latter for precompiled headers
passed=0 failed=0 skipped=0

# stage TITLE COMMAND...: run quietly, report in one line, show the output of a failure.
stage() {
  local title=$1 log start=$SECONDS status=0
  shift
  log=build/log/${title//[^A-Za-z0-9]/-}.log
  printf '%-62s' "$title"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) && printf 'ok     %4d s\n' $((SECONDS - start)) || printf 'FAILED %4d s\n' $((SECONDS - start))
  ((status == 0)) || tail -n 200 "$log"
  return $status
}

# check TITLE COMMAND...: a stage that counts as one test.
check() {
  if stage "$@"; then ((++passed)); else ((++failed)); return 1; fi
}

# ctest_stage TITLE PRESET ARGUMENT...: a stage whose tests are counted one by one.
ctest_stage() {
  local title=$1 preset=$2 junit=$PWD/build/log/$2.xml total bad left_out status=0
  shift 2
  rm -f "$junit"
  stage "$title" ctest --preset "$preset" -j "$jobs" --output-junit "$junit" "$@" || status=1
  if [[ ! -s $junit ]]; then
    ((++failed))
    return 1
  fi
  count() { sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p; s/^<testsuite.* $1=\"\([0-9]*\)\".*/\1/p" "$junit" | head -n 1; }
  total=$(count tests) bad=$(count failures) left_out=$(count skipped)
  ((passed += total - bad - left_out, failed += bad, skipped += left_out))
  ((status == 0 || bad > 0)) || ((++failed))  # ctest itself failed
  return $status
}

# configure_and_build PRESET OPTION... [--target NAME...]
configure_and_build() {
  local options=() targets=()
  while (($#)) && [[ $1 != --target ]]; do options+=("$1") && shift; done
  targets=("$@")
  cmake --preset "${options[@]}" && cmake --build "build/${options[0]}" -j "$jobs" "${targets[@]}"
}

fuzz_smoke() {
  local programs=(build/fuzz/fuzz/*_fuzz) program name seeds status=0
  if [[ ! -e ${programs[0]} ]]; then
    echo "no fuzz targets"
    return 0
  fi
  for program in "${programs[@]}"; do
    name=$(basename "$program" _fuzz)
    seeds=fuzz/corpus/$name
    mkdir -p "build/fuzz/found/$name"
    echo "--- $name"
    # New inputs stay in build/; the seeds are only read.
    "$program" -seed=1 -max_total_time=$((60 / ${#programs[@]} + 1)) -rss_limit_mb=4096 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/$name-" "build/fuzz/found/$name" $([[ -d $seeds ]] && echo "$seeds") || status=1
  done
  return $status
}

# What is not run is not built; but benchmarks are, for their warnings: tests/bench/run.sh builds its own, with -O2. Programs
# take less time with -O1, to build and run together; tests with -O0, but for the slow ones, and several files at once.
# Clang meets the tests under the sanitizers (without line tables: debug builds have them), and without them what people
# run: the programs and the proofs.
slow=$([[ $mode == all ]] && echo ON || echo OFF)
little=("-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG" -DSEVSPEC_BUILD_BENCH=OFF)
batches=-DSEVSPEC_TESTS_PER_PROGRAM=6
gcc_only=(-DCMAKE_CXX_FLAGS=-Wno-maybe-uninitialized)  # with -O1 it is often wrong; the benchmarks keep it
gcc_tests=("$batches" -DSEVSPEC_TEST_OPTIONS=-O0)
if check "GCC: build" configure_and_build gcc-release "${little[@]}" "${gcc_only[@]}" "${gcc_tests[@]}" \
    -DSEVSPEC_BUILD_PROPERTY_TESTS="$slow"; then
  if [[ $mode == fast ]]; then
    ctest_stage "GCC: quick tests" gcc-release -L '^fast$'
  else
    ctest_stage "GCC: all tests" gcc-release
  fi
fi
if [[ $mode == all ]]; then
  check "Clang: programs and proofs" configure_and_build clang-release "${little[@]}" -DSEVSPEC_BUILD_PROPERTY_TESTS=OFF \
    --target sevspec.programs &&
    ctest_stage "Clang: their tests" clang-release -L '^(cli|example|static)$'
  check "Core, freestanding: build" bash -c \
    'cmake --preset freestanding && cmake --build --preset freestanding'
  check "Address and undefined-behaviour sanitizers: build" configure_and_build clang-asan-ubsan -DSEVSPEC_BUILD_EXAMPLES=OFF "$batches" \
    -DCMAKE_CXX_FLAGS_DEBUG=-O0 --target sevspec.tests.unit sevspec.tests.property sevspec.tests.field &&
    RC_PARAMS="$RC_PARAMS max_success=30" \
      ctest_stage "Address and undefined-behaviour sanitizers: tests" clang-asan-ubsan -L '^(unit|property|field)$'
  check "Fuzzers: build" configure_and_build fuzz &&
    check "Fuzzers: one minute" fuzz_smoke
  check "Benchmarks: once, both compilers" tests/bench/run.sh --short
fi

echo "$SECONDS s in all"
echo "$passed passed, $failed failed$( ((skipped)) && echo ", $skipped skipped")"
((failed == 0 && passed > 0))
