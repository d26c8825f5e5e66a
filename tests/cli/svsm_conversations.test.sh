#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# serve, replay and conform with calls to an SVSM: a recording, bad lines, programs with defects.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
recorded=$SEVSPEC_TEST_DATA_DIR/svsm-conversations.jsonl
schema=$(dirname "${BASH_SOURCE[0]}")/../../docs/oracle-protocol.schema.json
soft="python3 $(dirname "${BASH_SOURCE[0]}")/../../examples/soft_svsm.py"
export PYTHONDONTWRITEBYTECODE=1

# --- serve ---

# answers TITLE RESPONSE REQUEST...: the last response is exactly this.
answers() {
  local title=$1 want=$2
  shift 2
  out=$(printf '%s\n' "$@" | timeout 20 "$SEVSPEC" serve 2>"$work/err")
  same "$title" "$want" "$(tail -n 1 <<<"$out")"
}
reset='{"op":"svsm_reset"}'
call() { echo "{\"op\":\"svsm_call\",\"cpu\":0,\"rax\":\"$1\",\"rcx\":\"$2\"${3-}}"; }
registers() { echo "\"rax\":\"$1\",\"rcx\":\"$2\",\"rdx\":\"0x0\",\"r8\":\"0x0\",\"r9\":\"0x0\""; }
list() { echo ",\"memory\":{\"0x9000\":\"0100000000000000$1\"}"; }
query=$(call 0x6 0x1)
answers "versions" "{\"end\":\"served\",$(registers 0x0 0x100000001),\"pending\":0}" "$reset" "$query"
answers "without a reset" "{\"end\":\"served\",$(registers 0x0 0x100000001),\"pending\":0}" "$query"
answers "nothing pending" "{\"end\":\"no_request\",$(registers 0x6 0x1),\"pending\":0,\"rule\":\"SVSM-CA-05\"}" "$reset" "$(call 0x6 0x1 ',"pending":0')"
answers "no VMGEXIT" "{\"end\":\"no_request\",$(registers 0x6 0x1),\"pending\":1,\"rule\":\"SVSM-CA-05\"}" "$reset" "$(call 0x6 0x1 ',"exit":"0x60"')"
validated='"memory":{"0x9002":"01"},"pages":[{"gpa":"0x10000","validated":true,"vmsa":false,"rights":[0,15,0]}]'
answers "PVALIDATE" "{\"end\":\"served\",$(registers 0x0 0x9000),\"pending\":0,$validated}" "$reset" "$(call 0x1 0x9000 "$(list 0400010000000000)")"
answers "another page" "{\"end\":\"served\",$(registers 0x80001010 0x9000),\"pending\":0,\"rule\":\"SVSM-CORE-16\"}" "$reset" \
  '{"op":"svsm_page","gpa":"0x2000","state":"given"}' "$(call 0x1 0x9000 "$(list 0c20000000000000)")"
answers "a choice" "{\"end\":\"served\",$(registers 0x80000003 0x8000),\"pending\":0,\"rule\":\"SVSM-CORE-02\"}" \
  '{"op":"svsm_reset","choices":{"svsm_same_caa":"invalid_address"}}' "$(call 0x0 0x8000)"
answers "its own VMSA" '{"end":"idle","pending":0,"pages":[{"gpa":"0x6000","validated":true,"vmsa":false,"rights":[0,15,0]}],"processors":[{"cpu":0,"vmsa":null,"caa":null}],"rule":"SVSM-CA-07"}' \
  "$reset" "$(call 0x3 0x6000)"
answers "a page" '{"ok":true,"id":7}' "$reset" '{"op":"svsm_page","gpa":"0x10000","state":"shared","id":7}'
answers "blocked" '{"end":"blocked","rule":"RMP-CHK-01"}' "$reset" '{"op":"svsm_page","gpa":"0x10000","state":"shared"}' "$(call 0x1 0x9000 "$(list 0400010000000000)")"
answers "behind the end" '{"error":"the hypervisor keeps the SVSM from going on"}' "$reset" '{"op":"svsm_page","gpa":"0x10000","state":"shared"}' \
  "$(call 0x1 0x9000 "$(list 0400010000000000)")" "$query"
bad() { answers "bad: $1" "{\"error\":\"$1\"}" "$reset" "$2"; }
bad "member 'vmpl': 1, 2 or 3 was expected" '{"op":"svsm_reset","vmpl":0}'
bad "member 'processors': at least 1 was expected" '{"op":"svsm_reset","processors":0}'
bad "member 'rax' is missing" '{"op":"svsm_call","cpu":0}'
bad "member 'memory/0x400000': ends behind 0x400000" "$(call 0x6 0x1 ',"memory":{"0x400000":"00"}')"
bad "member 'memory/0x1': overlaps the bytes before it" "$(call 0x6 0x1 ',"memory":{"0x0":"0011","0x1":"00"}')"
bad "member 'state': 'mine' is none of shared, given, large" '{"op":"svsm_page","gpa":0,"state":"mine"}'
bad "the processor has no VMSA" '{"op":"svsm_call","cpu":1,"rax":6}'
bad "there is no such processor" '{"op":"svsm_call","cpu":3,"rax":6}'
bad "the guest cannot write there" "$(call 0x6 0x1 ',"memory":{"0x10000":"00"}')"

