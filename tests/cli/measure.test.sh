#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec measure: digests of an image that is made here, against the recipe written down with hashlib; steps; bad input.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export SEVSPEC

# Images, a kernel, and a twin of the recipe in another language.
cat >"$work/twin.py" <<'PYTHON'
import hashlib, json, os, struct, sys, uuid

def guid(text):
    return uuid.UUID(text).bytes_le

def image(path, size=0x3000, metadata=True, reset=True, hashes=True, sections=None):
    sections = sections or [(0x800000, 0x9000, 1), (0x80D000, 0x1000, 2), (0x80E000, 0x1000, 3), (0x80F000, 0x1000, 4),
                            (0x810000, 0x1000, 16), (0x811000, 0xF000, 1)]
    entries = []
    if metadata: entries.append(("dc886566-984a-4798-a75e-5585a7bf67cc", struct.pack("<I", size - 0x40)))
    if reset: entries.append(("00f771de-1a7e-4fcb-890e-68c77e2fb44e", struct.pack("<I", 0x80B004)))
    if hashes: entries.append(("7255371f-3a3b-4b04-927b-1da6efa8d454", struct.pack("<II", 0x810C00, 0x400)))
    table = b"".join(data + struct.pack("<H", len(data) + 18) + guid(name) for name, data in entries)
    table += struct.pack("<H", len(table) + 18) + guid("96b582de-1fb2-45f7-baea-a366c55a082d")
    data = bytearray(i * i % 251 for i in range(size))
    meta = b"ASEV" + struct.pack("<III", 16 + 12 * len(sections), 1, len(sections))
    meta += b"".join(struct.pack("<III", *section) for section in sections)
    data[0x40:0x40 + len(meta)] = meta
    data[size - 32 - len(table):size - 32] = table
    open(path, "wb").write(data)
    return bytes(data), sections

def extend(ld, contents, kind, gpa):
    return hashlib.sha384(ld + contents + struct.pack("<HBBIQ", 0x70, kind, 0, 0, gpa)).digest()

def pages(ld, kind, gpa, data):
    for at in range(0, len(data), 4096):
        contents = hashlib.sha384(data[at:at + 4096]).digest() if kind in (1, 2) else bytes(48)
        ld = extend(ld, contents, kind, gpa + at)
    return ld

def hash_table(kernel, initrd, cmdline):
    entry = lambda name, data: guid(name) + struct.pack("<H", 50) + hashlib.sha256(data).digest()
    return (guid("9438d606-4f22-4cc9-b479-a793d411fd21") + struct.pack("<H", 168) +
            entry("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", cmdline + b"\0") +
            entry("44baf731-3a2f-4bd7-9af1-41e29169781d", initrd) +
            entry("4de79437-abd2-427f-b835-d5b172d2045b", kernel) + bytes(8))

def snp(data, sections, vmsas, kernel=None, ec2=False, gce=False):
    ld = pages(bytes(48), 1, 2**32 - len(data), data)
    for gpa, size, kind in sections:
        if kind == 1: ld = pages(ld, 4 if gce else 3, gpa, bytes(size))
        if kind == 2: ld = pages(ld, 5, gpa, bytes(4096))
        if kind == 3 and not ec2: ld = pages(ld, 6, gpa, bytes(4096))
        if kind == 4: ld = pages(ld, 3, gpa, bytes(size))
        if kind == 16: ld = pages(ld, 1, gpa, (bytes(0xC00) + kernel).ljust(4096, b"\0")) if kernel else pages(ld, 3, gpa, bytes(size))
    for gpa, size, kind in sections:
        if kind == 3 and ec2: ld = pages(ld, 6, gpa, bytes(4096))
    for vmsa in vmsas: ld = pages(ld, 2, 0xFFFFFFFFF000, vmsa)
    return ld.hex()
PYTHON
python3 - "$work" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
import twin
work = sys.argv[1]
twin.image(work + "/good.fd")
twin.image(work + "/no_metadata.fd", metadata=False)
twin.image(work + "/no_reset.fd", reset=False)
twin.image(work + "/no_hashes.fd", hashes=False)
twin.image(work + "/no_hash_section.fd", sections=[(0x800000, 0x1000, 1)])
twin.image(work + "/odd_section.fd", sections=[(0x800000, 0x1000, 7)])
twin.image(work + "/twice.fd", sections=[(0x800000, 0x2000, 1), (0x801000, 0x1000, 2)])
open(work + "/no_table.fd", "wb").write(bytes(4096))
open(work + "/cut.fd", "wb").write(open(work + "/good.fd", "rb").read()[:-1])
open(work + "/vmlinuz", "wb").write(b"kernel")
open(work + "/initrd", "wb").write(b"initrd")
PYTHON
ovmf=$work/good.fd
snp=(measure --mode snp --ovmf "$ovmf")

