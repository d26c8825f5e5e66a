#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec walk --svg: well-formed pictures of every kind of walk, with everything inside the frame.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
data=$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k
nested=(--pages "$data/pages.bin" --ncr3 0x5601000 --cr3 0x10000 --levels 4)

# picture STATUS CARDS TEXT ARGUMENT...: a picture with so many entries, and this text.
picture() {
  local status_wanted=$1 cards=$2 text=$3
  shift 3
  rm -f "$work/walk.svg"
  run walk "$@" --svg "$work/walk.svg"
  same "status of walk $*" "$status_wanted" $status
  same "picture of walk $*" ok "$(python3 - "$work/walk.svg" "$cards" "$text" <<'PYTHON'
import re, sys
import xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
svg = "{http://www.w3.org/2000/svg}"
texts = [element.text or "" for element in root.iter(svg + "text")]
cards = [text for text in texts if re.fullmatch(r"[hgn](PML5|PML4|PDP|PD|PT)\[\d+\]", text)]
width, height = float(root.get("width")), float(root.get("height"))
problems = []
if root.tag != svg + "svg" or root.find(svg + "title") is None:
    problems.append("no svg with a title")
if len(cards) != int(sys.argv[2]):
    problems.append(f"{len(cards)} entries")
if not any(sys.argv[3] in text for text in texts):
    problems.append(f"no text '{sys.argv[3]}'")
for element in root.iter():
    if element.tag in (svg + "rect", svg + "text"):
        x, y = float(element.get("x")), float(element.get("y"))
        right, bottom = x + float(element.get("width", 0)), y + float(element.get("height", 0))
        if x < 0 or y < 0 or right > width or bottom > height:
            problems.append(f"outside: {element.attrib}")
ids = {element.get("id") for element in root.iter(svg + "marker")}
used = set(re.findall(r"url\(#(\w+)\)", tree.tostring(root, encoding="unicode")))
if not used <= ids:
    problems.append(f"no marker {used - ids}")
print("; ".join(problems) or "ok")
PYTHON
)"
}

picture 0 24 'gVA 0xffff800040600000 → sPA 0x3a30000' "${nested[@]}" 0xffff800040600000
picture 0 19 'there is no gPT' "${nested[@]}" 0x401234 0xffff800040600000
picture 0 14 'the walk stops here' "${nested[@]}" --access w 0x100000000
picture 0 14 'PAG-NPF-02: ' "${nested[@]}" --access w 0x100000000
picture 0 20 'error code 0x7, CR2 0xffff800040600000' "${nested[@]}" --access w --cpl 3 0xffff800040600000
picture 0 0 'PAG-CAN-01: ' "${nested[@]}" 0x800000000000
picture 0 4 'sPA' --pages "$data/pages.bin" --ncr3 0x5601000 0x1234
picture 0 4 'EXITINFO1 0x100000004' --pages "$data/pages.bin" --ncr3 0x5601000 0x100001234
picture 0 0 'PAG-NPT-21: ' --pages "$data/pages.bin" --ncr3 0x5601000 0x1000000001000
picture 0 3 '2 MiB page: no hPT' --pages "$data/l1_pages.bin" --cr3 0x58e6000 --levels 4 0xffff888000212345
picture 0 4 'the gVA is the gPA' --pages "$data/pages.bin" --ncr3 0x5601000 --cr3 0 --cr0 0x11 0x1000
picture 0 0 'the address is the sPA' --pages "$data/pages.bin" --cr3 0 --cr0 0x11 0x1000
picture 2 0 'a page that the capture does not have' --pages "$data/pages.bin" --cr3 0x5555000 0x1000

# Five levels over five, a SEV guest: 35 reads, the last one private. All tables lie in one page each.
python3 - "$work/sev.bin" <<'PYTHON'
import struct, sys
c_bit = 1 << 51
pages = {}
def put(where, value):
    pages.setdefault(where & ~0xfff, [0] * 512)[(where & 0xfff) // 8] = value
for level in range(5, 1, -1):  # gPA 0 to 0x1fffff lies at the same sPA
    put(0x100000 + 0x1000 * (5 - level), 0x100000 + 0x1000 * (6 - level) | 0x27 | c_bit)
for i in range(512):
    put(0x104000 + 8 * i, 0x1000 * i | 0x67)
for level in range(5, 1, -1):
    put(0x10000 + 0x1000 * (5 - level), 0x10000 + 0x1000 * (6 - level) | 0x27)
put(0x14000, 0x20000 | 0x67 | c_bit)
with open(sys.argv[1], "wb") as file:
    for where, qwords in pages.items():
        file.write(struct.pack("<Q512Q", where, *qwords))
PYTHON
sev=(--pages "$work/sev.bin" --ncr3 0x8000000100000 --nlevels 5 --cr3 0x10000 --levels 5 --c-bit 51)
picture 0 35 'SEV guest, C-bit 51' "${sev[@]}" 0x123
picture 0 35 'guest key' "${sev[@]}" 0x123
expect 0 '^0x123,ok,0x20123,4k,1,1,0,0,1,1,1$' walk "${sev[@]}" 0x123
# Without encryption the C position is an ordinary address bit, reserved above the width; the root has to lose it.
expect 0 '^0x123,#NPF,{10}0x20000000f$' walk "${sev[@]:0:2}" --ncr3 0x100000 --nlevels 5 --cr3 0x10000 --levels 5 0x123

finish
