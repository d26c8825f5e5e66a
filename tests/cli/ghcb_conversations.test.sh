#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# serve, replay and conform with requests to a hypervisor: a recording, every response, bad lines, programs with defects.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
recorded=$SEVSPEC_TEST_DATA_DIR/ghcb-conversations.jsonl
schema=$(dirname "${BASH_SOURCE[0]}")/../../docs/oracle-protocol.schema.json
export PYTHONDONTWRITEBYTECODE=1

# --- serve ---

# answers TITLE RESPONSE REQUEST...: the last response is exactly this.
answers() {
  local title=$1 want=$2
  shift 2
  out=$(printf '%s\n' "$@" | timeout 20 "$SEVSPEC" serve 2>"$work/err")
  same "$title" "$want" "$(tail -n 1 <<<"$out")"
}
snp='{"op":"ghcb_reset"}'
register='{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x10012"}'
# event CODE INFO1 INFO2 MARKS MORE: a request; numbers as 16 digits, little-endian; MARKS are the upper half of the bitmap.
event() { echo "{\"op\":\"ghcb_page\",\"vcpu\":0,\"vmpl\":0,\"gpa\":\"0x10000\",\"page\":{\"0x390\":\"$1$2$3\",\"0x3f8\":\"$4\"$5}"; }
zero=0000000000000000
rdtsc=$(event 6e00000000000000 $zero $zero 0000000000001c00 '}')
answers "versions" '{"next":"resume","msr":"0x2000133000001"}' '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x2"}'
answers "another C-bit" '{"next":"resume","msr":"0x200022f000001","id":4}' '{"op":"ghcb_reset","c_bit":47,"lowest_version":2}' \
  '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":2,"id":4}'
answers "registration" '{"next":"resume","msr":"0x10013"}' "$snp" "$register"
answers "none" '{"next":"resume","page":{"0x398":"02000000000000000100000000000000","0x3f8":"0000000000001800"},"rule":"GHCB-PAGE-03"}' "$snp" "$rdtsc"
answers "RDTSC" '{"next":"resume","page":{"0x1f8":"8877665500000000","0x310":"4433221100000000","0x3f0":"00000000000000800000000004001800"}}' \
  "$snp" "$register" "$rdtsc"
answers "an ES guest registers nothing" '{"next":"resume","page":{"0x1f8":"8877665500000000","0x310":"4433221100000000","0x3f0":"00000000000000800000000004001800"}}' \
  '{"op":"ghcb_reset","guest":"es"}' "$rdtsc"
answers "the end" '{"next":"terminate","set":1,"code":2,"rule":"GHCB-MSR-19"}' "$snp" '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x21100"}'
answers "behind the end" '{"error":"the guest has ended"}' "$snp" '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x21100"}' "$register"
answers "a private page" '{"next":"resume","msr":"0x15","private":[{"gpa":"0x5000","pages":1}]}' "$snp" '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x10000000005014"}'
hold='{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":6}'
sipi='{"op":"ghcb_signal","vcpu":0,"signal":"sipi"}'
answers "hold" '{"next":"hold"}' "$snp" "$hold"
answers "held" '{"error":"the processor is in AP reset hold"}' "$snp" "$hold" "$register"
answers "woken" '{"woken":true,"result":"0x1"}' "$snp" "$sipi" "$hold" "$sipi"
answers "not woken" '{"woken":false}' "$snp" "$sipi"
answers "no VMSA" '{"error":"the processor has no VMSA to run"}' "$snp" "${register/\"vcpu\":0/\"vcpu\":1}"
create=$(event 1300008000000000 0100000001000000 0010340000000000 0000000000001c00 ',"0x1f8":"0100000000000000","0x3f0":"0000000000000080"}')
answers "AP creation" \
  '{"next":"resume","page":{"0x398":"00000000000000000000000000000000","0x3f0":"00000000000000000000000000001800"},"processors":[{"vcpu":1,"runnable":true,"vmpl":0,"vmsa":["0x341000",null,null,null]}]}' \
  "$snp" "$register" "$create"
# CPUID Dh, 1 with XCR0 alone, and with XSS, of guests with and without shadow stacks.
without_xss=$(event 7200000000000000 $zero $zero 0000000002001c20 \
  ',"0x1f8":"0d00000000000000","0x308":"0100000000000000","0x3e8":"0700000000000000","0x3f0":"0000000000000080"}')
with_xss=${without_xss/0000000000000080/0000000000010080}
cpuid='{"next":"resume","page":{"0x1f8":"7814000d00000000","0x308":"2d415558000000007914000d000000000700000000000000","0x3f0":"0000000000000080000000000e001800"}}'
shadow_stacks='{"op":"ghcb_reset","shadow_stacks":true}'
answers "no XSS" '{"next":"resume","page":{"0x398":"02000000000000000400000000000000","0x3f0":"00000000000000000000000000001800"},"rule":"GHCB-NAE-05"}' \
  "$shadow_stacks" "$register" "$without_xss"
