#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# single_header.sh COMPILER WORK_DIR FLAG...: the amalgamated header is all that the consumer has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

root=sevspec/sevspec.hpp
[[ -e ../../include/$root ]] || root=sevspec/version.hpp
rm -rf "$2"
python3 ../../scripts/amalgamate.py --root "$root" --output "$2/include/$root"
if grep -n '# *include *<sevspec/' "$2/include/$root"; then
  echo "not self-contained"
  exit 1
fi
read -ra libraries <<<"$(pkg-config --libs libcrypto++)"
"$1" -std=c++23 "${@:3}" -I"$2/include" main.cpp "${libraries[@]}" -o "$2/consumer"
"$2/consumer"
