#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec replay: recordings that agree, that disagree, and that are none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tables=$SEVSPEC_TEST_DATA_DIR/rmp-tables.jsonl

expect 0 '^ok 165 operations$' replay "$tables"
expect 0 '^ok 600 operations$' replay "$SEVSPEC_TEST_DATA_DIR/rmp-attacks.jsonl"
expect 0 '^ok 36 operations$' replay "$SEVSPEC_TEST_DATA_DIR/rmp-firmware.jsonl"
same "standard input" "ok 165 operations" "$("$SEVSPEC" replay - <"$tables")"
paste -d' ' - - <"$tables" | sed -E 's/^(.*\}) (\{.*)$/{"request":\1,"response":\2}/' >"$work/pairs.jsonl"
same "lines" 165 "$(wc -l <"$work/pairs.jsonl")"
expect 0 '^ok 165 operations$' replay "$work/pairs.jsonl"
{ head -n 20 "$tables"; sed -n '11,165p' "$work/pairs.jsonl"; } >"$work/mixed.jsonl"
expect 0 '^ok 165 operations$' replay "$work/mixed.jsonl"
sed 's/$/\n\r/' "$tables" >"$work/blank.jsonl"
expect 0 '^ok 165 operations$' replay "$work/blank.jsonl"

# disagrees LINE PATTERN: the recording $work/bad.jsonl does, first there.
disagrees() {
  ((++checks))
  run replay "$work/bad.jsonl"
  ((status == 1)) || fail "status $status instead of 1: $out $err"
  grep -Fq -- "bad.jsonl: line $1: " <<<"$out" || fail "no line $1 in: $out"
  grep -Eq -- "$2" <<<"$out" || fail "no '$2' in: $out"
}
# Responses of the tables, each changed in one place, are noticed where they are.
python3 - "$tables" "$work/changed" <<'PYTHON'
import json, os, sys
lines = open(sys.argv[1]).read().splitlines()
os.mkdir(sys.argv[2])
other = {"SUCCESS": "INVALID_PARAM", "hypervisor": "reclaim", "#GP": "#UD", "abort": "#UD"}
def changed(value):
    if isinstance(value, int):
        return not value if isinstance(value, bool) else value + 1
    return hex(int(value, 0) ^ 0x1000) if value.startswith("0x") else other.get(value, "hypervisor")
for number in range(1, len(lines), 10):
    response = json.loads(lines[number])
    simple = response.get("fault") in (None, "abort", "#GP")
    for name in ("eax", "zf", "cf", "lo", "hi", "state", "status", "error", "address", *(["fault"] if simple else [])):
        if name in response:
            wrong = json.dumps({**response, name: changed(response[name])})
            with open(f"{sys.argv[2]}/{number + 1}.{name}", "w") as file:
                print(*lines[:number], wrong, *lines[number + 1:], sep="\n", file=file)
PYTHON
for file in "$work"/changed/*; do
  cp "$file" "$work/bad.jsonl"
  number=$(basename "${file%.*}")
  disagrees "$number" '^expected \{'
done
((checks > 35)) || fail "too few changed recordings: $checks"

update='{"op":"rmpupdate","spa":"0x201000","assigned":true,"page_size":"4k","immutable":false,"gpa":"0x1234000","asid":5}'
whole='{"op":"rmpupdate","spa":"0x200000","assigned":true,"page_size":"2m","immutable":false,"gpa":"0x40000000","asid":5}'
fine='{"eax":0,"zf":true,"cf":false}'
record() { printf '%s\n' "$@" >"$work/bad.jsonl"; }
record '{"op":"reset"}' '{"ok":true}' "$whole" "$fine" "$update" "$fine"
disagrees 6 '^rule     RMP-UPD-03: '
disagrees 6 '^expected \{"eax":4,"zf":false,"cf":false,"rule":"RMP-UPD-03"\}$'
disagrees 6 '^actual   \{"eax":0,"zf":true,"cf":false\}$'
disagrees 6 '^request  \{"op":"rmpupdate","spa":"0x201000"'
record '{"op":"reset"}' '{"ok":false}'
disagrees 2 'expected \{"ok":true\}'
record "$whole" '{"error":"I cannot"}'
disagrees 2 'expected \{"eax":0'
record "$whole" '{"unsupported":true}'
disagrees 2 'expected \{"eax":0'
record "$whole" '{"eax":0,"zf":1,"cf":0,"rule":"whatever","more":[1]}'
expect 0 '^ok 1 operations$' replay "$work/bad.jsonl"
record '{"op":"nope"}' '{"error":"no"}' "$whole" "$fine"
expect 0 '^ok 2 operations$' replay "$work/bad.jsonl"

# What is no recording.
bad() {  # PATTERN LINE...
  local pattern=$1
  shift
  record "$@"
  expect 2 "$pattern" replay "$work/bad.jsonl"
}
bad 'bad.jsonl: line 1: bad JSON at byte 1' nonsense
bad 'bad.jsonl: line 3: bad JSON' "$whole" "$fine" '{'
bad 'bad.jsonl: line 1: an object was expected' '[]'
bad 'bad.jsonl: line 3: the request has no response' "$whole" "$fine" "$whole"
bad "bad.jsonl: line 2: request: member 'op' is missing" '' '{"eax":0}'
bad "bad.jsonl: line 1: request: member 'spa' is missing" '{"op":"entry"}' "$fine"
bad "bad.jsonl: line 1: request: unknown op 'nope'" '{"op":"nope"}' "$fine"
bad "bad.jsonl: line 1: request: member .gctx. is missing" '{"op":"firmware","command":"launch_finish"}' '{"status":"SUCCESS"}'
bad "bad.jsonl: line 2: response: member 'zf' is missing" "$whole" '{"eax":0}'
bad "bad.jsonl: line 2: response: member 'state': 'nice' is no state" '{"op":"entry","spa":0}' '{"lo":0,"hi":0,"state":"nice"}'
bad "bad.jsonl: line 1: member 'response': an object was expected" '{"request":{"op":"reset"}}'
bad "bad.jsonl: line 1: member 'request': an object was expected" '{"request":7,"response":{}}'
bad 'bad.jsonl: holds no request' ''
expect 2 'no-such-file' replay "$work/no-such-file"
expect 2 'is a directory' replay "$work"
expect 2 . replay
expect 2 . replay "$tables" --nope

finish