answers "XSS" "$cpuid" "$shadow_stacks" "$register" "$with_xss"
answers "no XSS, and none needed" "${cpuid/0x3f0\":\"0000000000000080/0x3f8\":\"}" "$snp" "$register" "$without_xss"
answers "the whole page" '{"next":"resume","page":{"0x398":"02000000000000000400000000000000","0x3f8":"0000000000001800"},"rule":"GHCB-PAGE-05"}' "$snp" "$register" \
  "{\"op\":\"ghcb_page\",\"vcpu\":0,\"vmpl\":0,\"gpa\":65536,\"page\":\"$(printf '%08192d' 0)\"}"

# Bad lines name the place, change nothing, and the conversation goes on.
bad() { answers "bad: $1" "{\"error\":\"$1\"}" "$snp" "$2"; }
page='{"op":"ghcb_page","vcpu":0,"vmpl":0,"gpa":"0x1000","page":'
bad "member 'guest': 'sev' is none of snp, es" '{"op":"ghcb_reset","guest":"sev"}'
bad "member 'processors': at least 1 was expected" '{"op":"ghcb_reset","processors":0}'
bad "member 'processors': 5000 is more than 1024" '{"op":"ghcb_reset","processors":5000}'
bad "member 'lowest_version': more than highest_version" '{"op":"ghcb_reset","lowest_version":3}'
bad "member 'memory': a positive multiple of 4096 was expected" '{"op":"ghcb_reset","memory":"0x1001"}'
bad "member 'certificates': 65537 is more than 65536" '{"op":"ghcb_reset","certificates":65537}'
bad "member 'holes/1/pages' is missing" '{"op":"ghcb_reset","holes":[{"gpa":0,"pages":1},{"gpa":0}]}'
bad "member 'holes/0/gpa': a multiple of 4096 was expected" '{"op":"ghcb_reset","holes":[{"gpa":8,"pages":1}]}'
bad "member 'shadow_stacks': true, false, 0 or 1 was expected" '{"op":"ghcb_reset","shadow_stacks":2}'
bad "member 'choices/psmash': there is no such choice" '{"op":"ghcb_reset","choices":{"psmash":1}}'
bad "member 'vmpl': 4 is more than 3" '{"op":"ghcb_msr","vcpu":0,"vmpl":4,"value":2}'
bad "there is no such processor" '{"op":"ghcb_msr","vcpu":4,"vmpl":0,"value":2}'
bad "another VMPL of the processor runs" '{"op":"ghcb_msr","vcpu":0,"vmpl":1,"value":2}'
bad "the value is the address of a page" '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x1000"}'
bad "a GHCB is aligned to 4096" "${page/0x1000/0x1008}{}}"
bad "member 'page' is missing" '{"op":"ghcb_page","vcpu":0,"vmpl":0,"gpa":0}'
bad "member 'page': 3 bytes; 4096 were expected" "$page\"010203\"}"
bad "member 'page': 3 hexadecimal digits are no whole bytes" "$page\"010\"}"
bad "member 'page': an object of addresses and bytes was expected" "${page}7}"
bad "member 'page/0x390': character 1 is no hexadecimal digit" "$page{\"0x390\":\"1g\"}}"
bad "member 'page/0x390': a string of hexadecimal digits was expected" "$page{\"0x390\":17}}"
bad "member 'page/0xfff': ends behind 0x1000" "$page{\"0xfff\":\"0011\"}}"
bad "member 'page/0xffffffffffffffff': ends behind 0x1000" "$page{\"0xffffffffffffffff\":\"00\"}}"
bad "member 'page/rax': the name is not a number (0x... or decimal)" "$page{\"rax\":\"00\"}}"
bad "member 'page/0x1': overlaps the bytes before it" "$page{\"0x0\":\"0011\",\"0x1\":\"00\"}}"
bad "member 'memory/0xfff': overlaps the page" "$page{},\"memory\":{\"0xfff\":\"0011\"}}"
bad "member 'race': one address and the bytes there were expected" "$page{},\"race\":{}}"
bad "member 'signal': 'nmi' is none of init, sipi, interrupt" '{"op":"ghcb_signal","vcpu":0,"signal":"nmi"}'
bad "unknown op 'ghcb_write'" '{"op":"ghcb_write"}'
answers "a huge line" '{"next":"resume","msr":"0x10013"}' "$snp" "$page\"$(printf '%01100000d' 0)\"}" "$register"

