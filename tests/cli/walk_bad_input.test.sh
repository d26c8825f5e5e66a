#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sevspec walk: every input that cannot be used is refused with status 2, and the message says where it is wrong.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
pages=$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k/pages.bin
host=(--pages "$pages" --cr3 0x5601000 --levels 4)

# Usage.
expect 2 . # no sub-command
expect 2 'no-such-command|subcommand' no-such-command
expect 2 . --no-such-option
expect 2 '--pages' walk
expect 2 '--pages' walk --cr3 0x1000 --levels 4 0x1000
expect 2 '--cr3' walk --pages "$pages" 0x1000
expect 2 'no address' walk "${host[@]}"
expect 2 '--no-such-option' walk "${host[@]}" --no-such-option 0x1000
expect 2 '--addresses' walk "${host[@]}" --addresses /dev/null 0x1000
expect 2 '--nlevels' walk "${host[@]}" --nlevels 4 0x1000
expect 2 '--cr3' walk --pages "$pages" --levels 4 0x1000 --cr3
expect 2 '--pages' walk --cr3 0x1000 0x1000 --pages

# Numbers.
expect 2 "address 'zz' is not a number|address 'zz'.*not a number" walk "${host[@]}" zz
expect 2 "'0x' .*not a number|'0x': is not a number" walk "${host[@]}" 0x
expect 2 "'12zz'.*not a number" walk "${host[@]}" 12zz
expect 2 "'0x10000000000000000'.*64 bits" walk "${host[@]}" 0x10000000000000000
expect 2 "'18446744073709551616'.*64 bits" walk "${host[@]}" 18446744073709551616
expect 2 . walk "${host[@]}" -5
expect 2 "''.*not a number" walk "${host[@]}" ''
expect 0 '^0xffffffffffffffff,' walk "${host[@]}" 18446744073709551615
expect 2 "--cr3: '0x5601000h'" walk --pages "$pages" --cr3 0x5601000h 0x1000
expect 2 "--ncr3: 'nope'" walk --pages "$pages" --ncr3 nope 0x1000

# Registers that contradict each other, or the architecture.
for levels in 0 3 6 48 0xffffffffffffffff; do
  expect 2 "--levels [0-9]+: must be 4 or 5" walk --pages "$pages" --cr3 0x5601000 --levels $levels 0x1000
  expect 2 "--nlevels [0-9]+: must be 4 or 5" walk --pages "$pages" --ncr3 0x5601000 --nlevels $levels 0x1000
done
expect 2 '--levels 4: --cr4 0x10a0 has LA57=1' walk "${host[@]}" --cr4 0x10a0 0x1000
expect 2 '--levels 5: --cr4 0xa0 has LA57=0' walk --pages "$pages" --cr3 0x5601000 --levels 5 --cr4 0xa0 0x1000
expect 2 '--levels 4: --cr0 0x11 has paging off' walk "${host[@]}" --cr0 0x11 0x1000
expect 2 '--cr4 0x80: .*PAE' walk "${host[@]}" --cr4 0x80 0x1000
expect 2 '--efer 0x100d01: the part has no upper address ignore' walk "${host[@]}" --efer 0x100d01 0x1000
expect 2 '--cr4 0x10000a0: .*PAG-PERM-09' walk "${host[@]}" --cr4 0x10000a0 0x1000
expect 2 '--levels 4: --efer 0x0 has LMA=0' walk "${host[@]}" --efer 0 0x1000
expect 2 '--cr0 0x80000000: PG=1 needs PE=1' walk "${host[@]}" --cr0 0x80000000 0x1000
expect 2 '--cr3 0xf000000000000000: .*PAG-CR3-01' walk --pages "$pages" --cr3 0xf000000000000000 0x1000
expect 2 '--cr3 0x8000000001000: .*PAG-CR3-03' walk --pages "$pages" --cr3 0x8000000001000 0x1000
expect 2 '--ncr3 0xf000000000000000: ' walk --pages "$pages" --ncr3 0xf000000000000000 0x1000
expect 2 '--pa-bits 60: must be 36 to 52' walk "${host[@]}" --pa-bits 60 0x1000
expect 2 '--pa-bits 99999: ' walk "${host[@]}" --pa-bits 99999 0x1000
expect 2 '--c-bit 5: must be 32 to 51' walk "${host[@]}" --c-bit 5 0x1000
expect 2 '--c-bit 40: lies inside' walk "${host[@]}" --c-bit 40 0x1000
expect 2 '--pa-reduction 30: ' walk "${host[@]}" --c-bit 47 --pa-reduction 30 0x1000
expect 2 '--access' walk "${host[@]}" --access rw 0x1000
expect 2 '--cpl' walk "${host[@]}" --cpl 1 0x1000
expect 0 '^0x123456,ok,0x123456,,1,1,0,0,0,0,0$' walk --pages "$pages" --cr3 0 --cr0 0x11 0x123456 # paging off
for width in 36 37 40 48 52; do
  expect 0 '^0x1000,ok,0x2bef000,' walk "${host[@]}" --pa-bits $width 0x1000
done

