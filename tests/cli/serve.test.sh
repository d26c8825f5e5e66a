#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec serve: the tables of rule sheets as requests, every response member, bad lines, ids, many requests.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tables=$SEVSPEC_TEST_DATA_DIR/rmp-tables.jsonl
schema=$(dirname "${BASH_SOURCE[0]}")/../../docs/oracle-protocol.schema.json

# ask REQUEST...: one conversation, a line per request; responses to $out.
ask() {
  out=$(printf '%s\n' "$@" | timeout 20 "$SEVSPEC" serve 2>"$work/err")
  status=$?
}
# answers TITLE RESPONSE REQUEST...: the last response is exactly this.
answers() {
  local title=$1 want=$2
  shift 2
  ask "$@"
  same "$title" "0 $want" "$status $(tail -n 1 <<<"$out")"
}

# All tables: each member that is recorded is in the response.
recorded_rows() {
  python3 - "$SEVSPEC" "$1" <<'PYTHON'
import json, subprocess, sys
lines = open(sys.argv[2]).read().splitlines()
requests, wanted = lines[::2], [json.loads(line) for line in lines[1::2]]
served = subprocess.run([sys.argv[1], "serve"], input="\n".join(requests) + "\n", capture_output=True, text=True, check=True)
wrong = 0
for request, want, line in zip(requests, wanted, served.stdout.splitlines(), strict=True):
    got = json.loads(line)
    if any(got.get(name) != value for name, value in want.items()) or got["id"] != json.loads(request)["id"]:
        wrong += 1
        print(request, want, got, file=sys.stderr)
print(f"{len(requests)} rows, {wrong} wrong")
PYTHON
}
same "rows of the tables" "165 rows, 0 wrong" "$(recorded_rows "$tables")"
same "rows of the attacks" "600 rows, 0 wrong" "$(recorded_rows "$SEVSPEC_TEST_DATA_DIR/rmp-attacks.jsonl")"
same "rows with the firmware" "36 rows, 0 wrong" "$(recorded_rows "$SEVSPEC_TEST_DATA_DIR/rmp-firmware.jsonl")"

update='{"op":"rmpupdate","spa":"0x201000","assigned":true,"page_size":"4k","immutable":false,"gpa":"0x1234000","asid":5}'
whole='{"op":"rmpupdate","spa":"0x200000","assigned":true,"page_size":"2m","immutable":false,"gpa":"0x40000000","asid":5}'
validate='{"op":"pvalidate","asid":5,"vmpl":0,"cpl":0,"gpa":"0x1234000","spa":"0x201000","leaf":"4k","page_size":"4k","validate":1}'
entry='{"op":"entry","spa":"0x201000"}'

# Without a reset: 1 GiB, all of it the hypervisor's.
answers "default machine" '{"lo":"0x0","hi":"0x0","state":"hypervisor"}' '{"op":"entry","spa":"0x3ffff000"}'
answers "end of memory" '{"lo":"0x0","hi":"0x0","state":"default"}' '{"op":"entry","spa":"0x40000000"}'
answers "an update" '{"eax":0,"zf":true,"cf":false}' "$update"
answers "a refusal" '{"eax":4,"zf":false,"cf":false,"rule":"RMP-UPD-03"}' "$whole" "$update"
answers "decimal numbers" '{"lo":"0x28000001234001","hi":"0x1f","state":"guest-invalid"}' \
  '{"op":"rmpupdate","spa":2101248,"assigned":1,"page_size":"4k","immutable":0,"gpa":"19087360","asid":"0x5"}' "$entry"
answers "no validation, no access" '{"fault":"#VC","error":"0x404","address":"0x1234000","rule":"PAG-RMPS-08"}' "$update" \
  '{"op":"access","by":"guest","asid":5,"vmpl":0,"cpl":0,"snp":true,"kind":"read","c":true,"gpa":"0x1234000","spa":"0x201000","leaf":"4k"}'
answers "an access" '{"ok":true}' "$update" "$validate" \
  '{"op":"access","by":"guest","asid":5,"vmpl":0,"cpl":0,"snp":1,"kind":"walk_write","c":0,"gpa":"0x1234000","spa":"0x201000","leaf":"4k"}'
answers "the host's write" '{"fault":"#PF","error":"0x80000003","address":"0x201000","rule":"RMP-CHK-01"}' "$update" \
  '{"op":"access","by":"host","cpl":0,"kind":"write","gpa":"0x201000","spa":"0x201000","leaf":"4k"}'