# VMSAs come out of the program and go into the twin: which registers they have the library's own tests say.
expect 0 '^[0-9a-f]{96}$' "${snp[@]}" --vcpus 3 --vcpu-type EPYC-v4 --dump-vmsa "$work/vmsas"
plain=$out
same "VMSAs written" "vmsa0.bin vmsa1.bin vmsa2.bin" "$(cd "$work/vmsas" && echo *)"
cmp -s "$work/vmsas/vmsa1.bin" "$work/vmsas/vmsa2.bin" || fail "the VMSAs of other processors differ"
cmp -s "$work/vmsas/vmsa0.bin" "$work/vmsas/vmsa1.bin" && fail "the VMSA of the first processor is like the others"
measured() {  # PYTHON-ARGUMENTS...: what the twin says
  python3 - "$work" "$1" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
from twin import *
work = sys.argv[1]
data, sections = image(work + "/again.fd")
read = lambda name: open(f"{work}/{name}", "rb").read()
vmsas = lambda folder, count: [read(f"{folder}/vmsa{i}.bin") for i in range(count)]
kernel = hash_table(b"kernel", b"initrd", b"console=ttyS0 ro")
no_initrd = hash_table(b"kernel", b"", b"")
print(eval(sys.argv[2]))
PYTHON
}
same "three processors" "$(measured 'snp(data, sections, vmsas("vmsas", 3))')" "$plain"
expect 0 . "${snp[@]}" --vcpus 1 --vcpu-type EPYC-v4 --kernel "$work/vmlinuz" --initrd "$work/initrd" --append 'console=ttyS0 ro'
same "a kernel" "$(measured 'snp(data, sections, vmsas("vmsas", 1), kernel)')" "$out"
expect 0 . "${snp[@]}" --vcpus 1 --vcpu-type EPYC-v4 --kernel "$work/vmlinuz"
same "a kernel alone" "$(measured 'snp(data, sections, vmsas("vmsas", 1), no_initrd)')" "$out"
for vmm in ec2 gce; do
  expect 0 . "${snp[@]}" --vcpus 2 --vmm-type $vmm --dump-vmsa "$work/$vmm"
  same "$vmm" "$(measured "snp(data, sections, vmsas('$vmm', 2), $vmm=True)")" "$out"
done
expect 0 . measure --mode sev --ovmf "$ovmf"
same "SEV" "$(measured 'hashlib.sha256(data).hexdigest()')" "$out"
expect 0 . measure --mode seves --ovmf "$ovmf" --vcpus 2 --vcpu-sig 0x800f12 --kernel "$work/vmlinuz" --dump-vmsa "$work/es"
same "SEV-ES" "$(measured 'hashlib.sha256(data + no_initrd + b"".join(vmsas("es", 2))).hexdigest()')" "$out"

# Other ways to say the same.
for same_cpu in '--vcpu-sig 0x800f12' '--vcpu-sig 8392466' '--vcpu-family 23 --vcpu-model 1 --vcpu-stepping 2' '--vcpu-type EPYC'; do
  # shellcheck disable=SC2086
  expect 0 . "${snp[@]}" --vcpus 3 $same_cpu
  same "$same_cpu" "$plain" "$out"
done
expect 0 . "${snp[@]}" --vcpus 3 --vcpu-type EPYC-v4 --vmm-type QEMU --guest-features 0x1 --output-format hex
same "defaults" "$plain" "$out"
expect 0 . "${snp[@]}" --vcpus 3 --vcpu-type EPYC-v4 --guest-features 0x21
[[ $out != "$plain" ]] || fail "--guest-features changes nothing"
expect 0 '^[A-Za-z0-9+/]{64}$' "${snp[@]}" --vcpus 3 --vcpu-type EPYC-v4 --output-format base64
same "base64" "$plain" "$(base64 -d <<<"$out" | od -An -v -tx1 | tr -d ' \n')"
expect 0 '^[0-9a-f]{96}$' measure --mode snp:ovmf-hash --ovmf "$ovmf"
expect 0 . "${snp[@]}" --vcpus 3 --vcpu-type EPYC-v4 --snp-ovmf-hash "$out"
same "the image's digest given" "$plain" "$out"

