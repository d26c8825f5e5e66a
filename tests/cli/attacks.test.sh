#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec attacks: the matrix, one attack, JSON, explain, bad input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run attacks
same "status" 0 "$status"
same "diagnostics" "" "$err"
same "lines wider than 100 characters" 0 "$(grep -Ec '^.{101,}$' <<<"$out")"
expect_line() { ((++checks)); grep -Eq -- "$1" <<<"$out" || fail "no '$1' in: $out"; }
expect_line '^ +SEV +ES +MIL +GEN +TUR +stopped by$'
expect_line '^ATK-03 +S +S +#NPF-RMP +#NPF-RMP +#NPF-RMP +RMP-CHK-01$'
expect_line '^ATK-06 +S +S +#PF-RMP +#PF-RMP +#PF-RMP +RMP-CHK-01$'
expect_line '^ATK-34 +- +VERR +#PF-RMP +#PF-RMP +#PF-RMP +WSW-RUN-05, RMP-CHK-01$'
expect_line '^ATK-48 +- +- +S > E +S > E +H +FW-SNP-PMV-01,$'
expect_line '^not run:$'
expect_line '^ATK-57 +StackWarp'
rows=$(grep -c '^ATK-[0-9A-Z-]* .* .* .* .* ' <<<"$(sed '/^not run:/,$d' <<<"$out")")
matrix=$out
run attacks
same "the same matrix twice" "$matrix" "$out"

# One attack, by either command; groups; other spellings.
expect 0 '^ATK-51$' attacks ATK-51
expect_line '^  MIL +success$'
expect_line '^    fixed +stopped, VERR, by WSW-INJ-04$'
expect_line '^  WSW-INJ-04 +[A-Z]'
one=$out
expect 0 '^ATK-51$' explain atk_51
same "explain" "$one" "$out"
run attacks ATK-11
same "a group" "ATK-11-DEC ATK-11-ENC" "$(grep -o '^ATK-.*' <<<"$out" | xargs)"
expect 0 'not run +What the undocumented bit' attacks ATK-57
expect 0 '^  MIL +success; INV-10 breaks: ' attacks ATK-16
expect 0 '^  invariants +Memory is only read' attacks ATK-47
for id in {60..69}; do
  expect 0 '^  not run ' attacks ATK-$id
  same "a test of ATK-$id" yes "$(grep -rqF "[ATK-$id]" "$(dirname "${BASH_SOURCE[0]}")/../unit" && echo yes)"
done

# The attacks that a rule stops.
expect 0 '^  stops +ATK-30, undeSErVed trust: a permuted launch \(MIL, GEN, TUR\)$' explain FW-SNP-LFIN-04
expect_line '^ +ATK-31, Tampering at launch \(MIL, GEN, TUR\)$'
run explain RMP-RDD-01
same "a rule that stops no attack" "0 " "$status $(grep stops <<<"$out")"
expect 0 'not run +' explain ATK-57

# JSON: as many rows, and the same cells.
run attacks --json
same "as JSON" "0 $rows S S #PF-RMP RMP-CHK-01" "$status $(python3 -c 'import json, sys
rows = json.load(open(sys.argv[1]))
run = [row for row in rows if "cells" in row]
assert all("cells" in row or row["not_run"] for row in rows)
replay = next(row for row in run if row["id"] == "ATK-06")["cells"]
print(len(run), replay["SEV"]["text"], replay["ES"]["text"], replay["MIL"]["text"], replay["TUR"]["fixed"]["rule"])' "$work/out")"
run attacks --json ATK-13
same "one as JSON" "0 ATK-13 success detected PST-01" "$status $(python3 -c 'import json, sys
(row,) = json.load(open(sys.argv[1]))
cell = row["cells"]["GEN"]
print(row["id"], cell["first"]["ending"], cell["fixed"]["ending"], cell["fixed"]["rule"])' "$work/out")"
run attacks --json ATK-57
same "one that is not run, as JSON" "0 ATK-57" "$status $(python3 -c 'import json, sys
print(*[row["id"] for row in json.load(open(sys.argv[1]))])' "$work/out")"

run attacks --json ATK-43
same "rules one behind another" "WSW-RUN-02 WSW-RUN-04" "$(python3 -c 'import json, sys
(row,) = [each for each in json.load(open(sys.argv[1])) if each["id"] == "ATK-43"]
print(*row["cells"]["MIL"]["first"]["rules"][:2])' "$work/out")"

expect 2 "'ATK-99': no such attack; the nearest are ATK-" attacks ATK-99
expect 2 "'ATK-99': no such attack" explain ATK-99
expect 2 'no such attack' attacks RMP-CHK-01
expect 0 '^ATK-06$' explain ATK
expect 2 . attacks ATK-06 ATK-07

finish
