#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec decode: what cannot be decoded is refused with status 2 and a message that says where and why; nothing
# crashes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/structures.sh"

# refused PATTERN ARGUMENT...: like expect 2, and nothing on stdout.
refused() {
  local pattern=$1
  shift
  expect 2 "$pattern" decode "$@"
  same "output of decode $*" "" "$out"
}

# refused_from FILE PATTERN ARGUMENT...: with FILE as the standard input.
refused_from() {
  local input=$1 pattern=$2
  shift 2
  ((++checks))
  "$SEVSPEC" decode "$@" <"$input" >"$work/out" 2>"$work/err"
  status=$?
  ((status == 2)) && [[ ! -s $work/out ]] && grep -Eq -- "$pattern" "$work/err" ||
    fail "sevspec decode $* <$input: status $status, $(<"$work/err")"
}

# Usage.
refused 'a kind, a line of a kernel log, or - was expected'
refused 'a kind, a line of a kernel log, or - was expected' ''
refused "'junk'.*no line was recognised; looked for RMP entry dumps" junk
refused "'junk' is not a kind" junk npf 1
refused . --no-such-option
refused . npf 1 --no-such-option
refused 'X' npf
refused 'X' pf
refused 'X' exit
refused 'X' tcb --generation milan
refused '--generation' tcb 1
refused 'LO' rmp-entry
refused 'FILE' vmcb
refused . npf 1 2
refused . vmcb a b
refused . rmp-entry 1 2 3
refused '--gpa' npf 1 --gpa
refused . pf 1 --gpa 1

# Numbers.
for kind in npf pf exit ghcb-msr snp-policy sev-policy sev-status; do
  refused "$kind: 'zz' is not a number \(0x... or decimal\)" $kind zz
  refused "$kind: '0x' is not a number" $kind 0x
  refused "$kind: '' is not a number" $kind ''
  refused "$kind: '12h' is not a number" $kind 12h
  refused "$kind: '0x1 ' is not a number" $kind '0x1 '
  refused "$kind: '0x10000000000000000' does not fit in 64 bits" $kind 0x10000000000000000
  refused "$kind: '18446744073709551616' does not fit in 64 bits" $kind 18446744073709551616
  refused . $kind -1
  refused "$kind: '\?\?\[31m'" $kind $'\n\e[31m'
done
for kind in pf sev-policy; do
  refused "$kind: '0x100000000' does not fit in 32 bits" $kind 0x100000000
  expect 0 '0xffffffff' decode $kind 0xffffffff
done
refused "--gpa: 'zz' is not a number" npf 1 --gpa zz
refused "tcb: 'zz' is not a number" tcb zz --generation milan
refused "rmp-entry LO: 'zz' is not a number" rmp-entry zz 0
refused "rmp-entry HI: 'zz' is not a number" rmp-entry 0 zz
refused "rmp-entry HI: '0x10000000000000000' does not fit" rmp-entry 0 0x10000000000000000
refused 'rmp-entry HI: is missing; LO and HI, or a line with .RMP entry: ' rmp-entry 0x6010fffffffff001
refused "rmp-entry LO: 'RMP'" rmp-entry 'RMP entry: [0x1 - ]'
refused "npf: '#PF: error_code\(0x80000003\)" npf '#PF: error_code(0x80000003) - RMP violation'
refused "pf: 'kvm_page_fault" pf 'kvm_page_fault: vcpu 0 rip 0x0 address 0x1000 error_code 0x100000006'
refused "'Milan'.*no such generation; the nearest are milan" tcb 1 --generation Milan
refused "'zen9'.*no such generation" tcb 1 --generation zen9
refused '--generation naples: has no SEV-SNP' tcb 1 --generation naples
refused '--generation rome: has no SEV-SNP' tcb 1 --generation rome

