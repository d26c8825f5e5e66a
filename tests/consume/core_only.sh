#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# core_only.sh CXX SOURCE_DIR BUILD_DIR OPTION...: an installation of sevspec::core alone is complete: its headers include
# nothing that was left out, and <sevspec/core.hpp> compiles without operating system, exceptions and RTTI.
set -euo pipefail
compiler=$1 source=$2 build=$3
shift 3
rm -rf "$build/prefix"
cmake -S "$source" -B "$build/core" "$@" -DCMAKE_CXX_COMPILER="$compiler" -DSEVSPEC_CORE_ONLY=ON -DSEVSPEC_INSTALL=ON
cmake --install "$build/core" --prefix "$build/prefix"

include=$build/prefix/include
missing=0
while IFS=: read -r header line; do
  name=${line#*<} name=${name%%>*}
  [[ -e $include/$name ]] || { echo "${header#"$include/"}: $name is not installed"; missing=1; }
done < <(grep -r '^#include <sevspec/' "$include")
((missing == 0))

echo '#include <sevspec/core.hpp>' |
  "$compiler" -std=c++23 -ffreestanding -fno-exceptions -fno-rtti -Wall -Wextra -Werror -I "$include" -x c++ -fsyntax-only -
