#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec report: shows and verifies reports of real processors, and refuses what is changed of them.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
expect 2 'subcommand is required' report
expect 2 . report show
expect 2 'no-such-file' report show "$work/no-such-file"
head -c 1183 /dev/zero >"$work/short.bin"
expect 2 'short.bin: byte 1183: ends here' report show "$work/short.bin"
head -c 1184 /dev/zero >"$work/zero.bin"
expect 2 'zero.bin: byte 0: version 0 has no layout' report show "$work/zero.bin"
expect 2 'vcek' report verify "$work/zero.bin"

data=${SEVSPEC_EXTRA_TEST_DATA:-/nonexistent}/vectors/firmware/data
if [[ ! -r $data/gosev-report-milan-v2.bin ]] || ! command -v openssl >/dev/null; then
  echo "no folder of additional test data with reports and certificates, or no openssl: real reports not verified"
  ((failures == 0)) || finish
  exit 77
fi
export SEVSPEC

# --- show
same "the fields of a report as JSON" ok "$(python3 - "$data/../attestation.json" "$data/gosev-report-milan-v2.bin" <<'PYTHON'
import json, os, subprocess, sys
vectors, file = sys.argv[1:]
expected = next(v for v in json.load(open(vectors))["vectors"] if v["id"] == "report_gosev_valid")["expected"]["fields"]
got = json.loads(subprocess.run([os.environ["SEVSPEC"], "report", "show", file, "--json"], capture_output=True, text=True).stdout)
problems = []
for name, want in expected.items():
    name = {"sig_r_le72": "signature_r", "sig_s_le72": "signature_s"}.get(name, name)
    value = got[name]
    if isinstance(value, dict): value = value["value"]
    if isinstance(want, int) or want.startswith("0x"): value, want = int(value, 16), int(str(want), 0)
    if value != want: problems.append((name, value, want))
if got["policy"]["debug"] != "0x1" or got["key_info"]["signing_key"] != "0x0": problems.append(got["policy"])
layout = json.loads(subprocess.run([os.environ["SEVSPEC"], "layout", "attestation_report_v2", "--json"], capture_output=True, text=True).stdout)
if list(got) != [field["name"] for field in layout["fields"]]: problems.append(list(got))
print(problems or "ok")
PYTHON
)"
expect 0 '^measurement: b07af962' report show "$data/gosev-report-milan-v2.bin"
"$SEVSPEC" report show - <"$data/gosev-report-milan-v2.bin" >"$work/from_pipe" || fail "a report from the standard input"
same "a report from the standard input" "$out" "$(<"$work/from_pipe")"

# --- verify: what is valid
report=$data/gosev-report-milan-v2.bin vcek=$data/gosev-vcek-milan.der chain=$data/virtee-ask-ark-milan.pem
valid() { expect 0 '^valid$' report verify "$@"; }
valid "$report" --vcek "$vcek" --chain "$chain"
valid "$data/virtee-report-milan-v2.bin" --vcek "$data/virtee-vcek-milan.der" --chain "$chain"
csplit -s -z -f "$work/cert" "$chain" '/-----BEGIN/' '{*}'
valid "$report" --vcek "$vcek" --ask "$work/cert00" --ark "$work/cert01"
for i in 0 1; do openssl x509 -in "$work/cert0$i" -outform der -out "$work/cert$i.der"; done
openssl x509 -inform der -in "$vcek" -out "$work/vcek.pem"
valid "$report" --vcek "$work/vcek.pem" --ask "$work/cert0.der" --ark "$work/cert1.der"
cat "$work/cert01" "$work/cert00" >"$work/turned.pem"
valid "$report" --vcek "$vcek" --chain "$work/turned.pem"
((++checks))
"$SEVSPEC" report verify - --vcek "$vcek" --chain "$chain" <"$report" | grep -qx valid || fail "a report from the standard input"

