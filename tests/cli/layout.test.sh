#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec layout and sevspec constants: every structure and every table of codes against layouts.json.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# compare layout|constants: everything that the command lists, in JSON, against the file. Prints what differs, or "ok"
# and how many things were compared.
compare() {
  python3 - "$1" "$SEVSPEC_TEST_DATA_DIR/layouts.json" <<'PYTHON'
import json, os, subprocess, sys
command, path = sys.argv[1:]
data = json.load(open(path))
program = [os.environ["SEVSPEC"], command]
ask = lambda *words: subprocess.run([*program, *words], capture_output=True, text=True, timeout=20)

def bits(field):
    return [{"name": b["name"], "lsb": b["lsb"], "width": b["width"]} for b in field["bits"] if not b.get("reserved")]

def structure(of):
    fields = [{"name": f["name"], "offset": f["offset"], "size": f["size"], "bits": bits(f)}
              for f in of["fields"] if not f.get("reserved")]
    return {"name": of["name"], "size": of["size"], "fields": fields}

def table(of):
    return {"name": of["name"], "entries": [{"name": e["name"], "value": e["value"]} for e in of["entries"]]}

def leave_out_reserved(got):
    """Reserved fields may be shown or not."""
    known = next(one for one in data["structures"] if one["name"] == got["name"])
    reserved = {f["name"] for f in known["fields"] if f.get("reserved")}
    reserved_bits = {(f["name"], b["name"]) for f in known["fields"] for b in f["bits"] if b.get("reserved")}
    got["fields"] = [f for f in got["fields"] if f["name"] not in reserved]
    for f in got["fields"]:
        f["bits"] = [b for b in f["bits"] if (f["name"], b["name"]) not in reserved_bits]
    return got

if command == "layout":
    wanted = [structure(one) for one in data["structures"]]
else:
    wanted = [table(one) for one in data["constants"]]
problems = []
names = ask("--list").stdout.split("\n")
if sorted(names[:-1]) != sorted(one["name"] for one in wanted) or names[-1] != "":
    problems.append("--list differs")
if json.loads(ask("--list", "--json").stdout) != names[:-1]:
    problems.append("--list --json differs")
for want in wanted:
    answer = ask(want["name"], "--json")
    try:
        got = json.loads(answer.stdout)
        if command == "layout":
            got = leave_out_reserved(got)
    except (ValueError, KeyError) as error:
        got = error
    if answer.returncode != 0 or answer.stderr or got != want:
        problems.append(f"{want['name']}: {got} instead of {want}"[:500])
    plain = ask(want["name"])
    lines = plain.stdout.split("\n")
    rows = [f["name"] for f in want["fields"]] if command == "layout" else [e["name"] for e in want["entries"]]
    if plain.returncode != 0 or not all(any(row in line.split() for line in lines) for row in rows):
        problems.append(f"{want['name']}: the table lacks a row")
print("\n".join(problems[:5]) or f"ok {len(wanted)}")
PYTHON
}

export SEVSPEC
same "structures as in layouts.json" "ok 181" "$(compare layout)"
same "tables of codes as in layouts.json" "ok 51" "$(compare constants)"

# Readable tables.
expect 0 '^ *0x3b0 +8 +sev_features +SNP ' layout vmsa
expect 0 '^ +0 +snp_active ' layout vmsa
expect 0 '^ +11:0 +info .*codes: ghcb_msr_codes' layout ghcb_msr_generic
expect 0 '4096 bytes, aligned to 4096, since ES' layout ghcb
expect 0 'bit 63 of valid_bitmap' layout ghcb
expect 0 '^ *0x400 +NPF +nested page fault$' constants svm_exit_codes
expect 0 '^63da758d-e664-4564-adc5-f4b93be8accd +VCEK' constants guids
run layout vmsa
same "lines wider than 120 characters" 0 "$(grep -Ec '^.{121,}$' <<<"$out")"

# What is not there.
expect 2 "'vmsb'.*no such structure.*nearest are vmsa" layout vmsb
expect 2 'nearest are vmcb_' layout vmcb
expect 2 "nearest are attestation_report_v2, attestation_report_v3, attestation_report_v5" layout attestation_report
expect 2 "'exit_codes'.*no such table.*nearest are ae_exit_codes" constants exit_codes
expect 2 "'VMSA'.*nearest are" layout VMSA --json
expect 2 'no such structure' layout "$(head -c 100000 /dev/zero | tr '\0' a)"
expect 2 "'\?\?\[31m'.*no such structure" layout $'\n\e[31m'
expect 2 'NAME or --list' layout
expect 2 'NAME or --list' layout ''
expect 2 'NAME or --list' constants
expect 2 'NAME or --list' layout vmsa --list
expect 2 . layout vmsa ghcb
expect 2 . constants guids --no-such-option
expect 0 'Usage: ' layout --help
expect 0 'Usage: ' constants --help

finish
