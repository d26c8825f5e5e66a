#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec explore: machines that close, rules that are missed, traces that replay, shards, walks, bad input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

expect 0 '^rmp-core ' explore --list
expect 0 '^result +closed: no state that can be reached breaks an invariant$' explore --model rmp-4k
same "the states of a small machine" "26,074" "$(sed -n 's/^states  *//p' "$work/out")"
same "seconds are told" 1 "$(grep -Ec '^time +[0-9.]+ s$' "$work/out")"
expect 0 '^result +bounded: no invariant is broken so far' explore --model rmp --depth 3
expect 0 '^result +bounded' explore --model rmp --states 500
expect 0 '^result +bounded' explore --model rmp --memory 1

# The other families: they close, have a planted bug that is found, and say what their rules are for.
closed() {  # MACHINE STATES [OPTION...]
  local machine=$1 states=$2
  shift 2
  expect 0 '^result +closed' explore --model "$machine" "$@"
  same "the states of $machine $*" "$states" "$(sed -n 's/^states  *//p' "$work/out")"
}
closed conversion-core 51,399
closed conversion-core 13,008 --symmetry
closed keys 15,496
closed keys 4,646 --symmetry
closed launch 42,640 --symmetry
broken() {  # MACHINE INVARIANT OPERATIONS
  run explore --model "$1" --json
  same "$1" "1 $2 $3" "$status $(python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))["violation"]
print(row["invariant"], len(row["trace"]))' "$work/out")"
}
broken conversion-bug confidentiality 5
broken keys-bug "no dirty ASID" 14
broken launch-bug contents 8
run explore --model keys --ablate ENC-ASID-11,FW-ACT-21
same "ablation of keys" "0 2 1" "$status $(grep -Ec '^(ENC|FW)-' <<<"$out") $(grep -c '^  --  ' <<<"$out")"
expect 2 'ENC-ASID-11 is outside the machines' explore --model conversion --ablate ENC-ASID-11

# Without a rule: what breaks, how, and the same as JSON.
run explore --without RMP-PVL-03 --trace "$work/trace.jsonl"
same "status of a violation" 1 "$status"
same "the violation" "result       INV-03 is broken after 5 operations" "$(grep '^result' <<<"$out")"
same "its last operation" "   5  guest 1, VMPL0: PVALIDATE gPA 0 at page 1" "$(grep '^ *5 ' <<<"$out")"
run replay "$work/trace.jsonl"
same "the trace, replayed" "1 cf" "$status $(sed -n 's/^expected .*"\(cf\)":true}$/\1/p' <<<"$out")"
run explore --without RMP-PVL-03 --json
same "as JSON" "1 INV-03 5 ['RMP-PVL-03'] violation" "$status $(python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))
print(row["violation"]["invariant"], len(row["violation"]["trace"]), row["without"], row["ending"])' "$work/out")"
run explore --model rmp-4k --json
same "closed, as JSON" "0 closed None 26074" "$status $(python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))
print(row["ending"], row["violation"], row["states"])' "$work/out")"
run explore --without RMP-CHK-01,RMP-VPL-01 --model rmp-4k
same "two rules" "without      RMP-CHK-01, RMP-VPL-01" "$(grep '^without' <<<"$out")"

# Shards see together what one search sees; representatives are fewer.
for part in 0 1 2; do
  run explore --model rmp-4k --shard $part/3 --save-states "$work/part$part"
  same "shard $part" 0 "$status"
done
expect 0 '^states +26,074$' explore --merge "$work/part0" "$work/part1" "$work/part2"
same "all shards have closed" 1 "$(grep -c '^result  *closed: no state that can be reached breaks' "$work/out")"
expect 0 '^missing +1/3$' explore --merge "$work/part0" "$work/part2"
same "without one of them" 1 "$(grep -c '^result  *bounded' "$work/out")"
expect 2 'shard 0 is there twice' explore --merge "$work/part0" "$work/part0"
run explore --model rmp-4k --without RMP-PVL-03 --shard 0/3 --save-states "$work/other"
expect 2 'without: ' explore --merge "$work/part1" "$work/other"
for part in 0 1; do run explore --model rmp-4k --without RMP-PVL-03 --shard $part/2 --save-states "$work/broken$part"; done
run explore --merge "$work/broken0" "$work/broken1" --json
same "a violation, merged" "1 violation INV-03 5 2" "$status $(python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))
print(row["ending"], row["violation"]["invariant"], len(row["violation"]["trace"]), row["shards"])' "$work/out")"

