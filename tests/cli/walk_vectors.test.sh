#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec walk --vectors: the published translations, and what becomes of wrong or broken ones.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
vectors=$SEVSPEC_TEST_DATA_DIR/paging-vectors.json

run walk --vectors "$vectors"
same "status" 0 $status
same "answers" 261 "$(wc -l <"$work/out")"
same "answered vectors agree, each member for member" ok "$(python3 - "$vectors" "$work/out" "$err" <<'PYTHON'
import json, re, sys
vectors = json.load(open(sys.argv[1]))["vectors"]
answers = [json.loads(line) for line in open(sys.argv[2])]
problems = []
pending = 0
for want, got in zip(vectors, answers, strict=True):
    if got["id"] != want["id"]:
        problems.append(f"order: {got['id']}")
    elif "pending" in got:
        pending += 1
        if not re.fullmatch("[a-z][a-z-]*", got["pending"]):
            problems.append(f"reason: {got}")
    elif json.dumps(got["expect"], sort_keys=True) != json.dumps(want["expect"], sort_keys=True):
        problems.append(f"{got['id']}: {got['expect']}")
summary = re.fullmatch(r"261 vectors: (\d+) agree, 0 differ, (\d+) pending(?: \((.*)\))?", sys.argv[3].strip())
if not summary or int(summary[1]) != 261 - pending or int(summary[2]) != pending:
    problems.append(f"summary: {sys.argv[3]}")
elif sum(int(part.split()[1]) for part in (summary[3] or "").split(", ") if part) != pending:
    problems.append(f"reasons: {sys.argv[3]}")
if 261 - pending < 198:
    problems.append(f"only {261 - pending} answered")
print("; ".join(problems) or "ok")
PYTHON
)"

# A wrong expectation is status 1, and the member is named.
edit() { python3 -c '
import json, sys
file = json.load(open(sys.argv[1]))
file["vectors"] = file["vectors"][:1]
vector = file["vectors"][0]
exec(sys.argv[2])
json.dump(file, open(sys.argv[3], "w"))' "$vectors" "$1" "$work/edited.json"; }
edit 'pass'
expect 0 '^\{"id":"PAG-V-001","expect":\{"kind":"ok","spa":"0x2345678",' walk --vectors "$work/edited.json"
edit 'vector["expect"]["spa"] = "0x2345679"'
expect 1 'PAG-V-001: spa: "0x2345679" in the file, "0x2345678" here' walk --vectors "$work/edited.json"
edit 'del vector["expect"]["refs"]'
expect 1 'PAG-V-001: refs: absent in the file, 4 here' walk --vectors "$work/edited.json"
edit 'vector["expect"]["more"] = 1'
expect 1 'PAG-V-001: more: 1 in the file, absent here' walk --vectors "$work/edited.json"
edit 'vector["host"]["cr3"] = "0xf000000000000000"'
expect 1 'PAG-V-001: refused: CR3 0xf000000000000000: .*PAG-CR3-01' walk --vectors "$work/edited.json"

# Broken files: which vector and member, or which byte.
edit 'del vector["cpu"]["pa_bits"]'
expect 2 'edited.json: /vectors/0 \(PAG-V-001\): /cpu: .*pa_bits' walk --vectors "$work/edited.json"
edit 'vector["access"]["type"] = "q"'
expect 2 'PAG-V-001\): /access/type: ' walk --vectors "$work/edited.json"
edit 'vector["access"]["cpl"] = 7'
expect 2 'PAG-V-001\): /access/cpl: ' walk --vectors "$work/edited.json"
edit 'vector["mem"][2]["pa"] = "0x12489"'
expect 2 'PAG-V-001\): /mem/2/pa: not a multiple of 8' walk --vectors "$work/edited.json"
edit 'vector["mem"][1]["qw"] = "0x1ffffffffffffffff"'
expect 2 'PAG-V-001\): /mem/1/qw: does not fit in 64 bits' walk --vectors "$work/edited.json"
edit 'vector["mem"] = {"a": 1}'
expect 2 'PAG-V-001\): /mem: an array' walk --vectors "$work/edited.json"
edit 'vector["mode"] = "hosts"'
expect 2 'PAG-V-001\): /mode: ' walk --vectors "$work/edited.json"
edit 'vector["id"] = 1'
expect 2 '/vectors/0: /id: ' walk --vectors "$work/edited.json"
edit 'del vector["expect"]'
expect 2 'expect' walk --vectors "$work/edited.json"
edit 'file["vectors"][0] = 3'
expect 2 '/vectors/0: /: an object' walk --vectors "$work/edited.json"
edit 'file["vectors"] = 3'
expect 2 "edited.json: no array 'vectors'" walk --vectors "$work/edited.json"
head -c 1000 "$vectors" >"$work/cut.json"
expect 2 'cut.json: byte 1000: not JSON' walk --vectors "$work/cut.json"
printf '{"vectors": [1,}' >"$work/bad.json"
expect 2 'bad.json: byte 15: not JSON' walk --vectors "$work/bad.json"
: >"$work/empty.json"
expect 2 'empty.json: byte 0: not JSON' walk --vectors "$work/empty.json"
echo '{"vectors": [1e999]}' >"$work/large.json"
expect 2 'large.json: not JSON: number overflow parsing .1e999.$' walk --vectors "$work/large.json"
python3 -c 'print("[" * 1000000)' >"$work/deep.json"
expect 2 'deep.json: nested more than 64 deep' walk --vectors "$work/deep.json"
expect 2 'no-such.json: No such file' walk --vectors "$work/no-such.json"
expect 2 'is a directory' walk --vectors "$work"
expect 2 'vectors' walk --vectors "$vectors" --pages "$vectors"
expect 2 'vectors' walk --vectors "$vectors" 0x1000

finish