answers "a walker of the host" '{"fault":"#PF","error":"0x80000003","address":"0x201000","rule":"RMP-CHK-01"}' "$update" \
  '{"op":"access","by":"host","cpl":3,"kind":"walk_read","gpa":"0x201000","spa":"0x201000","leaf":"4k"}'
answers "a device" '{"fault":"abort","rule":"RMP-CHK-01"}' "$update" \
  '{"op":"access","by":"device","kind":"write","spa":"0x201000","leaf":"4k"}'
answers "no guest" '{"fault":"#UD","rule":"RMP-INS-07"}' "${validate/:5/:0}"
answers "not at CPL 3" '{"fault":"#GP","error":"0x0","rule":"RMP-INS-08"}' "${update/%\}/,\"caller\":{\"cpl\":3\}\}}"
answers "not in a guest" '{"eax":2,"zf":false,"cf":false,"rule":"RMP-INS-09"}' "${update/%\}/,\"caller\":{\"asid\":7,\"cpl\":0\}\}}"
answers "RMPREAD" \
  '{"eax":0,"zf":true,"cf":false,"operand":{"gpa":"0x1234000","assigned":true,"page_size":"4k","immutable":false,"asid":5},"region_status":true}' \
  "$update" '{"op":"rmpread","spa":"0x201000"}'
answers "RMPQUERY" '{"eax":0,"zf":true,"cf":false,"page_size":"4k","attributes":"0x1f00"}' "$update" "$validate" \
  '{"op":"rmpquery","asid":5,"vmpl":0,"cpl":0,"gpa":"0x1234000","spa":"0x201000","leaf":"4k","target_vmpl":0}'
answers "a firmware command" '{"status":"SUCCESS"}' "${update/\"immutable\":false/\"immutable\":1}" \
  '{"op":"firmware","command":"page_reclaim","spa":"0x201000","page_size":"4k"}'
answers "another" '{"status":"INVALID_PAGE_STATE"}' '{"op":"firmware","command":"page_unsmash","spa":"0x200000"}'
answers "a third" '{"status":"INVALID_PAGE_STATE"}' '{"op":"firmware","command":"page_set_state","spa":"0x200000","pages":1}'
# A guest: context, launch, pages.
assign() { echo "{\"op\":\"rmpupdate\",\"spa\":\"$1\",\"assigned\":true,\"page_size\":\"4k\",\"immutable\":true,\"gpa\":\"$2\",\"asid\":$3}"; }
fw() { echo "{\"op\":\"firmware\",\"command\":$1}"; }
gctx='"gctx":"0x100000"'
created=("$(assign 0x100000 0x0 0)" "$(fw "\"gctx_create\",$gctx")")
started=("${created[@]}" "$(fw "\"launch_start\",$gctx,\"policy\":\"0x30000\"")")
active=("${started[@]}" "$(fw '"wbinvd"')" "$(fw '"df_flush"')" "$(fw "\"activate\",$gctx,\"asid\":5")")
page=("${active[@]}" "$(assign 0x201000 0x8000 5)")
update_page() { fw "\"launch_update\",$gctx,\"spa\":\"$1\",\"page_size\":\"4k\",\"page_type\":$2,\"perms\":[1,2,4]"; }
swap() { fw "\"page_swap_$1\",$gctx,\"src\":\"$2\",\"dst\":\"$3\",\"mdata\":\"0x300000\",\"page_size\":\"4k\",\"page_type\":0"; }
metadata=("${page[@]}" "$(assign 0x300000 0x0 0)" "$(assign 0x301000 0x0 0)" "$(fw "\"page_md_init\",$gctx,\"spa\":\"0x300000\"")")
answers "nobody has flushed" '{"status":"WBINVD_REQUIRED"}' "$(fw '"df_flush"')"
answers "no context" '{"status":"INVALID_PAGE_STATE"}' "$(fw "\"gctx_create\",$gctx")"
answers "GCTX_CREATE" '{"status":"SUCCESS"}' "${created[@]}"
answers "its page" '{"lo":"0xa000000000000005","hi":"0x0","state":"context"}' "${created[@]}" '{"op":"entry","spa":"0x100000"}'
answers "a policy" '{"status":"POLICY_FAILURE"}' "${created[@]}" "$(fw "\"launch_start\",$gctx,\"policy\":\"0x10000\"")"
answers "a dirty ASID" '{"status":"DF_FLUSH_REQUIRED"}' "${started[@]}" "$(fw "\"activate\",$gctx,\"asid\":5")"
answers "ACTIVATE" '{"status":"SUCCESS"}' "${active[@]}"
answers "LAUNCH_UPDATE" '{"status":"SUCCESS"}' "${page[@]}" "$(update_page 0x201000 1)"
answers "a wrong type" '{"status":"INVALID_PARAM"}' "${page[@]}" "$(update_page 0x201000 9)"
answers "the page" '{"lo":"0x4028000000008001","hi":"0x402011f","state":"guest-valid"}' "${page[@]}" "$(update_page 0x201000 1)" \
  '{"op":"entry","spa":"0x201000"}'