# Files that are not what was written.
altered() {  # FILE CODE: changes `about` and `rest`, and what is written is as good as it can be
  python3 -c 'import hashlib, json, sys
whole = open(sys.argv[1], "rb").read()
line, _, rest = whole.partition(b"\n")
about = json.loads(line)
exec(sys.argv[2])
about.pop("sum", None)
body = json.dumps(about, separators=(",", ":"), ensure_ascii=False).encode()
about["sum"] = hashlib.sha256(body + b"\n" + rest if len(sys.argv) < 4 else b"").hexdigest()
open(sys.argv[1] + "-altered", "wb").write(json.dumps(about, separators=(",", ":")).encode() + b"\n" + rest)' "$@"
}
run explore --model rmp-4k --depth 3 --shard 0/2 --save-states "$work/whole0"
altered "$work/whole0" 'pass'
expect 0 '^result +bounded' explore --merge "$work/whole0-altered"
refused_file() {  # PATTERN CODE [BAD-SUM]
  altered "$work/whole0" "${@:2}"
  expect 2 "whole0-altered: $1" explore --merge "$work/whole0-altered"
}
head -n 1 "$work/whole0" >"$work/cut0"
expect 2 'cut0: [0-9]+ states were expected, there are 0' explore --merge "$work/cut0"
refused_file '[0-9]+ states were expected, there are [0-9]+' 'rest = rest[:-about["state_bytes"]]'
refused_file 'its sum is another' 'rest = bytes([rest[0] ^ 1]) + rest[1:]' bad
refused_file 'its sum is another' 'about["depth"] = 7' bad
refused_file 'shard: 4294967296 is not from 0 to 1' 'about["shard"] = 2**32'
refused_file 'shard: 2 is not from 0 to 1' 'about["shard"] = 2'
refused_file 'of: 0 is not from 1 to 65536' 'about["of"] = 0'
refused_file 'of: 4294967295 is not from 1 to 65536' 'about["of"] = 2**32 - 1'
refused_file 'of: 4294967297 is not from 1 to 65536' 'about["of"] = 2**32 + 1'
refused_file 'depth: 4294967296 is not from 0' 'about["depth"] = 2**32'
refused_file 'ending: 3 is not from 0 to 2' 'about["ending"] = 3'
refused_file 'no file that --save-states wrote' 'about.pop("states")'
run explore --model rmp-regions --states 20000 --symmetry
same "with symmetry" 0 "$status"

# Random walks.
expect 0 '^walk +1,000 steps, seed 7$' explore --walk 7 --length 1000
run explore --walk 7 --length 100000 --without RMP-UPD-07
same "a walk that ends" "1 1" "$status $(grep -c 'INV-12 is broken' <<<"$out")"

# A walk in two parts is the walk in one.
expect 0 '^walk +3,000 steps, seed 7$' explore --walk 7 --length 3000 --walk-file "$work/whole"
expect 0 '^walk +1,000 steps, seed 7$' explore --walk 7 --length 1000 --walk-file "$work/halves"
expect 0 '^ +3,000 from its beginning$' explore --walk 7 --length 2000 --walk-file "$work/halves"
same "a walk that goes on" "$(cat "$work/whole")" "$(cat "$work/halves")"
expect 2 'another walk: its seed is not 8' explore --walk 8 --walk-file "$work/whole"
expect 2 'another walk: its model' explore --walk 7 --model keys --walk-file "$work/whole"
expect 2 'which walk' explore --walk-file "$work/whole"
expect 2 'which walk' explore --length 7
damaged() {  # PATTERN CODE [SUM]: with SUM the sum is right
  python3 -c 'import hashlib, json, sys
about = json.load(open(sys.argv[1]))
exec(sys.argv[2])
if len(sys.argv) > 3:
    del about["sum"]
    about["sum"] = hashlib.sha256(json.dumps(about, separators=(",", ":")).encode()).hexdigest()
json.dump(about, open(sys.argv[1] + "-damaged", "w"))' "$work/whole" "${@:2}"
  expect 2 "whole-damaged: $1" explore --walk 7 --length 10 --walk-file "$work/whole-damaged"
}
damaged 'its sum is another' 'about["attempts"] = 2**63'
damaged 'its sum is another' 'about["state"][0] ^= 2'
damaged 'no place in a walk' 'del about["sum"]'
damaged 'attempts: 5 operations do not make 3000 steps' 'about["attempts"] = 5' sum
damaged 'state: the model has none that is written so' 'about["state"][-1] |= 2**63' sum
damaged 'state: a walk ends where INV-[0-9]+ breaks' 'about["state"] = [2] + about["state"][1:]' sum

