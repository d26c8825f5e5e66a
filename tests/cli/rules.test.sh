#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec rules and sevspec explain: the whole registry, one rule, a group, and what is no rule.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run rules --json
same "status of rules --json" 0 $status
same "the registry as JSON" ok "$(python3 - "$work/out" <<'PYTHON'
import json, re, sys
rules = json.load(open(sys.argv[1]))
ids = [rule["id"] for rule in rules]
problems = [rule for rule in rules if list(rule) != ["id", "text", "source", "area"] or not all(rule.values())
            or not re.fullmatch(r"[A-Z]+(-[A-Z0-9]+)+", rule["id"])
            or (rule["id"].startswith("PAG-") and rule["area"] != "paging")]
print(problems or ("twice" if len(set(ids)) != len(ids) else "few" if len(ids) < 84 else "ok"))
PYTHON
)"
count=$(python3 -c 'import json, sys; print(len(json.load(sys.stdin)))' <<<"$out")
run rules
same "rules in the table" "$count" "$(grep -Ec '^[A-Z]+(-[A-Z0-9]+)+ ' <<<"$out")"
same "lines wider than 100 characters" 0 "$(grep -Ec '^.{101,}$' <<<"$out")"

expect 0 '"id": "PAG-NPT-11",' rules --json PAG-NPT-11
same "one rule" 1 "$(grep -c '"id"' "$work/out")"
expect 0 '^PAG-NPT-11 .*nested walk' rules PAG-NPT-11
expect 0 '^PAG-CAN-04 ' rules PAG-CAN
expect 2 "'PAG-NPT-111'.*nearest are PAG-NPT-11, " rules PAG-NPT-111
expect 2 "'X'.*no such rule" rules X
expect 2 'no such rule' rules --json "$(head -c 100000 /dev/zero | tr '\0' A)"

expect 0 '^PAG-NPT-11$' explain PAG-NPT-11
for pattern in 'it needs nU=1' 'source +APM vol. 2, 15.25.5' 'kind +guard' 'confidence +high' 'enforced by +nested page walk'; do
  expect 0 "$pattern" explain pag_npt_11
done
expect 0 'enforced by +host page walk' explain PAG-KEY-02
expect 2 'nearest are .*PAG-PERM-01' explain PAG-PREM-01
expect 2 'ID' explain
expect 2 . explain PAG-PERM-01 PAG-PERM-02
expect 2 'no such rule' explain ''

# Every rule can be explained, and says who enforces it. Groups at once: an explanation runs all attacks first.
run rules
ids=$(grep -Eo '^[A-Z]+(-[A-Z0-9]+)+' <<<"$out")
for group in $(cut -d- -f1 <<<"$ids" | sort -u); do
  run explain "$group"
  same "status of explain $group" 0 "$status"
  same "explanations of $group" "$(grep "^$group-" <<<"$ids")" "$(grep -E '^[A-Z]' <<<"$out")"
  same "who enforces $group" "$(grep -c "^$group-" <<<"$ids")" "$(grep -c '^  enforced by ' <<<"$out")"
done
expect 0 '^  stops +ATK-15, Stale translations \(MIL, GEN, TUR\)$|^ +ATK-15, Stale translations \(MIL, GEN, TUR\)$' explain RMP-CHK-01

finish
