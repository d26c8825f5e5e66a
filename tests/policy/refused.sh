#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# refused.sh COMPILER FLAG... SOURCE: the compiler takes SOURCE, refuses it -DWITH_MISTAKES, and says of each mistake what
# the comment "refused: ..." before it says.
set -uo pipefail

compile() { LC_ALL=C "$@" -std=c++23 -fsyntax-only 2>&1; }

compile "$@" || { echo "does not compile without mistakes either"; exit 1; }
said=$(compile "$@" -DWITH_MISTAKES) && { echo "compiles with mistakes"; exit 1; }
mistakes=0 missing=0
while read -r sentence; do
  ((++mistakes))
  grep -Fq "$sentence" <<<"$said" || { ((++missing)); echo "nobody says: $sentence"; }
done < <(sed -n 's,^ *// refused: ,,p' "${!#}")
((missing == 0)) || echo "$said"
echo "$mistakes mistakes, $missing of them not refused"
((mistakes > 0 && missing == 0))