# The recording follows the schema, and serve still answers so.
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
requests() { python3 -c 'import json, sys
for line in sys.stdin: print(json.dumps(json.loads(line)["request"]))'; }
same "the recording, served" "$(python3 -c 'import json, sys
for line in sys.stdin: print(json.dumps(json.loads(line)["response"], separators=(",", ":")))' <"$recorded")" \
  "$(requests <"$recorded" | "$SEVSPEC" serve)"

# --- replay ---

expect 0 '^ok 300 operations$' replay "$recorded"
# disagrees PATTERN REQUEST RESPONSE...: the last response does.
disagrees() {
  local pattern=$1
  shift
  printf '%s\n' "$@" >"$work/bad.jsonl"
  ((++checks))
  run replay "$work/bad.jsonl"
  ((status == 1)) || fail "status $status instead of 1: $out $err"
  grep -Eq -- "$pattern" <<<"$out" || fail "no '$pattern' in: $out"
}
ok='{"ok":true}'
disagrees '^rule     GHCB-MSR-11: ' "$snp" "$ok" "$register" '{"next":"resume","msr":"0x10012"}'
disagrees '^differs  next$' "$snp" "$ok" "$register" '{"next":"hold"}'
disagrees '^differs  reason$' "$snp" "$ok" '{"op":"ghcb_msr","vcpu":0,"vmpl":0,"value":"0x21100"}' '{"next":"terminate","set":2,"code":1}'
disagrees '^differs  rdx$' "$snp" "$ok" "$register" '{"next":"resume","msr":"0x10013"}' "$rdtsc" \
  '{"next":"resume","page":{"0x1f8":"8877665500000000","0x3f0":"00000000000000800000000000001800"}}'
disagrees '^differs  answer$' "$snp" "$ok" "$register" '{"error":"I cannot"}'
disagrees '^expected \{"ok":true\}$' "$snp" '{"ok":false}'
printf '%s\n' "$snp" "$ok" "$register" '{"next":"resume","msr":"0x10013"}' "$rdtsc" \
  '{"next":"resume","page":{"0x1f8":"88776655ffffffff","0x308":"0700000000000000","0x310":"44332211","0x3f0":"0000000000000080000000000e001800"},"more":1}' >"$work/fine.jsonl"
expect 0 '^ok 3 operations$' replay "$work/fine.jsonl"
printf '%s\n' "$snp" "$ok" "$register" '{"next":"goes on"}' >"$work/bad.jsonl"
expect 2 "bad.jsonl: line 4: response: member 'next': 'goes on' is none of" replay "$work/bad.jsonl"
printf '%s\n' "$snp" "$ok" "$register" '{"next":"resume","msr":2,"effects":[{"do":"port_in"}]}' >"$work/bad.jsonl"
expect 2 "line 4: response: member 'effects/0/port' is missing" replay "$work/bad.jsonl"

# --- conform ---

expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 0 unspecified$' conform --ghcb --exec "'$SEVSPEC' serve" --runs 100
same "every rule" "rules 75 of 75" "$(tail -n 1 <<<"$out")"
same "diagnostics" "" "$err"

# A hypervisor with a defect: the program itself, with its answers or its requests changed.
cat >"$work/peer.py" <<'PYTHON'
import json, subprocess, sys

mode = sys.argv[2]
right = subprocess.Popen([sys.argv[1], "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
def ask(request):
    right.stdin.write(json.dumps(request) + "\n")
    return json.loads(right.stdout.readline())
def code(request):
    return int.from_bytes(image(request)[0x390:0x398], "little") if "page" in request else 0
def image(request):
    page = bytearray(4096)
    for at, digits in request["page"].items():
        page[int(at, 0):int(at, 0) + len(digits) // 2] = bytes.fromhex(digits)
    return page
def put(request, at, data):
    request["page"][hex(at)] = data.hex()
def whole(request):
    request["page"] = {"0x0": image(request).hex()}
for line in sys.stdin:
    request = json.loads(line)
    msr = int(request.get("value", "0x0"), 0) & 0xfff
    if mode == "choices" and request["op"] == "ghcb_reset":
        request["choices"] = {"ghcb_unregistered": "fatal", "doorbell_failure_drops": False}
    if mode == "small" and request.get("guest") == "es":
        print('{"unsupported":true}', flush=True)
        continue
    if mode == "small" and (code(request) == 0x8000001a or msr == 0x16):
        print('{"error":"unknown op"}', flush=True)
        continue
    if mode == "all_marked" and "page" in request:  # no field needs its mark
        page = image(request)
        page[0x3f0:0x400] = bytes.fromhex("0000000200000080000000000e003c20")
        request["page"] = {"0x0": page.hex()}
    if mode == "usage" and "page" in request:
        page = image(request)
        page[0xffc:] = bytes(4)
        request["page"] = {"0x0": page.hex()}
    if mode == "double_fetch" and "race" in request:
        (at, digits), = request.pop("race").items()
        page, first = image(request), int(at, 0) - int(request["gpa"], 0)
        if 0 <= first < 4096:
            page[first:first + len(digits) // 2] = bytes.fromhex(digits)
            request["page"] = {"0x0": page.hex()}
    answer = ask(request)
    if mode == "code" and msr == 0x12: answer["msr"] = request["value"]
    if mode == "error" and msr == 0x14: answer["msr"] = "0x15"
    if mode == "end_index" and code(request) == 0x80000010 and "0x800" in answer.get("page", {}):
        head = bytearray.fromhex(answer["page"]["0x800"])
        head[0] = max(head[0] - 1, 0)
        answer["page"]["0x800"] = head.hex()
    if mode == "shared" and "shared" in answer: del answer["shared"]
    if mode == "silent" and "effects" in answer: del answer["effects"]
    if mode == "reason" and "set" in answer: answer["set"], answer["code"] = 0, answer["set"]
    if mode == "resumes" and answer.get("next") == "terminate": answer = {"next": "resume", "msr": "0x0", "page": {}}
    if mode == "register" and request["op"] == "ghcb_page" and answer.get("rule") == "GHCB-PAGE-03":
        ask({"op": "ghcb_msr", "vcpu": request["vcpu"], "vmpl": request["vmpl"], "value": hex(int(request["gpa"], 0) | 0x12)})
        answer = ask(request)
    if mode == "exit" and msr == 0x80: sys.exit(3)
    if mode == "garbage" and msr == 0x80:
        print("hello", flush=True)
        continue
    print(json.dumps(answer), flush=True)
PYTHON
peer() { echo "python3 '$work/peer.py' '$SEVSPEC' $1"; }
# found MODE OPERATIONS PATTERN: with at most so many, and the trace is what the architecture answers.
found() {
  ((++checks))
  run conform --ghcb --exec "$(peer "$1")" --runs 50 --trace "$work/trace.jsonl"
  local operations
  operations=$(sed -n 's/^disagreement: \([0-9]*\) operations after a reset$/\1/p' <<<"$out")
  if ((status != 1)) || [[ -z $operations ]] || ((operations > $2)); then
    fail "$1: status $status: $out $err"
    return
  fi
  grep -Eq -- "$3" <<<"$out" || fail "$1: no '$3' in $out"
  same "$1: the trace" "ok $((operations + 1)) operations" "$("$SEVSPEC" replay "$work/trace.jsonl")"
}
found all_marked 2 '^rule     GHCB-'
found usage 2 '^rule     GHCB-PAGE-04: '
found double_fetch 2 '^rule     GHCB-PAGE-08: '
found code 1 '^rule     GHCB-MSR-11: '
found error 1 '^suspect  GHCB-MSR-13: '
found end_index 2 '^rule     GHCB-PSC-01: '
found shared 3 '^differs  shared$'
found silent 2 '^differs  effects$'
found reason 1 '^rule     GHCB-MSR-19: '
found resumes 1 '^differs  next$'
found register 1 '^suspect  GHCB-PAGE-03: '
found exit 1 '^actual   the program ended with status 3$'
found garbage 1 "^actual   the program gave an answer that cannot be understood: 'hello': bad JSON"

expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 2 unspecified$' conform --ghcb --exec "$(peer choices)" --runs 20
same "choices" "unspecified doorbell_failure_drops unspecified ghcb_unregistered" "$(sed 's/:.*//' <<<"$err" | sort | xargs)"
expect 0 '^not seen.* GHCB-MSR-15 .*GHCB-NAE-28' conform --ghcb --exec "$(peer small)" --runs 20
same "skipped" 4 "$(grep -c '^skipped ' <<<"$err")"
expect 1 '^skipped all conversations after ' conform --ghcb --exec "while read -r line; do echo '{\"error\":\"unknown op\"}'; done"
expect 2 '--exec: the program ended with status 127' conform --ghcb --exec no-such-program-anywhere
expect 2 '--exec' conform --ghcb
expect 2 '--ops: must be' conform --ghcb --exec true --ops 0
expect 0 '^$' conform --ghcb --vectors 0
# A hypervisor written without the library.
soft="python3 $(dirname "${BASH_SOURCE[0]}")/../../examples/soft_ghcb.py"
expect 0 '^ok [0-9]+ runs, [0-9]+ operations, 0 unspecified$' conform --ghcb --exec "$soft" --runs 200
run conform --ghcb --exec "$soft --defect stale_marks"
same "its defect" "1 1" "$status $(sed -n 's/^disagreement: \([0-9]*\) .*/\1/p' <<<"$out")"
run conform --ghcb --vectors 300 --seed 11
((++checks))
cmp -s "$work/out" "$recorded" || fail "the recording is not what its README says"

finish