# --- images that lack something
lacks() { expect 2 "$2" measure --mode snp --vcpus 2 --vcpu-type EPYC --ovmf "$work/$1" "${@:3}"; }
lacks no_table.fd 'no_table.fd: the image has no footer table'
lacks cut.fd 'no footer table'
lacks no_metadata.fd 'no SEV metadata \(GUID dc886566-984a-4798-a75e-5585a7bf67cc\)'
lacks no_reset.fd 'no SEV-ES reset block \(GUID 00f771de-'
lacks no_hashes.fd 'no place for its hashes \(GUID 7255371f-' --kernel "$work/vmlinuz"
lacks no_hash_section.fd 'no section for its hashes \(type 0x10\)' --kernel "$work/vmlinuz"
lacks odd_section.fd 'type that is not known: 0x7'
lacks twice.fd 'a page in common.*: gPA 0x801000'
lacks no_such_file 'no_such_file: '
printf '\377\377' | dd of="$work/no_metadata.fd" bs=1 seek=$((0x3000 - 50)) conv=notrunc status=none
lacks no_metadata.fd 'byte 0x2fce: the footer table is shorter'
expect 0 '^[0-9a-f]{64}$' measure --mode sev --ovmf "$work/no_table.fd"  # needs nothing of it
expect 2 'no footer table' measure --mode sev --ovmf "$work/no_table.fd" --kernel "$work/vmlinuz"

# --- usage
expect 2 'mode' measure
expect 2 "'sgx'" measure --mode sgx --ovmf "$ovmf"
expect 2 'ovmf' measure --mode snp
expect 2 'needs --vcpus' "${snp[@]}" --vcpu-type EPYC
expect 2 'needs --vcpu-type' "${snp[@]}" --vcpus 1
expect 2 'nearest are EPYC-Milan' "${snp[@]}" --vcpus 1 --vcpu-type EPYC-Milam
expect 2 'only one of' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --vcpu-sig 1
expect 2 'belong together' "${snp[@]}" --vcpus 1 --vcpu-family 23
expect 2 'more than 15' "${snp[@]}" --vcpus 1 --vcpu-family 23 --vcpu-model 1 --vcpu-stepping 16
expect 2 'models up to 15' "${snp[@]}" --vcpus 1 --vcpu-family 6 --vcpu-model 16 --vcpu-stepping 0
expect 2 'at least one processor' "${snp[@]}" --vcpus 0 --vcpu-type EPYC
expect 2 'more than 65535' "${snp[@]}" --vcpus 65536 --vcpu-type EPYC
expect 2 'is not a number' "${snp[@]}" --vcpus many --vcpu-type EPYC
expect 2 'QEMU, ec2 or gce' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --vmm-type vbox
expect 2 '--initrd: goes with --kernel' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --initrd "$work/initrd"
expect 2 '--append: goes with --kernel' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --append ''
expect 2 '--snp-ovmf-hash: 2 bytes; 48 were expected' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --snp-ovmf-hash 0102
expect 2 'character 1 is no hexadecimal digit' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --snp-ovmf-hash 0x00
expect 2 'belongs to --mode snp' measure --mode sev --ovmf "$ovmf" --snp-ovmf-hash 00
expect 2 'belongs to --mode snp and seves' measure --mode sev --ovmf "$ovmf" --dump-vmsa "$work/sev"
expect 2 'output-format' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --output-format octal
expect 2 'is no folder' "${snp[@]}" --vcpus 1 --vcpu-type EPYC --dump-vmsa "$ovmf"
expect 2 'svsm' measure --mode snp:svsm --ovmf "$ovmf" --vcpus 1 --vcpu-type EPYC
expect 2 'needs --vars-size' measure --mode snp:svsm --ovmf "$ovmf" --svsm "$ovmf" --vcpus 1 --vcpu-type EPYC
expect 2 'is QEMU' measure --mode snp:svsm --ovmf "$ovmf" --svsm "$ovmf" --vars-size 0 --vcpus 1 --vmm-type ec2
expect 2 'footer table has no SVSM entry' measure --mode snp:svsm --ovmf "$ovmf" --svsm "$ovmf" --vars-size 0 --vcpus 1 --vcpu-type EPYC
expect 0 'measure --steps' measure --help

# --- steps
python3 - "$work" "$SEVSPEC_TEST_DATA_DIR/firmware/crypto.json" <<'PYTHON'
import json, sys
work, vectors = sys.argv[1:]
steps = next(v for v in json.load(open(vectors))["vectors"] if v["id"] == "page_info_single_steps")["steps"]
names = {1: "normal", 3: "zero", 5: "secrets"}
for i, step in enumerate(steps):
    page = {"type": names[step["page_type"]], "gpa": step["gpa"], "data": None, "imi": bool(step["imi"]), "vmpl": step["perms"]}
    page["digest" if i % 2 else "data"] = {0: "00" * 4096, 1: None, 2: "file:zeros"}.get(i, None)
    json.dump({"initial": None, "pages": [page]}, open(f"{work}/step{i}.json", "w"))
    open(f"{work}/want{i}", "w").write('{"launch_digest":"%s"}' % step["ld"])