# --- verify: what is not
invalid() {  # PATTERN ARGUMENTS...: ends with 1 and says why on stdout
  local pattern=$1
  shift
  ((++checks))
  run report verify "$@"
  [[ $status == 1 ]] && grep -Eq "^invalid: $pattern" <<<"$out" || fail "report verify $*: status $status, '$out', '$err'"
}
flipped() {  # OFFSET PATTERN: one bit of the report changed
  cp "$report" "$work/changed.bin"
  chmod u+w "$work/changed.bin"
  python3 -c 'import sys; f = open(sys.argv[1], "r+b"); at = int(sys.argv[2], 0); f.seek(at); b = f.read(1)[0]; f.seek(at); f.write(bytes([b ^ 4]))' \
    "$work/changed.bin" "$1"
  invalid "$2" "$work/changed.bin" --vcek "$vcek" --chain "$chain"
}
flipped 0x008 'report, byte 0x2a0: the signature is not'
flipped 0x050 'report, byte 0x2a0: the signature is not'
flipped 0x090 'report, byte 0x2a0: the signature is not'
flipped 0x180 'report, byte 0x2a0: the signature is not'
flipped 0x1a0 'report, byte 0x2a0: the signature is not'
flipped 0x29f 'report, byte 0x2a0: the signature is not'
flipped 0x2a0 'report, byte 0x2a0: the signature is not'
flipped 0x31f 'report, byte 0x2a0: the signature is not'
flipped 0x034 "report, byte 0x34: the signature's algorithm"
flipped 0x048 'report, byte 0x48: it says that it is not signed by a VCEK'
flipped 0x330 'report, byte 0x330: bytes of the signature'
flipped 0x49f 'report, byte 0x49f: bytes of the signature'
invalid 'report, byte 0x2a0' "$report" --vcek "$data/virtee-vcek-milan.der" --chain "$chain"
invalid 'chain: SEV-VCEK is issued by another than SEV-Turin' "$report" --vcek "$vcek" --chain "$data/virtee-ask-ark-turin.pem"
invalid 'report, byte 0x2a0' "$report" --vcek "$data/virtee-vcek-turin.der" --chain "$data/virtee-ask-ark-turin.pem"
invalid 'chain: SEV-VCEK is issued by another than ARK-Milan' "$report" --vcek "$vcek" --ask "$work/cert01" --ark "$work/cert00"
invalid 'chain: SEV-Milan is issued by another than SEV-Milan' "$report" --vcek "$vcek" --ask "$work/cert00" --ark "$work/cert00"
invalid 'VCEK certificate: its key is not on the curve' "$report" --vcek "$work/cert00" --ask "$work/cert01" --ark "$work/cert01"
python3 - "$vcek" "$work/forged.der" <<'PYTHON'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[-1] ^= 1
open(sys.argv[2], "wb").write(data)
PYTHON
invalid 'chain: SEV-VCEK is not signed by SEV-Milan' "$report" --vcek "$work/forged.der" --chain "$chain"

# A chain of one's own, whose VCEK names another TCB or chip, or has no extensions.
own() {  # NAME EXTENSIONS
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout "$work/own.key" -out "$work/$1.pem" -days 2 \
    -subj /CN=mine -addext basicConstraints=critical,CA:TRUE "${@:2}" >/dev/null 2>&1 || fail "openssl: $1"
}
oid=1.3.6.1.4.1.3704.1
own bare
invalid 'VCEK certificate: it has no boot loader version' "$report" --vcek "$work/bare.pem" --ask "$work/bare.pem" --ark "$work/bare.pem"
tcb=(-addext "$oid.3.1=ASN1:INTEGER:2" -addext "$oid.3.2=ASN1:INTEGER:0" -addext "$oid.3.3=ASN1:INTEGER:5" -addext "$oid.3.8=ASN1:INTEGER:68")
own no_id "${tcb[@]}"
invalid 'VCEK certificate: it has no hardware ID' "$report" --vcek "$work/no_id.pem" --ask "$work/no_id.pem" --ark "$work/no_id.pem"
own short_id "${tcb[@]}" -addext "$oid.4=DER:01:02"
invalid 'VCEK certificate: its hardware ID has 2 bytes' "$report" --vcek "$work/short_id.pem" --ask "$work/short_id.pem" --ark "$work/short_id.pem"
own large "${tcb[@]:0:6}" -addext "$oid.3.8=ASN1:INTEGER:256"
invalid 'VCEK certificate: it has no microcode version' "$report" --vcek "$work/large.pem" --ask "$work/large.pem" --ark "$work/large.pem"
own wrong_key "${tcb[@]}" -addext "$oid.4=DER:$(printf '00:%.0s' {1..63})00"
invalid 'report, byte 0x2a0' "$report" --vcek "$work/wrong_key.pem" --ask "$work/wrong_key.pem" --ark "$work/wrong_key.pem"

