#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# no_heap.sh COMPILER FLAG... SOURCE: the object made from SOURCE, which uses the core in all ways, refers neither to the
# heap nor to exceptions. Unoptimised, so that nothing disappears before we look.
set -euo pipefail

object=$(mktemp --suffix=.o)
trap 'rm -f "$object"' EXIT
"$1" -std=c++23 -O0 -fno-exceptions -fno-rtti "${@:2}" -c -o "$object"

forbidden='^(_Zn[wa]|_Zd[la]|(m|c|re)alloc|free|aligned_alloc|posix_memalign|__cxa_(throw|rethrow|allocate_exception)|_ZSt[0-9]+__throw_)'
undefined=$(nm --undefined-only --format=just-symbols "$object")
if found=$(grep -E "$forbidden" <<<"$undefined"); then
  echo "The core refers to:"
  c++filt <<<"$found"
  exit 1
fi
echo "ok; external symbols: ${undefined//$'\n'/ }"