answers "LAUNCH_FINISH" '{"status":"SUCCESS"}' "${active[@]}" "$(fw "\"launch_finish\",$gctx")"
answers "once" '{"status":"INVALID_GUEST_STATE"}' "${active[@]}" "$(fw "\"launch_finish\",$gctx")" "$(fw "\"launch_finish\",$gctx")"
answers "PAGE_MOVE" '{"status":"SUCCESS"}' "${page[@]}" "$(assign 0x202000 0x9000 5)" \
  "$(fw "\"page_move\",$gctx,\"src\":\"0x201000\",\"dst\":\"0x202000\",\"page_size\":\"4k\"")"
answers "PAGE_SWAP_OUT" '{"status":"SUCCESS"}' "${metadata[@]}" "$(swap out 0x201000 0x301000)"
answers "PAGE_SWAP_IN" '{"status":"SUCCESS"}' "${metadata[@]}" "$(swap out 0x201000 0x301000)" "$(swap in 0x301000 0x201000)"
answers "and not twice" '{"status":"INVALID_MDATA_ENTRY"}' "${metadata[@]}" "$(swap out 0x201000 0x301000)" "$(swap in 0x301000 0x201000)" \
  "$(swap in 0x301000 0x201000)"
answers "DECOMMISSION" '{"status":"SUCCESS"}' "${page[@]}" "$(fw "\"decommission\",$gctx")"
answers "nobody is left" '{"status":"INVALID_GUEST"}' "${page[@]}" "$(fw "\"decommission\",$gctx")" "$(update_page 0x201000 1)"
answers "id" '{"ok":true,"id":{"a":[1,"x"]}}' '{"id":{"a":[1,"x"]},"op":"reset"}'
answers "id of an error" "{\"error\":\"member 'spa' is missing\",\"id\":7}" '{"op":"entry","id":7}'

# Resets.
answers "a reset" '{"lo":"0x0","hi":"0x0","state":"hypervisor"}' "$update" '{"op":"reset"}' "$entry"
answers "memory" '{"lo":"0x0","hi":"0x0","state":"default"}' '{"op":"reset","memory":"0x201000"}' "$entry"
answers "a table" '{"lo":"0x0","hi":"0x0","state":"hypervisor"}' \
  '{"op":"reset","rmp_base":"0x80000000","rmp_end":"0x81003fff"}' '{"op":"entry","spa":"0xfffff000"}'
answers "pages of the table" '{"status":"INVALID_ADDRESS"}' '{"op":"reset","rmp_base":"0x80000000","rmp_end":"0x81003fff"}' \
  '{"op":"firmware","command":"page_reclaim","spa":"0x80000000","page_size":"4k"}'
answers "a choice" '{"eax":4,"zf":false,"cf":false,"rule":"RMP-SMH-03"}' \
  '{"op":"reset","choices":{"psmash_badaddr_code":false,"psmash_unaligned":"ignored"}}' '{"op":"psmash","spa":"0x201000"}'
answers "choices end with the next reset" '{"eax":7,"zf":false,"cf":false,"rule":"RMP-SMH-03"}' \
  '{"op":"reset","choices":{"psmash_badaddr_code":0}}' '{"op":"reset"}' '{"op":"psmash","spa":"0x200000"}'

