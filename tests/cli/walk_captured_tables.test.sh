#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Page tables that Linux KVM built, against what Linux and QEMU say they mean.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
data=$SEVSPEC_TEST_DATA_DIR/kvm-npt-4k

register() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])' "$data/meta.json" "$@"; }
ncr3=$(register npt ncr3) nlevels=$(register npt levels)
l2=(--cr0 "$(register l2 cr0)" --cr3 "$(register l2 cr3)" --cr4 "$(register l2 cr4)" --efer "$(register l2 efer)"
  --levels "$(register l2 levels)" --ncr3 "$ncr3" --nlevels "$nlevels")
l1=(--cr0 "$(register l1 cr0)" --cr3 "$(register l1 cr3)" --cr4 "$(register l1 cr4)" --efer "$(register l1 efer)"
  --levels "$(register l1 levels)")
header=address,result,spa,leaf,writable,user,nx,global,accessed,dirty,private

# All guest-physical pages, against Linux's pagemap.
run walk --pages "$data/pages.bin" --ncr3 "$ncr3" --nlevels "$nlevels" --addresses "$data/gpa_to_spa.csv"
same "status of the gPA walk" 0 $status
same "header" $header "$(head -n 1 "$work/out")"
same "gPA rows" 4096 "$(tail -n +2 "$work/out" | wc -l)"
same "gPA rows that agree" 4096 "$(tail -n +2 "$work/out" | cut -d, -f1,3 | grep -Fxc -f <(tail -n +2 "$data/gpa_to_spa.csv"))"

# Every page that the L1 kernel maps, against QEMU's walker. The kernel runs with SMAP, so user pages are read at CPL 3.
for cpl in 0 3; do
  run walk --pages "$data/l1_pages.bin" "${l1[@]}" --cpl $cpl --addresses "$data/l1_tlb.csv"
  same "status of the walk at CPL $cpl" 0 $status
  cp "$work/out" "$work/cpl$cpl.csv"
done
same "rows of l1_tlb.csv that agree" "12748 of 12748" "$(python3 - "$data/l1_tlb.csv" "$work"/cpl{0,3}.csv <<'PYTHON'
import csv, sys
tlb, kernel, user = (list(csv.DictReader(open(path))) for path in sys.argv[1:])
agree = 0
for want, at_cpl0, at_cpl3 in zip(tlb, kernel, user, strict=True):
    flags = want["flags"]
    got = at_cpl3 if "U" in flags else at_cpl0
    agree += [got[k] for k in "address result spa leaf writable user nx global accessed dirty private".split()] == [
        hex(int(want["gva"], 16)), "ok", hex(int(want["pa"], 16)), "2m" if "P" in flags else "4k",
        *("1" if flag in flags else "0" for flag in "WUXGAD"), "0"]
print(f"{agree} of {len(tlb)}")
PYTHON
)"

# L2's own tables over the nested ones: identity below 2 MiB, 2 MiB pages, one 1 GiB page, scattered pages.
expect 0 '^0x1034,ok,0x2bef034,4k,1,0,0,0,1,0,0$' walk --pages "$data/pages.bin" "${l2[@]}" 0x1034
expect 0 '^0x400000,ok,0x3a30000,4k,1,1,0,0,1,0,0$' walk --pages "$data/pages.bin" "${l2[@]}" 0x400000
expect 0 '^0xffff800040600000,ok,0x3a30000,4k,0,0,0,0,1,0,0$' walk --pages "$data/pages.bin" "${l2[@]}" 0xffff800040600000
expect 0 '^0x0,ok,' walk --pages "$data/pages.bin" "${l2[@]}" 0  # decimal
expect 0 '^0x1034,ok,' walk --pages "$data/pages.bin" "${l2[@]}" 4148

# Faults are answers: status 0, the code in a last column.
expect 0 '^0x800000000000,#GP,{10}0x0$' walk --pages "$data/pages.bin" "${l2[@]}" 0x800000000000
expect 0 '^0xffff7fffffffffff,#GP,{10}0x0$' walk --pages "$data/pages.bin" "${l2[@]}" 0xffff7fffffffffff
expect 0 '^0x7fffffffffff,#PF,{10}0x4$' walk --pages "$data/pages.bin" "${l2[@]}" --cpl 3 0x7fffffffffff
expect 0 '^0xffff800040600000,#PF,{10}0x3$' walk --pages "$data/pages.bin" "${l2[@]}" --access w 0xffff800040600000
expect 0 '^0x1000000,#NPF,{10}0x100000004$' walk --pages "$data/pages.bin" --ncr3 "$ncr3" 0x1000000
expect 0 '^0x1000000,#NPF,{10}0x100000006$' walk --pages "$data/pages.bin" --ncr3 "$ncr3" --access w 0x1000000
expect 0 '^0x1000000000000,#NPF,{10}0x100000004$' walk --pages "$data/pages.bin" --ncr3 "$ncr3" 0x1000000000000

# Where the page files stand on the command line does not matter, nor how many there are.
head -c 41040 "$data/pages.bin" >"$work/first.bin"
tail -c +41041 "$data/pages.bin" >"$work/second.bin"
row='^0x400000,ok,0x3a30000,4k,'
expect 0 "$row" walk --pages "$data/pages.bin" "${l2[@]}" 0x400000
expect 0 "$row" walk --pages "$data/pages.bin" 0x400000 "${l2[@]}"
expect 0 "$row" walk 0x400000 "${l2[@]}" --pages "$data/pages.bin"
expect 0 "$row" walk "${l2[@]}" --pages="$data/pages.bin" 0x400000
expect 0 "$row" walk "${l2[@]}" --pages "$work/first.bin" "$work/second.bin" 0x400000
expect 0 "$row" walk "${l2[@]}" --pages "$work/second.bin" --pages "$work/first.bin" 0x400000
expect 0 "$row" walk --pages "$work/first.bin" "$work/second.bin" "${l2[@]}" 0x400000
expect 0 "$row" walk --pages "$data/pages.bin" "$data/pages.bin" "${l2[@]}" 0x400000  # the same page twice

# One page of the walk is missing: no answer for this address, but for the others.
run walk --pages "$data/l1_pages.bin" --cr3 0x58e6000 0xffff888000200000 --levels 4
same "walk in an incomplete capture: complete part" 0 $status
expect 2 'address 0x400000: .*0x5601000.*first\.bin has no page 0x' walk "${l2[@]}" --pages "$work/first.bin" 0x400000

finish
