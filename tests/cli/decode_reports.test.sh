#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec decode report: reports of real processors decode to the fields that are known of them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$(dirname "${BASH_SOURCE[0]}")/facts.sh"
vectors=${SEVSPEC_EXTRA_TEST_DATA:-/nonexistent}/vectors/firmware
if [[ ! -r $vectors/attestation.json || ! -d $vectors/data ]]; then
  echo "no folder of additional test data with vectors/firmware: real reports not decoded"
  exit 77
fi

export SEVSPEC
same "fields of real reports" "ok 1 report" "$(python3 - "$vectors" <<'PYTHON'
import json, os, subprocess, sys
folder = sys.argv[1]
problems, reports = [], 0
for vector in json.load(open(folder + "/attestation.json"))["vectors"]:
    expected = vector["expected"].get("fields")
    if expected is None:
        continue
    reports += 1
    out = subprocess.run([os.environ["SEVSPEC"], "decode", "report", f"{folder}/{vector['file']}"],
                         capture_output=True, text=True)
    got = dict(line.split(": ", 1) for line in out.stdout.splitlines() if not line.startswith(" "))
    if out.returncode != 0 or out.stderr or "warning" in got:
        problems.append(f"{vector['id']}: status {out.returncode}, {out.stderr}, {got.get('warning')}")
    for name, want in expected.items():
        if name.startswith("sig_"):
            name = "signature_" + name[4]
        value = got.get(name, "is missing")
        if isinstance(want, int) or want.startswith("0x"):
            value, want = int(value.split()[0], 0), int(str(want), 0)
        if value != want:
            problems.append(f"{vector['id']}: {name} is {value} instead of {want}")
print("\n".join(problems) or f"ok {reports} report" + "s" * (reports > 1))
PYTHON
)"

# Milan's order of TCB components; both reports are of version 2 and do not name their processor.
facts 'layout: attestation_report_v2' '  boot_loader: 2' '  tee: 0' '  snp: 5' '  microcode: 68 \(0x44\)' \
  '  signing_key: 0x0 VCEK' 'signature_algo: 0x1 ECDSA_P384_SHA384' \
  -- report "$vectors/data/gosev-report-milan-v2.bin"
without 'fmc|warning'
facts 'layout: attestation_report_v2' 'version: 2' '  boot_loader: [0-9]+' \
  -- report "$vectors/data/virtee-report-milan-v2.bin"
without 'fmc|warning'

# The VMSA that the boot processor of a real SEV-ES guest starts with.
facts 'guest: SEV-ES' '    attrib: 0x9b' '    base: 0xffff0000' '  rip: 0xfff0' '  efer: 0x1000' \
  '  g_pat: 0x7040600070406' -- vmsa "$vectors/data/sevctl-vmsa0.bin"
without warning

# A report whose bytes are shifted by a cut is no report.
tail -c +2 "$vectors/data/gosev-report-milan-v2.bin" >"$work/cut.bin"
expect 2 'byte 1183: ends here' decode report "$work/cut.bin"

finish
