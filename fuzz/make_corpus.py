#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seed corpora: fuzz/corpus/TARGET/NAME, always the same bytes.

usage: make_corpus.py           write them
       make_corpus.py --check   exit status 1 if a file is missing, different or not from here
"""
import sys
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"

# Bit numbers of `mode` and values of `edit::kind` in tests/property/paging/scenario.hpp.
MODES = ("guest_nxe guest_wp guest_smep guest_smap guest_pke guest_la57 guest_off "
         "host_nxe host_wp host_smep host_smap host_pke host_la57 encryption sev sev_es "
         "guest_root_c guest_table_c guest_leaf_c nested_root_c nested_table_c nested_leaf_c "
         "user_page implicit_supervisor through_ss alignment_check "
         "deferred_ad late_guest_ad alias_high_gpa id_always insist_1g").split()
EDITS = ("clear_bit set_nx set_large set_bit_8 set_c set_key set_low_base set_high_base flip_any set_ignored "
         "point_to_table point_nowhere point_high overwrite").split()
USUAL = "guest_nxe guest_wp host_nxe host_wp user_page"
SEV = USUAL + " encryption sev guest_leaf_c"
P, RW, US, A, D = 0, 1, 3, 5, 6  # arguments of clear_bit


def nested_walk(walk="guest", modes=USUAL, part=2, guest_leaf=1, final_leaf=1, ad=0, enc=0, table_leaf=(1,) * 5,
                table_place=0, data_place=1, index=(1, 2, 3, 4, 0), offset=0x678, hole=0, kind="r", cpl=3, pkru=0,
                length=1, flip=255, edits=(), registers=()):
    """One input of nested_walk.fuzz.cpp; the layout is described there."""
    bits = sum(1 << MODES.index(m) for m in modes.split())
    leaves = sum((level - 1) << (2 * i) for i, level in enumerate(table_leaf))
    out = bytearray([{"guest": 0, "host": 2, "gpa": 3}[walk]])
    out += bits.to_bytes(4, "little")
    out += bytes([part, (guest_leaf - 1) | (final_leaf - 1) << 2 | ad << 4 | enc << 6])
    out += leaves.to_bytes(2, "little")
    out += bytes([table_place | data_place << 4, *index])
    out += offset.to_bytes(2, "little")
    out += bytes([hole, "rwx".index(kind) | cpl << 2])
    out += pkru.to_bytes(4, "little") + (length - 1).to_bytes(2, "little")
    out += bytes([len(edits) | ((12 + len(registers)) << 4 if registers else 0), flip])
    for entry, what, argument in edits:
        out += bytes([entry, EDITS.index(what), argument])
    for which, bit in registers:
        out += bytes([which, bit])
    return bytes(out)


# Entries on the path of a four-over-four walk: nested 0-3, guest level 4, nested 5-8, guest level 3, ... guest level 1 is
# 19, the final nested walk 20-23.
SEEDS = {"nested_walk": {
    "empty": b"",
    "plain": nested_walk(),
    "write": nested_walk(kind="w", ad=1),
    "fetch": nested_walk(kind="x"),
    "supervisor": nested_walk(cpl=0, modes="guest_nxe guest_wp guest_smep guest_smap host_nxe"),
    "smep": nested_walk(cpl=0, kind="x", modes=USUAL + " guest_smep"),
    "smap": nested_walk(cpl=0, modes=USUAL + " guest_smap"),
    "smap-ac": nested_walk(cpl=0, modes=USUAL + " guest_smap alignment_check"),
    "implicit": nested_walk(modes=USUAL + " guest_smap implicit_supervisor alignment_check"),
    "key-ad": nested_walk(modes=USUAL + " guest_pke", pkru=1 << 10, edits=[(19, "set_key", 5)]),
    "key-wd": nested_walk(modes=USUAL + " guest_pke", pkru=2 << 10, kind="w", edits=[(19, "set_key", 5)]),
    "wp-off": nested_walk(cpl=0, kind="w", modes="guest_nxe host_nxe", edits=[(19, "clear_bit", RW)]),
    "5-over-5": nested_walk(part=4, modes=USUAL + " guest_la57 host_la57"),
    "5-over-4": nested_walk(part=4, modes=USUAL + " guest_la57", index=(7, 6, 5, 4, 7)),
    "4-over-5": nested_walk(part=4, modes=USUAL + " host_la57", table_place=3),
    "2m-2m": nested_walk(guest_leaf=2, final_leaf=2, table_leaf=(2,) * 5, table_place=1),
    "1g-1g": nested_walk(guest_leaf=3, final_leaf=3, table_leaf=(3,) * 5, table_place=2),
    "1g-4k": nested_walk(guest_leaf=3, kind="w", ad=1),
    "mixed": nested_walk(guest_leaf=2, final_leaf=3, table_leaf=(1, 2, 3, 2, 1), table_place=3, ad=2),
    "no-1g": nested_walk(part=5, edits=[(9, "set_large", 0)]),
    "insists-on-1g": nested_walk(part=5, guest_leaf=3, modes=USUAL + " insist_1g"),
    "guest-off": nested_walk(modes="guest_off host_nxe", ad=1),
    "guest-off-sev": nested_walk(modes="guest_off host_nxe encryption sev nested_leaf_c"),
    "not-canonical": nested_walk(hole=241),
    "not-canonical-ss": nested_walk(hole=245, modes=USUAL + " through_ss"),
    "straddle": nested_walk(index=(7, 7, 7, 3, 0), offset=0xffd, length=8),
    "last-byte": nested_walk(index=(7, 7, 7, 3, 0), offset=0xff8, length=8),
    "guest-not-present": nested_walk(edits=[(14, "clear_bit", P)]),
    "guest-read-only": nested_walk(kind="w", edits=[(4, "clear_bit", RW)]),
    "guest-supervisor": nested_walk(edits=[(9, "clear_bit", US)]),
    "guest-nx": nested_walk(kind="x", edits=[(19, "set_nx", 0)]),
    "guest-nx-off": nested_walk(modes="guest_wp user_page", edits=[(19, "set_nx", 0)]),
    "guest-reserved": nested_walk(edits=[(19, "set_high_base", 13)]),
    "guest-bit-8": nested_walk(edits=[(4, "set_bit_8", 0)]),
    "nested-not-present": nested_walk(edits=[(23, "clear_bit", P)], kind="x"),
    "nested-read-only": nested_walk(edits=[(23, "clear_bit", RW)], kind="w"),
    "nested-supervisor": nested_walk(edits=[(22, "clear_bit", US)]),
    "nested-nx": nested_walk(edits=[(23, "set_nx", 0)], kind="x"),
    "nested-bit-8": nested_walk(edits=[(0, "set_bit_8", 0)]),
    "nested-reserved-es": nested_walk(modes=SEV + " sev_es", edits=[(23, "set_high_base", 9)]),
    "table-read-only": nested_walk(edits=[(8, "clear_bit", RW)]),
    "table-not-present": nested_walk(edits=[(13, "clear_bit", P)], modes=SEV),
    "deferred": nested_walk(ad=1, kind="w", modes=USUAL + " deferred_ad", edits=[(23, "clear_bit", P)]),
    "late-guest-ad": nested_walk(ad=1, kind="w", modes=USUAL + " late_guest_ad", edits=[(23, "clear_bit", P)]),
    "loop": nested_walk(ad=1, index=(2, 2, 2, 2, 0), modes=USUAL + " deferred_ad", edits=[(4, "point_to_table", 1)]),
    "nested-loop": nested_walk(ad=1, index=(0,) * 5, edits=[(0, "point_to_table", 0)]),
    "nowhere": nested_walk(edits=[(19, "point_nowhere", 1)]),
    "nowhere-nested": nested_walk(edits=[(5, "point_nowhere", 2)]),
    "high-gpa": nested_walk(part=3, table_place=4),
    "high-gpa-alias": nested_walk(part=3, table_place=5, data_place=3, modes=USUAL + " alias_high_gpa"),
    "sev": nested_walk(modes=SEV + " guest_root_c guest_table_c"),
    "sev-shared": nested_walk(modes=USUAL + " encryption sev nested_leaf_c nested_root_c", kind="w"),
    "sev-fetch": nested_walk(modes=USUAL + " encryption sev", kind="x"),
    "sev-naples": nested_walk(part=0, modes=SEV, edits=[(23, "clear_bit", P)]),
    "sme-guest": nested_walk(modes=USUAL + " encryption nested_table_c nested_leaf_c"),
    "c-not-active": nested_walk(part=0, edits=[(19, "set_c", 0)]),
    "host": nested_walk("host", kind="w", ad=1),
    "host-sme": nested_walk("host", modes=USUAL + " encryption guest_root_c guest_table_c guest_leaf_c"),
    "host-reduced": nested_walk("host", modes=USUAL + " encryption", edits=[(3, "set_high_base", 7)]),
    "host-2m": nested_walk("host", guest_leaf=2, edits=[(2, "set_low_base", 3)]),
    "host-1g": nested_walk("host", guest_leaf=3, part=4, modes=USUAL + " guest_la57"),
    "host-off": nested_walk("host", modes="guest_off"),
    "host-loop": nested_walk("host", ad=1, index=(1,) * 5, edits=[(0, "point_to_table", 0)]),
    "gpa": nested_walk("gpa", kind="w", ad=1),
    "gpa-high": nested_walk("gpa", flip=50),
    "gpa-es": nested_walk("gpa", modes=SEV + " sev_es", edits=[(23, "set_low_base", 3), (22, "set_large", 0)]),
    "bad-pks": nested_walk(registers=[(2, 24)]),
    "bad-nested-cr3": nested_walk(registers=[(8, 45)], modes=SEV),
    "bad-np": nested_walk(registers=[(9, 3), (10, 24)]),
    "bad-part": nested_walk(registers=[(13, 53)]),
}}


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    wrong = []
    for target, seeds in SEEDS.items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in seeds.items():
            path = folder / name
            if not check:
                path.write_bytes(content)
            elif not path.is_file() or path.read_bytes() != content:
                wrong.append(f"{target}/{name} is not what this script writes")
        wrong += [f"{target}/{path.name} is not from this script" for path in folder.iterdir() if path.name not in seeds]
    print("\n".join(wrong) or f"{sum(map(len, SEEDS.values()))} seeds")
    sys.exit(bool(wrong))


main()