# Files of another size, and what is no file.
sizes=(vmcb=4096 vmsa=4096 ghcb=4096 secrets=4096 cpuid-page=4096 report=1184)
head -c 10000 /dev/zero >"$work/zero"
: >"$work/empty.bin"
for row in "${sizes[@]}"; do
  kind=${row%=*} size=${row#*=}
  refused "empty.bin: byte 0: ends here; an? .* has $size bytes" $kind "$work/empty.bin"
  head -c 1 "$work/zero" >"$work/cut.bin"
  refused "cut.bin: byte 1: ends here" $kind "$work/cut.bin"
  head -c $((size - 1)) "$work/zero" >"$work/cut.bin"
  refused "cut.bin: byte $((size - 1)): ends here; an? .* has $size bytes" $kind "$work/cut.bin"
  head -c $((size + 1)) "$work/zero" >"$work/long.bin"
  refused "long.bin: byte $size: does not end here; an? .* has $size bytes" $kind "$work/long.bin"
  refused 'no-such.bin: No such file' $kind "$work/no-such.bin"
  refused 'is a directory' $kind "$work"
  [[ -c /dev/zero ]] && refused "/dev/zero: byte $size: does not end here" $kind /dev/zero
  refused_from "$work/cut.bin" "standard input: byte $((size - 1)): ends here" $kind -
  refused_from "$work/long.bin" "standard input: byte $size: does not end here" $kind -
  refused_from /dev/null 'standard input: byte 0: ends here' $kind -
done

# Reports of versions without a layout.
for version in 0 1; do
  make "$work/report.bin" attestation_report_v2 version=$version
  refused "report.bin: byte 0: version $version has no layout" report "$work/report.bin"
  refused_from "$work/report.bin" "standard input: byte 0: version $version has no layout" report -
done
make "$work/report.bin" attestation_report_v2 version=0xffffffff
expect 0 'version 4294967295 is read as version 5' decode report "$work/report.bin"

# The standard input as a value or a log.
refused_from /dev/null 'standard input: is empty' npf -
refused_from /dev/null 'standard input: no line was recognised' -
printf 'zz\n' >"$work/text"
refused_from "$work/text" "npf: 'zz' is not a number" npf -
refused_from "$work/text" "standard input 'zz': no line was recognised" -
printf '1\n2\n' >"$work/text"
refused_from "$work/text" 'standard input: line 2: one line was expected' npf -
refused_from "$work/text" 'standard input: no line was recognised; looked for' -
refused_from "$work/zero" "standard input '\?{40}...': no line was recognised" -
((++checks))
"$SEVSPEC" decode vmcb - <&- >/dev/null 2>&1
(($? == 2)) || fail "a closed standard input goes unnoticed"

# Any bytes of the right size are decoded, with warnings. (A report of an unknown version is the exception: see above.)
for seed in 1 2 3 4 5 6 7 8; do
  python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(int(sys.argv[1])).randbytes(4096))' $seed \
    >"$work/random.bin"
  for kind in vmcb vmsa ghcb secrets cpuid-page; do
    expect 0 'warning: ' decode $kind "$work/random.bin"
  done
  head -c 1184 "$work/random.bin" >"$work/report.bin"
  expect 0 'warning: ' decode report "$work/report.bin"
  "$SEVSPEC" decode - <"$work/random.bin" >/dev/null 2>&1
  same "status for a random log" 2 $?
done
head -c 4096 /dev/zero | tr '\0' '\377' >"$work/ones.bin"
for kind in vmcb vmsa ghcb secrets cpuid-page; do expect 0 'warning: ' decode $kind "$work/ones.bin"; done
head -c 1184 "$work/ones.bin" >"$work/report.bin"
expect 0 'reserved bits' decode report "$work/report.bin"

# Every reserved range of a structure, one bit each: none is passed over in silence.
export SEVSPEC
same "reserved fields that are told" ok "$(python3 - "$SEVSPEC_TEST_DATA_DIR/layouts.json" "$work/one.bin" <<'PYTHON'
import json, os, subprocess, sys
layouts = {one["name"]: one for one in json.load(open(sys.argv[1]))["structures"]}
kinds = {"vmcb": ["vmcb_control_area", "vmcb_save_area"], "vmsa": ["vmsa"], "ghcb": ["ghcb"],
         "secrets": ["secrets_page"], "cpuid-page": ["cpuid_page"], "report": ["attestation_report_v5"]}
problems = []
for kind, parts in kinds.items():
    base = 0
    for part in parts:
        for field in layouts[part]["fields"]:
            ranges = field["bits"] or [{"lsb": 0, "reserved": field["reserved"]}]
            for bits in (b for b in ranges if b.get("reserved") or field.get("reserved")):
                data = bytearray(sum(layouts[one]["size"] for one in parts))
                if kind == "report":
                    data[0] = 5
                at = base + field["offset"]
                data[at + bits["lsb"] // 8] |= 1 << bits["lsb"] % 8
                open(sys.argv[2], "wb").write(data)
                command = [os.environ["SEVSPEC"], "decode", kind, sys.argv[2]]
                out = subprocess.run(command, capture_output=True, text=True, timeout=20)
                want = f"warning: reserved bit {bits['lsb']} is set in {field['name']} at byte {at:#x}\n"
                if out.returncode != 0 or want not in out.stdout:
                    problems.append(f"{kind}: {want}")
        base += layouts[part]["size"]
print("".join(problems[:5]) or "ok")
PYTHON
)"

# Output that cannot be written.
if [[ -c /dev/full ]]; then
  ((++checks))
  "$SEVSPEC" decode npf 1 >/dev/full 2>/dev/null
  (($? == 2)) || fail "a full disk goes unnoticed"
fi

finish