# Page files.
expect 2 'no-such.bin: No such file' walk --pages "$work/no-such.bin" --cr3 0x1000 0x1000
expect 2 'is a directory' walk --pages "$work" --cr3 0x1000 0x1000
: >"$work/empty.bin"
expect 2 'empty.bin: byte 0: .*empty' walk --pages "$work/empty.bin" --cr3 0x1000 0x1000
head -c 5000 "$pages" >"$work/cut.bin"
expect 2 'cut.bin: byte 4104: .*cut short' walk --pages "$work/cut.bin" --cr3 0x5601000 0x1000
head -c 7 "$pages" >"$work/cut.bin"
expect 2 'cut.bin: byte 0: .*cut short' walk --pages "$work/cut.bin" --cr3 0x5601000 0x1000
record() { python3 -c '
import sys
address, qwords = int(sys.argv[1], 0), [int(word, 0) for word in sys.argv[2:]]
out = sys.stdout.buffer
out.write(address.to_bytes(8, "little"))
for i in range(512): out.write((qwords[i] if i < len(qwords) else 0).to_bytes(8, "little"))' "$@"; }
{ record 0x1000; record 0x2008; } >"$work/odd.bin"
expect 2 'odd.bin: byte 4104: .*multiple of 0x1000 \(0x2008\)' walk --pages "$work/odd.bin" --cr3 0x1000 0x1000
{ record 0x1000; record 0x10000000000000; } >"$work/high.bin"
expect 2 'high.bin: byte 4104: .*bit 51 \(0x10000000000000\)' walk --pages "$work/high.bin" --cr3 0x1000 0x1000
{ record 0x1000; record 0x1000 1; } >"$work/twice.bin"
expect 2 'twice.bin: byte 4104: .*other contents \(0x1000\)' walk --pages "$work/twice.bin" --cr3 0x1000 0x1000
record 0x1000 >"$work/a.bin"
record 0x1000 1 >"$work/b.bin"
expect 2 'b.bin: byte 0: .*other contents' walk --pages "$work/a.bin" "$work/b.bin" --cr3 0x1000 0x1000
expect 2 '\.csv: byte ' walk --pages "$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k/gpa_to_spa.csv" --cr3 0x1000 0x1000

# Tables that make no sense: a table that points to itself, pages that are not there.
python3 -c 'print(*["0x1007"] * 512)' | xargs bash -c "$(declare -f record); record 0x1000 \"\$@\"" _ >"$work/loop.bin"
expect 0 '^0x1234,ok,0x1234,4k,1,1,0,0,0,0,0$' walk --pages "$work/loop.bin" --cr3 0x1000 --levels 4 0x1234
expect 0 '^0x1234,ok,0x1234,4k,' walk --pages "$work/loop.bin" --cr3 0x1000 --levels 5 0x1234
expect 0 '^0x1234,ok,0x1234,4k,' walk --pages "$work/loop.bin" --cr3 0x1000 --levels 5 --ncr3 0x1000 --nlevels 5 0x1234
expect 2 'address 0x8000001000: .* 0x8008.*loop.bin has no page 0x8000' walk --pages "$work/loop.bin" --cr3 0x8000 --levels 4 0x8000001000
run walk --pages "$work/loop.bin" --cr3 0x1000 0x1000 --levels 4 0x2000
same "rows" 3 "$(wc -l <"$work/out")"

# Address files.
addresses() { printf "$1" >"$work/addresses.csv"; }
addresses 'gva,pa\n0x1000,7\n\n 4096 ,junk\r\n'
expect 0 '^0x1000,ok' walk "${host[@]}" --addresses "$work/addresses.csv"
same "rows" 3 "$(wc -l <"$work/out")"
addresses '\xef\xbb\xbf0x1000\n0x2000'
expect 0 '^0x2000,ok' walk "${host[@]}" --addresses "$work/addresses.csv"
same "rows" 3 "$(wc -l <"$work/out")"
addresses 'gva\n0x1000\n0x20z0\n'
expect 2 "addresses.csv: line 3: '0x20z0' is not a number" walk "${host[@]}" --addresses "$work/addresses.csv"
addresses '0x1000\n0xfffffffffffffffff\n'
expect 2 "addresses.csv: line 2: '0xfffffffffffffffff' does not fit" walk "${host[@]}" --addresses "$work/addresses.csv"
addresses '0x1000\n,5\n'
expect 2 "addresses.csv: line 2: '' is not a number" walk "${host[@]}" --addresses "$work/addresses.csv"
addresses '9z\n'
expect 2 "addresses.csv: line 1: '9z' is not" walk "${host[@]}" --addresses "$work/addresses.csv"
addresses 'gva\n'
expect 2 'addresses.csv: holds no address' walk "${host[@]}" --addresses "$work/addresses.csv"
addresses ''
expect 2 'addresses.csv: holds no address' walk "${host[@]}" --addresses "$work/addresses.csv"
expect 2 'no-such.csv: No such file' walk "${host[@]}" --addresses "$work/no-such.csv"
expect 2 'is a directory' walk "${host[@]}" --addresses "$work"
expect 2 "pages.bin: line [0-9]+: " walk "${host[@]}" --addresses "$pages"

# Output that cannot be written.
expect 2 'no-such-folder/walk.svg' walk "${host[@]}" --svg "$work/no-such-folder/walk.svg" 0x1000
if [[ -c /dev/full ]]; then
  ((++checks))
  "$SEVSPEC" walk "${host[@]}" 0x1000 >/dev/full 2>/dev/null
  (($? == 2)) || fail "a full disk goes unnoticed"
fi

finish