open(work + "/zeros", "wb").write(bytes(4096))
PYTHON
for i in 0 1 2 3; do
  run measure --steps "$work/step$i.json"
  same "step $i" "$(<"$work/want$i")" "$out"
done

python3 - "$work" <<'PYTHON'
import json, sys
sys.path.insert(0, sys.argv[1])
from twin import *
work = sys.argv[1]
ld, want, out = bytes(range(48)), [], []
two = bytes(range(256)) * 32
for kind, name, gpa, data, as_digest in ((1, "normal", 0xFFFFE000, two, False), (3, "zero", 0x1000, None, False), (4, "unmeasured", 0x2000, None, False),
                                         (5, "secrets", 0x3000, None, False), (6, "cpuid", 0x4000, None, False),
                                         (2, "vmsa", 0xFFFFFFFFF000, bytes(4096), True)):
    page = {"type": name, "gpa": hex(gpa)}
    if as_digest: page["digest"] = hashlib.sha384(data).hexdigest()
    elif data: page["data"] = data.hex()
    ld = pages(ld, kind, gpa, data or bytes(4096))
    out.append(page)
    want.append(json.dumps({"launch_digest": ld.hex()}, separators=(",", ":")))
json.dump({"initial": bytes(range(48)).hex(), "pages": out}, open(work + "/steps.json", "w"))
open(work + "/want", "w").write("\n".join(want) + "\n")
PYTHON
run measure --steps "$work/steps.json"
same "status of steps" 0 $status
same "every type of page, from a digest on" "$(<"$work/want")" "$out"
echo '{"pages": []}' >"$work/none.json"
run measure --steps "$work/none.json"
same "no pages" "0:" "$status:$out"

refused() {  # PATTERN PAGE
  echo "{\"pages\": [{\"type\":\"zero\",\"gpa\":0}, $2]}" >"$work/bad.json"
  expect 2 "bad.json: $1" measure --steps "$work/bad.json"
  [[ -z $out ]] || fail "a digest before bad input"
}
refused "/pages/1: member 'type' is missing" '{}'
refused '/pages/1/type: normal, vmsa' '{"type":"data","gpa":0}'
refused "/pages/1: member 'gpa' is missing" '{"type":"zero"}'
refused '/pages/1/gpa: no multiple of 4096' '{"type":"zero","gpa":"0x10"}'
refused '/pages/1: data or digest is missing' '{"type":"normal","gpa":0}'
refused '/pages/1/data: 1 bytes are no whole pages' '{"type":"normal","gpa":0,"data":"00"}'
refused '/pages/1/data: 0 bytes' '{"type":"normal","gpa":0,"data":""}'
refused '/pages/1/data: character 0 is no' '{"type":"normal","gpa":0,"data":"xx"}'
refused '/pages/1/data: a string was expected' '{"type":"normal","gpa":0,"data":5}'
refused '/pages/1/digest: 1 bytes; 48' '{"type":"normal","gpa":0,"digest":"00"}'
refused '/pages/1/digest: data are given, too' "{\"type\":\"normal\",\"gpa\":0,\"data\":\"00\",\"digest\":\"00\"}"
refused '/pages/1/digest: contents of such pages' "{\"type\":\"zero\",\"gpa\":0,\"digest\":\"$(printf '01%.0s' {1..48})\"}"
refused '/pages/1/vmpl: the permissions' '{"type":"zero","gpa":0,"vmpl":[1,2]}'
refused '/pages/1/vmpl/2: more than 255' '{"type":"zero","gpa":0,"vmpl":[1,2,256]}'
refused '/pages/1/imi: ' '{"type":"zero","gpa":0,"imi":"yes"}'
echo '{"initial":"00","pages":[]}' >"$work/bad.json"
expect 2 'bad.json: /initial: 1 bytes; 48' measure --steps "$work/bad.json"
echo '{"pages":{}}' >"$work/bad.json"
expect 2 '/pages: an array was expected' measure --steps "$work/bad.json"
echo '[' >"$work/bad.json"
expect 2 'bad.json: byte 2: not JSON' measure --steps "$work/bad.json"
expect 2 'no-such-file' measure --steps "$work/no-such-file"
echo '{"pages":[{"type":"normal","gpa":0,"data":"file:no-such-file"}]}' >"$work/bad.json"
expect 2 'no-such-file' measure --steps "$work/bad.json"
expect 2 'goes with no other option' measure --steps "$work/none.json" --mode snp

finish