# --- verify: what the report has to say
ok() { valid "$report" --vcek "$vcek" --chain "$chain" "$@"; }
no() { invalid "$1" "$report" --vcek "$vcek" --chain "$chain" "${@:2}"; }
ok --policy 0xb0000
ok --policy 0x30000 --policy-mask 0x30000
ok --policy-mask 0x40000
no 'report, byte 0x8: ' --policy-mask 0x80000
no 'report, byte 0x8: ' --policy 0x30000
ok --vmpl 0
measurement=b07af9620f3b839b47996422ddec6058338951d984e312115131ea82705eaf5b6bdf8a9ece31a5a608eb0cf2e4872b01
ok --measurement $measurement
no 'report, byte 0x90: ' --measurement "${measurement/b0/b1}"
no 'report, byte 0x50: ' --report-data "$(printf '00%.0s' {1..64})"
no 'report, byte 0xc0: ' --host-data "$(printf '01%.0s' {1..32})"

# --- bad input
bad() { expect 2 "$1" report verify "${@:2}"; }
bad 'ask and --ark' "$report" --vcek "$vcek"
bad 'ask and --ark' "$report" --vcek "$vcek" --ask "$work/cert00"
bad 'goes without' "$report" --vcek "$vcek" --ask "$work/cert00" --chain "$chain"
bad '1 certificates; ASK and ARK' "$report" --vcek "$vcek" --chain "$work/cert00"
bad '2 certificates; one was' "$report" --vcek "$chain" --chain "$chain"
bad 'is no X.509 certificate' "$report" --vcek "$report" --chain "$chain"
bad 'no-such-file' "$report" --vcek "$work/no-such-file" --chain "$chain"
bad 'measurement: 1 bytes' "$report" --vcek "$vcek" --chain "$chain" --measurement 00
bad 'VMPLs 0 to 3' "$report" --vcek "$vcek" --chain "$chain" --vmpl 4
bad 'byte 1183: ends here' "$work/short.bin" --vcek "$vcek" --chain "$chain"
for size in 0 1 4 500 1359; do
  head -c $size "$vcek" >"$work/cut.der"
  bad 'cut.der: is no X.509' "$report" --vcek "$work/cut.der" --chain "$chain"
done
sed '5d' "$work/cert00" >"$work/broken.pem"
bad 'broken.pem: is no X.509' "$report" --vcek "$vcek" --ask "$work/broken.pem" --ark "$work/cert01"

# Certificates with changed bytes never end otherwise than with an answer.
same "changed certificates" ok "$(python3 - "$work" "$report" "$vcek" "$chain" <<'PYTHON'
import os, random, subprocess, sys
work, report, vcek, chain = sys.argv[1:]
data, draw, problems = open(vcek, "rb").read(), random.Random(1), []
for i in range(60):
    changed = bytearray(data)
    changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    open(work + "/any.der", "wb").write(changed)
    done = subprocess.run([os.environ["SEVSPEC"], "report", "verify", report, "--vcek", work + "/any.der", "--chain", chain], capture_output=True)
    if done.returncode not in (1, 2): problems.append((i, done))
print(problems or "ok")
PYTHON
)"

finish