# Bad lines: an error that names the member, no change, and the conversation goes on.
refused() {  # PATTERN LINE
  ask "$update" "$2" "$entry"
  ((++checks))
  local line=$(sed -n 2p <<<"$out")
  grep -Eq -- "^\{\"error\":\".*$1" <<<"$line" || fail "$2: no '$1' in $line"
  same "$2: what follows" '{"lo":"0x28000001234001","hi":"0x1f","state":"guest-invalid"}' "$(sed -n 3p <<<"$out")"
}
refused 'bad JSON at byte' 'nonsense'
refused 'bad JSON' ''
refused 'bad JSON' '{"op":"entry"'
refused 'bad JSON' '{"op":"entry","spa":"0x0"}{}'
refused 'bad JSON' "$(printf '{"op":"entry","spa":"\xff"}')"
refused 'bad JSON: a number is too large' '{"op":"entry","spa":1e999}'
refused 'nested' "$(printf '[%.0s' {1..70})"
refused 'an object was expected' '[]'
refused 'an object was expected' '7'
refused "'op' is missing" '{}'
refused "'op': a string" '{"op":7}'
refused "unknown op 'rmpdate'" '{"op":"rmpdate"}'
refused "'command' is missing" '{"op":"firmware"}'
refused "unknown command 'x'" '{"op":"firmware","command":"x"}'
for command in gctx_create decommission launch_start launch_update launch_finish activate page_md_init page_move \
  page_swap_out page_swap_in; do
  refused "'gctx' is missing" "{\"op\":\"firmware\",\"command\":\"$command\"}"
done
refused "'perms': an array" '{"op":"firmware","command":"launch_update","gctx":0,"spa":0,"page_size":"4k","page_type":1,"perms":7}'
refused "'perms': numbers" '{"op":"firmware","command":"launch_update","gctx":0,"spa":0,"page_size":"4k","page_type":1,"perms":[0,0,256]}'
for member in spa assigned page_size immutable gpa asid; do
  refused "'$member' is missing" "${update/\"$member\"/\"other\"}"
  refused "'$member': " "$(sed -E "s/\"$member\":(\"[^\"]*\"|[a-z0-9]+)/\"$member\":[]/" <<<"$update")"
done
for member in asid vmpl cpl gpa spa leaf page_size validate; do
  refused "'$member' is missing" "${validate/\"$member\"/\"other\"}"
  refused "'$member': " "$(sed -E "s/\"$member\":(\"[^\"]*\"|[a-z0-9]+)/\"$member\":null/" <<<"$validate")"
done
refused "'asid': 4294967296 is more" "${update/:5/:4294967296}"
refused "'asid': " "${update/:5/:-1}"
refused "'asid': " "${update/:5/:5.0}"
refused "'spa': '0x' is not a number" "${update/0x201000/0x}"
refused "'spa': '0x10000000000000000' does not fit" "${update/0x201000/0x10000000000000000}"
refused "'assigned': true, false" "${update/true/2}"
refused "'page_size': '1g' is none of 4k, 2m" "${update/4k/1g}"
refused "'vmpl': 4 is more than 3" "${validate/\"vmpl\":0/\"vmpl\":4}"
refused "'cpl': 4 is more than 3" "${validate/\"cpl\":0/\"cpl\":4}"
refused "'leaf': '4m' is none of 4k, 2m, 1g" "${validate/\"leaf\":\"4k\"/\"leaf\":\"4m\"}"
refused "'caller': an object" "${update/%\}/,\"caller\":7\}}"
refused "'cpl': " "${update/%\}/,\"caller\":{\"cpl\":4\}\}}"
refused "'target_vmpl' is missing" '{"op":"rmpquery","asid":5,"vmpl":0,"cpl":0,"gpa":0,"spa":0,"leaf":"4k"}'
refused "'attributes' is missing" '{"op":"rmpadjust","asid":5,"vmpl":0,"cpl":0,"gpa":0,"spa":0,"leaf":"4k","page_size":"4k"}'
refused "'by': 'cpu' is none of host, guest, device" '{"op":"access","by":"cpu"}'
refused "'kind': 'look' is none of" '{"op":"access","by":"host","kind":"look"}'
refused "'snp' is missing" '{"op":"access","by":"guest","kind":"read","spa":0,"leaf":"4k"}'
refused "'memory': a positive multiple of 4096" '{"op":"reset","memory":4097}'
refused "'memory': a positive multiple of 4096" '{"op":"reset","memory":0}'
refused "'memory': more than" '{"op":"reset","memory":"0x1000000000000000"}'
refused "'rmp_end' is missing" '{"op":"reset","rmp_base":"0x80000000"}'
refused "'rmp_base': .*8K.*RMP-GEO-13" '{"op":"reset","rmp_base":"0x80001000","rmp_end":"0x81003fff"}'
refused "'rmp_end': .*8K.*RMP-GEO-13" '{"op":"reset","rmp_base":"0x80000000","rmp_end":"0x81004000"}'
refused "'rmp_end': .*RMP-GEO-11" '{"op":"reset","rmp_base":"0x80000000","rmp_end":"0x7fffffff"}'
refused "'rmp_end': " '{"op":"reset","rmp_base":"0x80000000","rmp_end":"0xffffffffffffffff"}'
refused "'choices': an object" '{"op":"reset","choices":[]}'
refused "'choices/nope': there is no such choice" '{"op":"reset","choices":{"nope":true}}'
refused "'choices/psmash_unaligned': one of fail_input, ignored" '{"op":"reset","choices":{"psmash_unaligned":true}}'
refused "'choices/rmp_cf_other': one of false, true" '{"op":"reset","choices":{"rmp_cf_other":2}}'