# --- replay ---

expect 0 '^ok 300 operations$' replay "$recorded"
printf '%s\n' "$reset" '{"ok":true}' "$query" '{"end":"served","rax":0,"rcx":0,"pending":0}' >"$work/bad.jsonl"
run replay "$work/bad.jsonl"
same "a response that differs" "1 1" "$status $(grep -c '^differs  rcx$' <<<"$out")"
printf '%s\n' "$reset" '{"ok":true}' "$query" '{"end":"gone","pending":0}' >"$work/bad.jsonl"
expect 2 "bad.jsonl: line 4: response: member 'end': 'gone' is none of" replay "$work/bad.jsonl"
same "the schema" "300 exchanges" "$(timeout 60 python3 - "$schema" "$recorded" <<'PYTHON'
import json, sys
schema = json.load(open(sys.argv[1]))
lines = [json.loads(line) for line in open(sys.argv[2])]
try:
    import jsonschema
    for name in ("request", "response"):
        validate = jsonschema.Draft202012Validator({**schema, "anyOf": [{"$ref": f"#/$defs/{name}"}]}).validate
        for one in lines:
            validate(one[name])
except (ImportError, AttributeError):  # then at least: the requests' members are those of the schema
    for one in lines:
        known = schema["$defs"][one["request"]["op"]]
        assert set(known["required"]) <= set(one["request"]) <= set(known["properties"]), one
print(len(lines), "exchanges")
PYTHON
)"
run conform --svsm --vectors 300 --seed 5
((++checks))
cmp -s "$work/out" "$recorded" || fail "the recording is not what its README says"

# --- conform ---

expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 0 unspecified$' conform --svsm --exec "'$SEVSPEC' serve" --runs 60
same "every rule" "rules 58 of 58" "$(tail -n 1 <<<"$out")"
same "diagnostics" "" "$err"
expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 0 unspecified$' conform --svsm --exec "$soft" --runs 100
for defect in first_address no_zero keeps_pending; do
  ((++checks))
  run conform --svsm --exec "$soft --defect $defect" --runs 100 --trace "$work/trace.jsonl"
  operations=$(sed -n 's/^disagreement: \([0-9]*\) operations after a reset$/\1/p' <<<"$out")
  ((status == 1)) && ((operations <= 3)) || fail "$defect: status $status: $out $err"
  same "$defect: the trace" "ok $((operations + 1)) operations" "$("$SEVSPEC" replay "$work/trace.jsonl")"
done

# The library itself with another SVSM's choices, and with a bug.
cat >"$work/peer.py" <<'PYTHON'
import json, subprocess, sys

mode = sys.argv[2]
right = subprocess.Popen([sys.argv[1], "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
for line in sys.stdin:
    request = json.loads(line)
    if mode == "choices" and request["op"] == "svsm_reset":
        request["choices"] = {"svsm_same_caa": "invalid_address", "svsm_vtom_query_exact": True}
    right.stdin.write(json.dumps(request) + "\n")
    answer = json.loads(right.stdout.readline())
    asks = request["op"] == "svsm_call" and int(request["rax"], 0) == 6 and answer.get("end") == "served"
    if mode == "protocols" and asks and int(answer["rcx"], 0) == 0:
        answer["rcx"] = "0x100000001"
    print(json.dumps(answer), flush=True)
PYTHON
peer() { echo "python3 '$work/peer.py' '$SEVSPEC' $1"; }
expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 2 unspecified$' conform --svsm --exec "$(peer choices)" --runs 20
same "choices" "unspecified svsm_same_caa unspecified svsm_vtom_query_exact" "$(sed 's/:.*//' <<<"$err" | sort | xargs)"
run conform --svsm --exec "$(peer protocols)" --runs 20
same "a bug" "1 1" "$status $(grep -c '^suspect  SVSM-CORE-60: ' <<<"$out")"
expect 0 '^ok ' conform --svsm --exec "$(peer protocols)" --runs 20 --known-bug SVSM-CORE-60
expect 2 '--svsm: excludes --ghcb' conform --svsm --ghcb --exec true
expect 2 '--known-bug: goes with --svsm' conform --known-bug SVSM-CORE-60 --exec true
expect 2 '--exec' conform --svsm
expect 0 '^$' conform --svsm --vectors 0

finish
