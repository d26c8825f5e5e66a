# SPDX-License-Identifier: MIT
# Sourced by examples/run.sh and tests/run.sh.
# sevspec_setup PACKAGE...: make sure that these Debian packages are there. Does nothing, fast, when they are.

sevspec_setup() {
  local package missing=()
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    if command -v cmake >/dev/null && command -v ninja >/dev/null; then
      return 0  # another system with the basics: CMake will name what else it misses
    fi
    echo "This is not a Debian system. Please install the equivalents of these Debian 12 packages, then try again:" >&2
    echo "  $*" >&2
    return 1
  fi

  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return 0

  if ((EUID != 0)); then
    echo "Missing packages. Please run this, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# What the examples and the program need; the tests add to it.
sevspec_build_packages=(
  g++ cmake ninja-build pkg-config
  libmsgsl-dev libcrypto++-dev libboost-dev robin-map-dev
  libcli11-dev nlohmann-json3-dev libfmt-dev libssl-dev
)