# A line that is too long, a last line without a line break, no line.
{ head -c 3000000 /dev/zero | tr '\0' x; echo; echo "$entry"; } | timeout 20 "$SEVSPEC" serve >"$work/out" 2>&1
same "a line of 3 MB" '{"error":"the line is longer than 1048576 bytes"}|{"lo":"0x0","hi":"0x0","state":"hypervisor"}|' "$(tr '\n' '|' <"$work/out")"
same "no line break" '{"lo":"0x0","hi":"0x0","state":"hypervisor"}' "$(printf %s "$entry" | "$SEVSPEC" serve)"
same "no line" "" "$("$SEVSPEC" serve </dev/null)"
expect 2 . serve --no-such-option

# Each response is there before the next request is made.
same "a conversation" "100 answers" "$(timeout 20 python3 - "$SEVSPEC" <<'PYTHON'
import subprocess, sys
with subprocess.Popen([sys.argv[1], "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as serve:
    answers = 0
    for number in range(100):
        serve.stdin.write(f'{{"op":"entry","spa":{number * 4096}}}\n')
        answers += serve.stdout.readline() == '{"lo":"0x0","hi":"0x0","state":"hypervisor"}\n'
    serve.stdin.close()
print(answers, "answers")
PYTHON
)"

# Many requests, and the schema: every request and every response follows it.
"$SEVSPEC" conform --vectors 20000 --seed 5 >"$work/vectors.jsonl"
same "vectors and the schema" "20000 exchanges, 330 lines of the tables" "$(timeout 100 python3 - "$schema" "$work/vectors.jsonl" "$tables" <<'PYTHON'
import json, sys
schema = json.load(open(sys.argv[1]))
try:
    import jsonschema
    def validator(name):
        return jsonschema.Draft202012Validator({**schema, "anyOf": [{"$ref": f"#/$defs/{name}"}]}).validate
except (ImportError, AttributeError):  # then at least: an alternative has all required members, and no constant differs
    def fits(part, value):
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        if "properties" not in part:
            return any(fits(one, value) for one in part.get("oneOf") or part["anyOf"])
        constant = all(value.get(name) == one["const"] for name, one in part["properties"].items()
                       if isinstance(one, dict) and "const" in one)
        return constant and all(name in value for name in part["required"])
    def validator(name):
        def validate(value):
            assert fits({"$ref": f"#/$defs/{name}"}, value), value
        return validate
request, response = validator("request"), validator("response")
exchanges = [json.loads(line) for line in open(sys.argv[2])]
for one in exchanges[:3000]:
    request(one["request"])
    response(one["response"])
lines = [json.loads(line) for line in open(sys.argv[3])]
for number, line in enumerate(lines):
    (response if number % 2 else request)(line)
print(len(exchanges), "exchanges,", len(lines), "lines of the tables")
PYTHON
)"
python3 -c '
import json, sys
for line in sys.stdin: print(json.dumps(json.loads(line)["request"]))' <"$work/vectors.jsonl" >"$work/requests.jsonl"
python3 -c '
import json, sys
for line in sys.stdin: print(json.dumps(json.loads(line)["response"], separators=(",", ":")))' <"$work/vectors.jsonl" >"$work/responses.jsonl"
"$SEVSPEC" serve <"$work/requests.jsonl" >"$work/served.jsonl"
((++checks))
cmp -s "$work/served.jsonl" "$work/responses.jsonl" || fail "serve and conform --vectors answer differently"

finish