# No number is cut off, and no option is ignored.
expect 2 '--depth: 4294967296 is more than 4294967295' explore --depth 4294967296
expect 2 '--states: 4294967296 is more than 4294967295' explore --states 4294967296
expect 2 '--memory: 17592186044416 is more than 17592186044415' explore --memory 17592186044416
expect 2 "--length: '-1'|--length.*-1" explore --walk 7 --length -1
expect 2 "--length: 'ten'" explore --walk 7 --length ten
for option in "--save-states $work/none" '--shard 0/2' '--depth 7' '--states 7' '--memory 7'; do
  expect 2 "${option%% *}: has no meaning with --walk" explore --walk 7 $option
done
for option in '--model rmp' '--without RMP-PVL-03' '--symmetry' '--walk 7' "--trace $work/none" '--depth 7'; do
  expect 2 "${option%% *}: has no meaning with --merge" explore --merge "$work/whole0" $option
done
for option in '--depth 7' '--walk 7' '--symmetry' "--save-states $work/none" "--trace $work/none"; do
  expect 2 "${option%% *}: has no meaning with --ablate" explore --ablate RMP-PVL $option
done
expect 2 '--model: has no meaning with --peer' explore --peer all --model rmp
expect 2 '--model: has no meaning with --list' explore --list --model rmp
[[ ! -e $work/none ]] || fail "a file was written"

# A row per rule.
run explore --ablate RMP-PVL,RMP-SMH
same "ablation" "0 14 9" "$status $(grep -c '^RMP-' <<<"$out") $(grep -c '^  --  ' <<<"$out")"
same "definitions" 7 "$(grep -c '^  --  a definition, carried by ' <<<"$out")"
run explore --ablate RMP-PVL --json
same "ablation as JSON" "RMP-PVL-01 RMP-PVL-02 RMP-PVL-03" \
  "$(python3 -c 'import json, sys
print(*[row["rule"] for row in json.load(open(sys.argv[1])) if row["violation"]])' "$work/out")"
run explore --ablate RMP-PVL --shard 1/3
same "a shard of it" 3 "$(grep -c '^RMP-PVL' <<<"$out")"
run explore --ablate RMP-CHK-12 --json
same "a definition as JSON" "0 ['RMP-CHK-01'] None" "$status $(python3 -c 'import json, sys
row = json.load(open(sys.argv[1]))[0]
print(row["carried_by"], row["violation"])' "$work/out")"
expect 2 'RMP-RUD-01 is a definition' explore --ablate RMP-RUD-01

expect 2 "'x' is none of rmp, rmp-core" explore --model x
expect 2 'no such rule' explore --without RMP-PVL-99
expect 2 'RMP-PVL-04 is a definition' explore --without RMP-PVL-04
expect 2 'PAG-PERM-01 is outside the machines' explore --ablate PAG-PERM-01
expect 2 "'3/3': I/N was expected" explore --shard 3/3
expect 2 "'a/b': I/N was expected" explore --shard a/b
expect 2 "rmp has one region" explore --symmetry
expect 2 'depth' explore --depth -1
expect 2 . explore --ablate all --without RMP-PVL-03
expect 2 'cannot be (written|opened)' explore --model rmp-4k --depth 1 --save-states /nowhere/there
expect 2 'no file that --save-states wrote' explore --merge "$work/trace.jsonl"
printf 'x' >>"$work/part0"
expect 2 'no whole states' explore --merge "$work/part0"
expect 2 'sevspec replay knows no steps' explore --model keys-bug --trace "$work/keys.jsonl"

finish
