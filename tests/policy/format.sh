#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# format.sh: every C++ file is as clang-format leaves it.   format.sh --fix: make it so.
# One release of clang-format, because two releases rarely agree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! command -v clang-format-19 >/dev/null; then
  echo "clang-format-19 is not installed: format not checked"
  exit 77
fi
mapfile -t files < <(find include examples tests fuzz packaging -name '*.[ch]pp' -o -name '*.[ch]')
if [[ ${1-} == --fix ]]; then
  clang-format-19 --style=file -i "${files[@]}"
  exit
fi

if clang-format-19 --style=file --dry-run -Werror "${files[@]}" 2>/dev/null; then
  echo "ok, ${#files[@]} files"
  exit
fi
for file in "${files[@]}"; do  # one by one takes longer, and shows what is wrong
  clang-format-19 --style=file "$file" | diff -u --label "$file" --label "$file (formatted)" "$file" - || true
done
echo "tests/policy/format.sh --fix makes these changes"
exit 1
