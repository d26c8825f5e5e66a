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
         "deferred_ad late_guest_ad alias_high_gpa id_always insist_1g "
         "junk_above_32 compatibility paged_real uaie through_ds_or_es wruss shadow_stack_page gmet sss_check rogpt "
         "vte supervisor_final no_fetch_final read_only_final read_only_tables snp snp_active vtom vmpl_sss "
         "gmet_user_always gmet_walk_not_user gmet_data_restricted sss_plain_forbidden walker_updates_only "
         "table_read_write gpt_actual_w strict_shared_read vtom_root_reserved in_use_denies in_use_write").split()
EDITS = ("clear_bit set_nx set_large set_bit_8 set_c set_key set_low_base set_high_base flip_any set_ignored "
         "point_to_table point_nowhere point_high overwrite").split()
OWNERS = "take give_to_other not_validated immutable in_use resize move permissions uncover neighbour".split()
FORMS = "long pae short short4m".split()
USUAL = "guest_nxe guest_wp host_nxe host_wp user_page"
SEV = USUAL + " encryption sev guest_leaf_c"
SNP = SEV + " sev_es snp snp_active"
FINAL, ROOT = 255, 128  # pages of `owner_edit`
P, RW, US, A, D = 0, 1, 3, 5, 6  # arguments of clear_bit


def nested_walk(walk="guest", modes=USUAL, part=2, guest_leaf=1, final_leaf=1, ad=0, enc=0, table_leaf=(1,) * 5,
                table_place=0, data_place=1, index=(1, 2, 3, 4, 0), offset=0x678, hole=0, kind="r", cpl=3, pkru=0,
                length=1, flip=255, edits=(), registers=(), guest="long", host="long", pse36=0, vmpl=0, tom=0,
                forbidden=0, owners=()):
    """One input of nested_walk.fuzz.cpp; the layout is described there."""
    bits = sum(1 << MODES.index(m) for m in modes.split())
    leaves = sum((level - 1) << (2 * i) for i, level in enumerate(table_leaf))
    out = bytearray([{"guest": 0, "host": 2, "gpa": 3}[walk]])
    out += (bits % 2**32).to_bytes(4, "little")
    out += bytes([part, (guest_leaf - 1) | (final_leaf - 1) << 2 | ad << 4 | enc << 6])
    out += leaves.to_bytes(2, "little")
    out += bytes([table_place | data_place << 4, *index])
    out += offset.to_bytes(2, "little")
    out += bytes([hole, {"s": 0, "S": 1}.get(kind, "rwx".find(kind)) | cpl << 2])
    out += pkru.to_bytes(4, "little") + (length - 1).to_bytes(2, "little")
    out += bytes([len(edits) | ((12 + len(registers)) << 4 if registers else 0), flip])
    for entry, what, argument in edits:
        out += bytes([entry, EDITS.index(what), argument])
    for which, bit in registers:
        out += bytes([which, bit])
    more = (bits >> 32).to_bytes(4, "little")
    more += bytes([FORMS.index(guest) | FORMS.index(host) << 2 | pse36 << 4,
                   {"s": 1, "S": 2}.get(kind, 0) | vmpl << 2 | tom << 4, forbidden, len(owners)])
    for page, what, argument in owners:
        more += bytes([page, OWNERS.index(what), argument])
    return bytes(out + more) if any(more) else bytes(out)


def le(value, count):
    return value.to_bytes(count, "little")


def at(size, fields):
    """Bytes of a structure: {offset: bytes}."""
    out = bytearray(size)
    for offset, content in fields.items():
        out[offset:offset + len(content)] = content
    return bytes(out)


def pattern(size):
    return bytes((37 * i + i // 256) % 256 for i in range(size))


def layout_structure(which, content=b"", newest=8, bit=0):
    """layout_structure.fuzz.cpp"""
    return le(which, 2) + bytes([newest]) + le(bit, 2) + content


def layout_report(version=2, fields=(), whole=True, bit=0, size=1184):
    """layout_report.fuzz.cpp"""
    return bytes([whole]) + le(bit, 2) + at(size, {0: le(version, 4), **dict(fields)})


MILAN_TCB, TURIN_TCB = le(0x7308000000000003, 8), le(0x5000000004030201, 8)
TCBS = (0x38, 0x180, 0x1E0, 0x1F0)


def layout_ghcb(passed=(), bitmap=bytes(16), buffer=b"", page=b"", bit=0):
    """layout_ghcb.fuzz.cpp; fields by their place in `fields` there."""
    out = bytes([len(passed)]) + le(bit, 2) + b"".join(bytes([field]) + le(value, 8) for field, value in passed)
    return out + bitmap + (buffer.ljust(0x7F0, b"\0") + page if page else buffer)


def page_state_change(*entries, first=0):
    return le(first, 2) + le(len(entries) - 1, 2) + bytes(4) + b"".join(le(entry, 8) for entry in entries)


def layout_vmsa(page=b"", newest=8, bit=0, nonce=0, eip=0xFFFFFFF0, features=1, signature=0xA00F11, vector=0,
                bitmap=bytes(64)):
    """layout_vmsa.fuzz.cpp"""
    return (bytes([newest]) + le(bit, 2) + le(nonce, 8) + le(eip, 4) + le(features, 8) + le(signature, 4) +
            bytes([vector]) + bitmap + page)


def layout_cpuid(*records, count=None, components=0x7, eax=0xD, ecx=0, page=b""):
    """layout_cpuid.fuzz.cpp; a record is function, sub-function, XCR0, XSS, EAX >> 8, EBX, ECX."""
    out = bytes([0 if page else len(records) if count is None else count]) + le(components, 8) + le(eax, 4) + le(ecx, 4)
    for function, sub, xcr0, xss, eax_out, ebx, ecx_out in records:
        out += bytes([function, sub, xcr0, xss]) + le(eax_out, 3) + le(ebx, 4) + le(ecx_out, 4)
    return out + page


XSAVE = [(0, 0, 1, 0, 0, 0x240, 0x988), (0, 1, 1, 0, 0, 0x240, 0x1800), (0, 2, 0, 0, 1, 0x240, 0),
         (0, 5, 0, 0, 0, 0x340, 0), (0, 6, 0, 0, 2, 0x380, 0), (0, 7, 0, 0, 4, 0x580, 0), (0, 9, 0, 0, 0, 0x980, 0),
         (0, 11, 0, 0, 0, 0, 1), (0, 12, 0, 0, 0, 0, 3)]


def layout_certificates(*entries, behind=b"", table=b""):
    """layout_certificates.fuzz.cpp; an entry is GUID, offset, length."""
    out = bytes([0 if table else len(entries)])
    for guid, offset, length in entries:
        out += bytes([guid]) + le(offset % 65536, 2) + le(length % 65536, 2)
    return out + table + behind


LINES = {
    "rmp": "[  101.2] SEV-SNP: PFN 0x10a400, RMP entry: [0x0000000000000001 - 0x00000000000000ff]",
    "unassigned": "SEV-SNP: PFN 0x10a400 unassigned, dumping non-zero entries in 2M PFN region: [0x10a400 - 0x10a600]",
    "neighbour": "SEV-SNP: PFN: 0x10a401, [0x0000000000000001 - 0x0000000000000000]",
    "rmpupdate": "SEV-SNP: RMPUPDATE failed for PFN 10a400, pg_level: 1, ret: 4",
    "psmash": "SEV: Unable to split RMP entry for GPA 0x7fe5000 PFN 0x10a400 ret 2",
    "page-fault": "#PF: error_code(0x80000003) - RMP violation",
    "nested": "kvm_page_fault: vcpu 0 rip 0x0 address 0x00000000fee00000 error_code 0x100000006",
    "rmp-fault": "kvm_rmp_fault: vcpu 0 gpa 7fe5000 pfn 0x10a400 error_code 0x500000004 rmp_level 1 psmash_ret 0",
    "exit": "kvm_exit: vcpu 0 reason npf rip 0x0 info1 0x0000000500000006 info2 0x00000000fee00000 intr_info 0x0",
    "termination": "kvm_amd: SEV-ES guest requested termination: 0x1:0x3",
    "unsupported": "vmgexit: unsupported event - exit_info_1=0x404, exit_info_2=0x0",
    "unexpected": "svm: unexpected exit reason 0x404",
    "no-event": "vmgexit: exit code 0x80000099 is not valid",
    "wrong-input": "vmgexit: exit code 0x80000010 input is not valid",
    "in-guest": "Unsupported exit-code 0x404 in #VC exception (IP: 0xffffffff81000000)",
    "communication": "Failure in communication with VMM (exit-code 0x72 IP: 0x1000)",
    "usage": "vmgexit: ghcb usage 0x1 is not valid",
    "unregistered": "vmgexit: GHCB GPA [0x7fe5000] is not registered.",
    "dumped": "kvm_amd: exit_info1:        0000000500000006",
    "dumped-ghcb": "sw_exit_code        0000000080000010",
}


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
    "pae": nested_walk(guest="pae", index=(1, 2, 1, 0, 0), kind="w", ad=1),
    "pae-2m": nested_walk(guest="pae", guest_leaf=2, index=(1, 2, 1, 0, 0), modes=SEV),
    "pae-reserved": nested_walk(guest="pae", index=(1, 2, 1, 0, 0), edits=[(4, "clear_bit", RW), (4, "flip_any", 6)]),
    "pae-over-pae": nested_walk(guest="pae", host="pae", index=(1, 2, 1, 0, 0), kind="x"),
    "short": nested_walk(guest="short", index=(1, 2, 0, 0, 0), kind="w", ad=1, modes=USUAL + " junk_above_32"),
    "short-4m": nested_walk(guest="short4m", guest_leaf=2, index=(1, 2, 0, 0, 0), data_place=3),
    "short-4m-36": nested_walk(guest="short4m", guest_leaf=2, pse36=1, edits=[(4, "flip_any", 19)]),
    "short-sev": nested_walk(guest="short", index=(1, 2, 0, 0, 0), modes=SEV),
    "4-over-short": nested_walk(host="short4m", final_leaf=2, kind="w", ad=1),
    "real": nested_walk(guest="pae", cpl=0, modes=USUAL + " paged_real guest_smap"),
    "compatibility": nested_walk(index=(1, 2, 1, 0, 0), modes=USUAL + " compatibility junk_above_32"),
    "uaie": nested_walk(part=3, hole=250, modes=USUAL + " uaie through_ds_or_es"),
    "uaie-5-straddle": nested_walk(part=3, index=(7, 7, 7, 7, 3), offset=0xffc, length=8,
                                   modes=USUAL + " guest_la57 uaie through_ds_or_es"),
    "shadow-stack": nested_walk(kind="S", modes=USUAL + " shadow_stack_page"),
    "shadow-stack-not": nested_walk(kind="s"),
    "wruss": nested_walk(kind="S", cpl=0, modes=USUAL + " shadow_stack_page wruss"),
    "sss": nested_walk(kind="S", cpl=0, modes="guest_nxe guest_wp host_nxe shadow_stack_page sss_check "
                                               "supervisor_final no_fetch_final read_only_final"),
    "sss-not": nested_walk(kind="s", cpl=0, modes="guest_nxe guest_wp host_nxe shadow_stack_page sss_check"),
    "sss-plain": nested_walk(kind="w", modes=USUAL + " sss_check supervisor_final no_fetch_final read_only_final"),
    "gmet": nested_walk(kind="x", cpl=0, modes="guest_nxe guest_wp host_nxe gmet"),
    "gmet-data": nested_walk(kind="w", modes=USUAL + " gmet gmet_data_restricted supervisor_final"),
    "rogpt": nested_walk(part=3, modes=USUAL + " rogpt read_only_tables"),
    "rogpt-update": nested_walk(part=3, ad=1, modes=USUAL + " rogpt", kind="w", edits=[(18, "clear_bit", RW)]),
    "vte": nested_walk(modes=USUAL + " encryption sev vte"),
    "snp": nested_walk(modes=SNP, kind="w", ad=1),
    "snp-1g": nested_walk(modes=SNP, guest_leaf=3, final_leaf=3, table_leaf=(2,) * 5, table_place=2),
    "snp-shared": nested_walk(modes=USUAL + " encryption sev sev_es snp snp_active", kind="w",
                              owners=[(FINAL, "take", 0)]),
    "snp-not-validated": nested_walk(modes=SNP, owners=[(FINAL, "not_validated", 0)]),
    "snp-table-not-validated": nested_walk(modes=SNP, owners=[(ROOT, "not_validated", 0)]),
    "snp-wrong-size": nested_walk(modes=SNP, final_leaf=2, owners=[(FINAL, "resize", 0)]),
    "snp-moved": nested_walk(modes=SNP, owners=[(FINAL, "move", 3)]),
    "snp-vmpl": nested_walk(modes=SNP, kind="w", vmpl=1, owners=[(FINAL, "permissions", 1)]),
    "snp-vmpl-table": nested_walk(modes=SNP + " walker_updates_only", ad=1, vmpl=2, forbidden=2),
    "snp-nested-table": nested_walk(modes=SNP, owners=[(0, "take", 0)]),
    "snp-in-use": nested_walk(modes=USUAL + " snp in_use_denies", owners=[(FINAL, "in_use", 0)]),
    "snp-neighbour": nested_walk(modes=USUAL + " snp", kind="w", final_leaf=2, owners=[(FINAL, "neighbour", 7)]),
    "vmpl-sss": nested_walk(kind="S", cpl=0, modes="guest_nxe guest_wp host_nxe encryption sev sev_es guest_leaf_c snp "
                                                    "snp_active vmpl_sss shadow_stack_page"),
    "vmpl-sss-shared": nested_walk(kind="s", cpl=0, modes="guest_nxe guest_wp host_nxe encryption sev sev_es snp "
                                                           "snp_active vmpl_sss shadow_stack_page"),
    "vtom": nested_walk(modes=SNP + " vtom", kind="w"),
    "vtom-shared": nested_walk(modes=SNP + " vtom", tom=1),
    "vtom-c": nested_walk(modes=SNP + " vtom", edits=[(19, "set_c", 0)]),
    "host-pae": nested_walk("host", guest="pae", index=(1, 2, 1, 0, 0), kind="w", ad=1),
    "host-short": nested_walk("host", guest="short4m", guest_leaf=2, index=(1, 2, 0, 0, 0), kind="w", ad=1),
    "host-owned": nested_walk("host", modes=USUAL + " snp", kind="w", owners=[(FINAL, "take", 0)]),
    "host-owned-table": nested_walk("host", modes=USUAL + " snp walker_updates_only", ad=1, owners=[(1, "take", 0)]),
    "bad-vmpl": nested_walk(modes=SNP, registers=[(16, 5)]),
    "bad-real-mode": nested_walk(registers=[(0, 0)]),
    "c-bit-nowhere": nested_walk(registers=[(14, 177)]),
    "gpa-vtom": nested_walk("gpa", modes=SNP + " vtom", flip=51),
    "bad-pks": nested_walk(registers=[(2, 24)]),
    "bad-nested-cr3": nested_walk(registers=[(8, 45)], modes=SEV),
    "bad-np": nested_walk(registers=[(9, 3), (10, 24)]),
    "bad-part": nested_walk(registers=[(13, 53)]),
}, "layout_structure": {
    "empty": b"",
    **{f"pattern-{which:03}": layout_structure(which, pattern(64), bit=17) for which in range(0, 192, 12)},
    "ones": layout_structure(20, b"\xff" * 600, bit=100),
    "old": layout_structure(100, b"\xff" * 64, newest=0),
}, "layout_report": {
    "empty": b"",
    "short": layout_report(whole=False, size=600),
    "milan-v2": layout_report(2, {**{i: MILAN_TCB for i in TCBS}, 0x1A0: pattern(64), 8: le(0x30000, 8)}),
    "turin-v2": layout_report(2, {**{i: TURIN_TCB for i in TCBS}, 0x1A0: b"\x11" * 8}),
    "masked-v2": layout_report(2, {0x38: MILAN_TCB}),
    "milan-v3": layout_report(3, {**{i: MILAN_TCB for i in TCBS}, 0x188: b"\x19\x01\x01"}),
    "genoa-v4": layout_report(4, {0x188: b"\x19\x11\x01", 0x38: MILAN_TCB, 0x180: le(0x7408000000000002, 8)}),
    "turin-v5": layout_report(5, {**{i: TURIN_TCB for i in TCBS}, 0x188: b"\x1a\x02\x01", 0x1F8: pattern(16)}),
    "mitigations-v3": layout_report(3, {0x1F8: b"\x01"}),
    "reserved-v5": layout_report(5, {0x4C: b"\x01", 0x49F: b"\x80"}),
    "policy": layout_report(2, {8: le(1 << 40 | 0x30000, 8), 0x40: b"\x40", 0x48: b"\x20"}),
    "version-1": layout_report(1, whole=False),
    "version-6": layout_report(6, {0x188: b"\x1a"}, whole=False),
    "ones": b"\1\0\0" + b"\xff" * 1184,
}, "layout_ghcb": {
    "empty": b"",
    "cpuid": layout_ghcb([(5, 0x8000001F), (6, 0), (20, 0x72), (21, 0), (22, 0)]),
    "wrmsr": layout_ghcb([(5, 1), (6, 0xC0010130), (7, 2), (20, 0x7C), (21, 1), (22, 0)]),
    "all": layout_ghcb([(i, 0x1111111111111111 * i) for i in range(15)]),
    "wide-code": layout_ghcb([(20, 0x100000072)]),
    "defined": layout_ghcb(bitmap=bytes.fromhex("000000020091008800000000eeff3c20"), page=pattern(0x3F0)),
    "undefined": layout_ghcb(bitmap=b"\xff" * 16),
    "psc": layout_ghcb([(23, 0x800)], buffer=page_state_change(0x0110000040000000, 0x0020000040001000, 3 << 52)),
    "psc-above-1t": layout_ghcb(buffer=page_state_change(0x0010010000000000, 0x001FFFFFFFFFF000)),
    "psc-resumed": layout_ghcb(buffer=page_state_change(0x0110000040000200, 0x0110000040200080, first=1)),
    "psc-misaligned": layout_ghcb(buffer=page_state_change(0x0110000040001000, 0xFE20000040001FFF)),
    "psc-full": layout_ghcb(buffer=page_state_change(*(0x0010000000000000 + (i << 12) for i in range(253)))),
    "psc-too-long": layout_ghcb(buffer=b"\xfc\x00\xff\xff" + bytes(4) + b"\xff" * 2024),
    "ones": b"\x0f" + b"\xff" * 4096,
}, "layout_vmsa": {
    "empty": b"",
    "qemu": layout_vmsa(),
    "ec2": layout_vmsa(vector=1, eip=0x80B004, bit=15),
    "gce": layout_vmsa(vector=2, eip=0xFFFFFFF0, bit=1),
    "svsm": layout_vmsa(vector=3, eip=0xFFAEA000),
    "sipi": layout_vmsa(vector=0x9A),
    "reset": layout_vmsa(vector=5, features=1 << 62),
    "turin": layout_vmsa(signature=0xB00F21),
    "athlon": layout_vmsa(signature=0x00FF0662),
    "protected": layout_vmsa(pattern(4096), nonce=0xF0DEBC9A78563412, bitmap=b"\xaa\x55" * 32),
    "segments": layout_vmsa(pattern(160), bit=16 * 8 + 14),
    "features": layout_vmsa(at(0x3C0, {0x3B0: le((1 << 64) - 1, 8)}), newest=4),
    "ones": b"\xff" * 600,
}, "layout_cpuid": {
    "empty": b"",
    "xsave": layout_cpuid(*XSAVE, components=0x2E7),
    "xsave-cet": layout_cpuid(*XSAVE, components=0x1AE7),
    "xsave-missing": layout_cpuid(*XSAVE, components=0x2EF),
    "xsave-63": layout_cpuid(*XSAVE, (0, 63, 0, 0, 1, 0x1000, 2), components=1 << 63 | 7),
    "xsave-large": layout_cpuid((0, 2, 0, 0, 0xFFFFFF, 0xFFFFFFFF, 0), (0, 3, 0, 0, 0xFFFFFF, 0, 2), components=0xC),
    "functions": layout_cpuid(*((i, 0, 0, 0, i, i, i) for i in range(16)), eax=0x8000001F, ecx=5),
    "twice": layout_cpuid((8, 1, 0, 0, 1, 1, 1), (8, 1, 0, 0, 2, 2, 2), eax=7, ecx=1),
    "inputs": layout_cpuid((0, 0, 7, 0, 1, 1, 1), (0, 0, 1, 8, 2, 2, 2), (0, 0, 3, 0, 3, 3, 3)),
    "full": layout_cpuid(*((7, i, 0, 0, i, i, i) for i in range(64)), eax=1, ecx=63),
    "crowded": layout_cpuid(*XSAVE, count=65),
    "raw": layout_cpuid(page=at(200, {0: le(2, 4), 16: le(0xD, 4) + le(2, 4), 16 + 24: le(256, 4) + le(576, 4)})),
    "raw-count": layout_cpuid(page=b"\xff" * 64),
}, "layout_certificates": {
    "empty": b"",
    "none": layout_certificates(table=bytes(24)),
    "three": layout_certificates((1, 96, 10), (1, 106, 20), (1, 126, 30), behind=bytes(24) + pattern(60)),
    "overlapping": layout_certificates((1, 72, 10), (1, 77, 5), behind=bytes(24) + pattern(20)),
    "touching-end": layout_certificates((1, 48, 8), (0, 0, 0), behind=bytes(24) + pattern(8)),
    "unterminated": layout_certificates((1, 0, 0), (1, 0, 0)),
    "cut": layout_certificates((1, 48, 0), behind=bytes(23)),
    "out-of-range": layout_certificates((1, 48, 100), behind=bytes(30)),
    "negative": layout_certificates((1, -1, 1), (1, 72, -72), behind=bytes(30)),
    "in-entries": layout_certificates((1, 72, 4), (1, 71, 1), behind=bytes(30)),
}, "log_line": {"empty": b"", **{name: line.encode() for name, line in LINES.items()}}}



def machine(*operations):
    """Operations of machine.fuzz.cpp: what, who, view, place, length, argument."""
    return b"".join(bytes([what, who, how]) + le(place, 2) + bytes([length]) + le(argument, 2)
                    for what, who, how, place, length, argument in operations)


READ, WRITE, FETCH, READ_AGAIN, WRITE_AGAIN, DIRECT, BUS, KEY, EDIT, EDIT_AGAIN, FLUSH = range(11)
HOST, A, B, PLAIN = range(4)
C_0, HOST_KEY, C_1, BOTH_C = range(4)
AT = 1  # a place in the middle of the data; even ones lie at the border of two pages
SECRET = (WRITE, A, C_1, AT, 15, 0x30)
# Entries by number: 0 host root, 1 and 2 host leaves, 3 nested root, 4 and 5 nested leaves, then four of each guest.
SEEDS["machine"] = {
    "empty": b"",
    "secret": machine(SECRET, (READ, A, C_1, AT, 15, 0)),
    "everybody": machine(SECRET, *((READ, who, how, AT, 15, 0) for who in (HOST, A, B, PLAIN) for how in range(5))),
    "host-writes": machine(SECRET, *((WRITE, HOST, how, AT, 4, 7) for how in (C_0, HOST_KEY)),
                           (READ, A, C_1, AT, 40, 0)),
    "two-pages": machine(*((WRITE, A, how, 2 * i, 79, i) for i in range(0, 0x60, 9) for how in range(4))),
    "code": machine(SECRET, *((FETCH, A, how, AT, 15, 0) for how in range(4))),
    "kernel": machine((EDIT, 0, 0, 8, 0, 4), (WRITE, 4 + A, C_0, AT, 15, 1), (WRITE, A, C_0, AT, 15, 1)),
    "replay": machine(SECRET, (BUS, 0, 1, 0x801, 15, 0), (WRITE, A, C_1, AT, 15, 9), (BUS, 0, 1, AT, 15, 0x400)),
    "keys": machine(SECRET, (KEY, A, 0, 0, 0, 4), (READ, A, C_1, AT, 15, 0), (KEY, A, 0, 0, 0, 2), SECRET),
    "no-such-slot": machine(*((KEY, slot, 0, 0, 0, 1) for slot in range(10))),
    "transparent": machine(SECRET, (KEY, 0, 7, 0, 0, 3), (READ, HOST, C_0, AT, 15, 0), (WRITE, HOST, C_0, AT, 15, 3)),
    "direct": machine(*((DIRECT, slot, how, 5, 63, slot + how) for slot in range(11) for how in range(6))),
    "stale-host": machine((READ, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 1, 0, 1), (READ, HOST, C_0, AT, 15, 0),
                          (FLUSH, HOST, C_0, AT, 0, 0), (READ, HOST, C_0, AT, 15, 0)),
    "stale-nested": machine(*((READ, A, how, AT, 15, 0) for how in range(4)), (EDIT, 0, 0, 4, 0, 2),
                            *((READ, A, how, AT, 15, 0) for how in range(4)), (FLUSH, A, 0, AT, 3, 3),
                            *((WRITE, A, how, AT, 15, 0) for how in range(4))),
    "stale-c-bit": machine(SECRET, (EDIT, 0, 0, 9, 0, 0x20), (READ, A, C_1, AT, 15, 0), (FLUSH, A, C_1, AT, 0, 1),
                           (READ, A, C_1, AT, 15, 0)),
    "more-rights": machine((EDIT, 0, 0, 1, 0, 2), (WRITE, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 1, 0, 0),
                           (WRITE, HOST, C_0, AT, 15, 0)),
    "global": machine((EDIT, 0, 0, 1, 0, 8), (READ, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 1, 0, 1),
                      *((x, HOST, C_0, AT, i, i) for i in (2, 4, 5) for x in (FLUSH, READ))),
    "flush-global": machine(*(operation for how, length in ((0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 3), (3, 7), (4, 0),
                                                               (4, 1))
                              for operation in (
                                  (EDIT, 0, 0, 7, 0, 8), (FLUSH, A, 0, AT, 0, 5), (READ, A, C_0, AT, 15, 0),
                                  (EDIT, 0, 0, 7, 0, 1), (FLUSH, A, C_0, AT, length, how), (READ, A, C_0, AT, 15, 0)))),
    "fewer-rights": machine((WRITE, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 1, 0, 2), (WRITE, HOST, C_0, AT, 15, 1),
                            (FETCH, HOST, C_0, AT, 15, 0), (WRITE, HOST, C_0, AT, 15, 2)),
    "reserved": machine(*((x, HOST, C_0, AT, 0, 0x40) for x in (EDIT, FLUSH, READ)), (EDIT, 0, 0, 1, 0, 0x40),
                        (READ, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 3, 0, 8), (READ, A, C_1, AT, 15, 0)),
    "garbage-table": machine((EDIT, 7, 0, 6, 0, 0), (READ, A, C_1, AT, 15, 0), (EDIT, 7, 0, 0, 0, 0),
                             (READ, HOST, C_0, AT, 15, 0)),
    "host-key-table": machine((EDIT, 0, 0, 0, 0, 0x20), (EDIT, 7, 0, 1, 0, 0), (READ, HOST, C_0, AT, 15, 0)),
    "outside": machine((EDIT, 0, 0, 1, 0, 0x80), (READ, HOST, C_0, AT, 15, 0), (EDIT, 0, 0, 0, 0, 0x80),
                       (FLUSH, HOST, 0, AT, 0, 5), (READ, HOST, C_0, AT, 15, 0)),
}



def rmp(*steps):
    """Steps of rmp.fuzz.cpp: operation, page, gPA, ASID, sizes, VMPLs, agent and kind, mask, flags."""
    return b"".join(bytes([what, page, gpa, asid, sizes, vmpls, who, mask]) + le(flags, 2) + bytes([0, 0])
                    for what, page, gpa, asid, sizes, vmpls, who, mask, flags in steps)


(UPDATE, SMASH, RMPREAD, VALIDATE, ADJUST, QUERY, ACCESS, ENTRY, RECLAIM, UNSMASH, FIX) = range(11)
ASSIGNED, IMMUTABLE, VALIDATED = 1, 2, 4
SMALL, LARGE = 0, 3  # size and leaf
OWN = (UPDATE, 1, 1, 0, SMALL, 0, 0, 0, ASSIGNED)
OWN_LARGE = (UPDATE, 0, 0, 0, LARGE, 0, 0, 0, ASSIGNED)
TAKE = (VALIDATE, 1, 1, 0, SMALL, 0, 0, 0, VALIDATED)
TAKE_LARGE = (VALIDATE, 0, 0, 0, LARGE, 0, 0, 0, VALIDATED)
EVERYTHING = tuple((ACCESS, 1, 1, 0, SMALL, vmpl, who, 0, c) for vmpl in range(2) for who in range(18) for c in (0, 16))
SEEDS["rmp"] = {
    "empty": b"",
    "own": rmp(OWN, TAKE, TAKE, *EVERYTHING),
    "not-validated": rmp(OWN, *EVERYTHING),
    "large": rmp(OWN_LARGE, TAKE_LARGE, (UPDATE, 1, 1, 0, SMALL, 0, 0, 0, 0), *EVERYTHING),
    "smash": rmp(OWN_LARGE, TAKE_LARGE, (SMASH, 0, 0, 0, 0, 0, 0, 0, 0), *EVERYTHING, (RMPREAD, 1, 0, 0, 0, 0, 0, 0, 0)),
    "hole": rmp(OWN_LARGE, *((UPDATE, page, 0, 0, SMALL, 0, 0, 0, 0) for page in range(8))),
    "adjust": rmp(OWN, TAKE, *((ADJUST, 1, 1, 0, SMALL, 4 * target, 0, mask, 0)
                               for target in range(5) for mask in (1, 3, 0x0f, 0x1f, 2)),
                  (QUERY, 1, 1, 0, SMALL, 4, 0, 0, 0)),
    "swap": rmp(OWN, TAKE, (UPDATE, 1, 1, 0, SMALL, 0, 0, 0, ASSIGNED | IMMUTABLE), (RECLAIM, 1, 0, 0, 0, 0, 0, 0, 0)),
    "firmware": rmp((UPDATE, 0, 0x40, 3, SMALL, 0, 0, 0, ASSIGNED | IMMUTABLE), (FIX, 0, 0, 0, 0, 0, 0, 1, 0),
                    (UPDATE, 0, 0, 0, LARGE, 0, 0, 0, ASSIGNED)),
    "guest-host": rmp((UPDATE, 1, 1, 0, SMALL, 0, 0, 0, ASSIGNED | 0xf00), (UPDATE, 1, 1, 0, SMALL, 0, 0, 0, ASSIGNED | 0x60)),
}


def ghcb_exits(*exits, choices=0, config=0):
    """ghcb.fuzz.cpp, kind 0: exits of one guest."""
    return bytes([0, choices, config]) + b"".join(exits)


def ghcb_msr(value):
    return b"\0" + le(value, 8)


def ghcb_page(code, info_1=0, info_2=0, scratch=0, rax=0, rbx=0, rcx=0, valid=(), usage=0, buffer=b""):
    bitmap = sum(1 << bit for bit in (114, 115, 116, *valid))
    return (b"\1" + le(code, 4) + b"".join(le(v, 8) for v in (info_1, info_2, scratch, rax, rbx, rcx)) + le(bitmap, 16)
            + bytes([usage, len(buffer)]) + buffer)


def psc_list(*entries, first=0):
    return le(first, 2) + le(len(entries) - 1, 2) + bytes(4) + b"".join(le(e, 8) for e in entries)


RAX, RBX, RCX, SCRATCH = 63, 99, 97, 117
BUFFER = 0x7FE5800
SEEDS["ghcb"] = {
    "empty": b"",
    "msr-all": ghcb_exits(*(ghcb_msr(code) for code in (2, 4, 6, 0x10, 0x7FE5012, 0x0010000000001014, 0x16, 0x80, 0xAA, 0x21100))),
    "msr-es": ghcb_exits(ghcb_msr(2), ghcb_msr(0x7FE5012), config=1),
    "msr-vmpl": ghcb_exits(ghcb_msr(0x0000000200000016), ghcb_msr(0x0000000300000016)),
    "msr-answer": b"\1" + le(0x7FE5012, 8) + le(0x7FE5013, 8),
    "msr-answer-none": b"\1" + le(0x7FE5012, 8) + le(0xFFFFFFFFFFFFF013, 8),
    "cpuid": ghcb_exits(ghcb_page(0x72, rax=1, valid=(RAX, RCX)), ghcb_page(0x72, rax=0xD, valid=(RAX, RCX))),
    "msr-event": ghcb_exits(ghcb_page(0x7C, rcx=0xDEAD, valid=(RCX,)), ghcb_page(0x7C, info_1=1, valid=(RCX,))),
    "port": ghcb_exits(ghcb_page(0x7B, 0x03F80210, rax=0x41, valid=(RAX,)), ghcb_page(0x7B, 0x0CFC0041)),
    "port-string": ghcb_exits(ghcb_page(0x7B, 0x0402021C, 4, BUFFER, valid=(SCRATCH,), buffer=b"ABCD"),
                              ghcb_page(0x7B, 0x04020215, 3, 0x9000, valid=(SCRATCH,))),
    "mmio": ghcb_exits(ghcb_page(0x80000001, 0xFEE00030, 8, BUFFER + 0x7E8, valid=(SCRATCH,)),
                       ghcb_page(0x80000002, 0xFEE00030, 8, BUFFER + 0x7E9, valid=(SCRATCH,))),
    "scratch-hidden": ghcb_exits(ghcb_page(0x80000002, 0xFEE00030, 8, 0x1000, valid=(SCRATCH,))),
    "psc": ghcb_exits(ghcb_page(0x80000010, scratch=BUFFER, valid=(SCRATCH,),
                                buffer=psc_list(0x0010000000001000, 0x0120000000200000, 0x0110000000400064))),
    "psc-end": ghcb_exits(ghcb_page(0x80000010, scratch=BUFFER + 0x7E0, valid=(SCRATCH,))),
    "guest-request": ghcb_exits(ghcb_page(0x80000011, 0x10000, 0x20000), ghcb_page(0x80000012, 0x10000, 0x20000), config=0x10),
    "ap-create": ghcb_exits(ghcb_page(0x80000013, 0x100000001, 0x5001000, rax=1, valid=(RAX,)),
                            ghcb_page(0x80000013, 0x100000002), ghcb_page(0x80000013, 0x900000001, 0x5001000, rax=1, valid=(RAX,))),
    "doorbell": ghcb_exits(*(ghcb_page(0x80000014, op, 0x7000) for op in range(5)), ghcb_page(0x80000014, 1, 0x7010)),
    "apic-ids": ghcb_exits(ghcb_page(0x80000017, valid=(RAX,)), ghcb_page(0x80000017, 0x60000, rax=1, valid=(RAX,))),
    "levels": ghcb_exits(ghcb_page(0x80000018, 2), ghcb_page(0x80000018, 4), ghcb_page(0x8000001A, 0, rax=1, rbx=0x7000, valid=(RAX, RBX))),
    "end": ghcb_exits(ghcb_page(0x8000FFFD), ghcb_page(0x8000FFFE, 0x21)),
    "unregistered": ghcb_exits(ghcb_msr(0x9012), ghcb_page(0x6E), config=0x80),
    "list": b"\2\x20" + le(0x0110000000000000, 8) + le(0x0020000000003000, 8) + le(0x0110000000200000, 8),
    "list-invalid": b"\2\x01" + le(0x0110000000000000, 8) + le(0x0110000000001000, 8),
    "list-nowhere": b"\2\x40" + le(0x0110000000BFF000, 8) + le(0x0010000000C00000, 8),
    "vc-cpuid": b"\3" + le(0x72, 2) + b"\0\x0f\xa2",
    "vc-wesee": b"\3" + le(0x81, 2) + b"\0\x89\xc3",
    "vc-not-validated": b"\3" + le(0x404, 2) + b"\1\x8b\x00",
    "vc-prefixes": b"\3" + le(0x7B, 2) + b"\0" + b"\x66" * 14 + b"\xec",
    "conversion": bytes([4, 0, 2, 7, 4, 1, 6, 9]),
    "conversion-remap": bytes([4, 0, 2, 13, 2, 7]),
}


def request(op, **members):
    """A line of ghcb_requests.fuzz.cpp; numbers above 2^32 are strings."""
    import json
    return json.dumps({"op": op, **members}, separators=(",", ":")).encode() + b"\n"


def page_request(code, info_1=0, info_2=0, scratch=0, rax=0, rbx=0, rcx=0, valid=(), usage=0, buffer=b"", vcpu=0, vmpl=0,
                 where=0x10000, **members):
    """A page as that target's requests have it: words that are not 0."""
    bitmap = le(sum(1 << bit for bit in (114, 115, 116, *valid)), 16)
    page = {0x1F8: le(rax, 8), 0x308: le(rcx, 8), 0x318: le(rbx, 8), 0x390: le(code, 8), 0x398: le(info_1, 8),
            0x3A0: le(info_2, 8), 0x3A8: le(scratch, 8), 0x3F0: bitmap, 0x800: buffer, 0xFFA: le(2, 2) + le(usage, 4)}
    return request("ghcb_page", vcpu=vcpu, vmpl=vmpl, gpa=hex(where), **members,
                   page={hex(offset): content.hex() for offset, content in page.items() if any(content)})


def msr_request(value, vcpu=0, vmpl=0):
    return request("ghcb_msr", vcpu=vcpu, vmpl=vmpl, value=hex(value))


REGISTER, IN_PAGE = msr_request(0x10012), 0x10800
SEEDS["ghcb_requests"] = {
    "empty": b"",
    "msr": b"".join(map(msr_request, (2, 4, 0x10, 0x10012, 0x0010000000001014, 0x16, 0x80, 0xAA, 0x21100, 2))),
    "es": request("ghcb_reset", guest="es") + page_request(0x6E, vcpu=3) + msr_request(0x10012),
    "reset": request("ghcb_reset", guest="snp", lowest_version=2, highest_version=2, c_bit=47, features="0x33",
                     sev_features=1, processors=2, memory="0x1000000", holes=[{"gpa": "0x5000", "pages": 2}],
                     firmware_status=22, certificates="0x1800", throttled=0, choices={"psc_merge": True})
             + REGISTER + page_request(0x80000010, scratch=IN_PAGE, valid=(SCRATCH,),
                                       buffer=psc_list(0x0010000000004000, 0x0010000000005000)),
    "cpuid": REGISTER + page_request(0x72, rax=1, valid=(RAX, RCX)) + page_request(0x72, rax=0xD, valid=(RAX, RCX)),
    "unregistered": page_request(0x6E),
    "port": REGISTER + page_request(0x7B, 0x03F80210, rax=0x41, valid=(RAX,)) +
            page_request(0x7B, 0x0402021D, 4, 0x200FFD, valid=(SCRATCH,), memory={"0x200ffd": "41424344"}),
    "mmio": REGISTER + page_request(0x80000001, 0xFEE00030, 8, 0x300000, valid=(SCRATCH,)),
    "list": REGISTER + page_request(0x80000010, scratch=IN_PAGE, valid=(SCRATCH,),
                                    buffer=psc_list(0x0010000000300000, 0x0120000000200000, 0x0110000000400064)) +
            page_request(0x80000002, 0xFEE00030, 8, 0x300000, valid=(SCRATCH,)),
    "processor": REGISTER + page_request(0x80000013, 0x100000001, 0x5001000, rax=1, valid=(RAX,)) +
                 msr_request(0x14012, vcpu=1) + page_request(0x80000004, vcpu=1, where=0x14000) +
                 request("ghcb_signal", vcpu=1, signal="sipi") + request("ghcb_signal", vcpu=1, signal="init"),
    "levels": REGISTER + page_request(0x80000013, 0x20001, 0x5001000, rax=1, valid=(RAX,)) + msr_request(0x0000000200000016) +
              msr_request(0x14012, vmpl=2) + page_request(0x80000018, 0, vmpl=2, where=0x14000),
    "race": REGISTER + page_request(0x80000010, scratch=0x300000, valid=(SCRATCH,),
                                    memory={"0x300000": psc_list(0x0010000000004000).hex()}, race={"0x300002": "ff"}),
    "guest-message": REGISTER + page_request(0x80000012, 0x20000, 0x21000, rax=0x22000, rbx=2, valid=(RAX, RBX),
                                             memory={"0x20034": "05"}),
    "end": REGISTER + page_request(0x8000FFFE, 0x21) + page_request(0x6E) + request("ghcb_signal", vcpu=0, signal="init"),
    "senseless": page_request(0x6E, vcpu=9) + page_request(0x6E, vmpl=1) + page_request(0x6E, where=0x10010) +
                 msr_request(0x1000) + msr_request(2, vcpu=1),
    "names": request("ghcb_msr", vcpu=0, vmpl=0, value="2", id={"a": [1, None]}) + request("nothing", id=7) +
             request("ghcb_signal", vcpu=0, signal="nmi", id="\u00e9"),
    "overlaps": request("ghcb_page", vcpu=0, vmpl=0, gpa=0x10000, page={"0x10": "0011", "0x11": "22"}) +
                request("ghcb_page", vcpu=0, vmpl=0, gpa=0x10000, page="00" * 8, memory={"0x10fff": "0011"}),
    "wrong": request("ghcb_msr", vcpu=-1, vmpl=0, value="0x2") + request("ghcb_msr", vcpu=0, vmpl=4, value="0x2") +
             request("ghcb_reset", memory=4097) + request("ghcb_reset", holes=[{"gpa": 1, "pages": 1}]) +
             request("ghcb_reset", choices={"psc_merge": 7}) + request("ghcb_page", vcpu=0, vmpl=0, gpa="0x1000", page=3),
    "no-json": b'{"op":"ghcb_msr","vcpu":0,\n[]\n"ghcb_reset"\n' + b"[" * 80 + b"\n\xff\xfe\n{}\n\0\n",
}


def guest_image(*sections, size=0x1000, hashes=0x810C00, reset=0x80B004, count=None, version=1):
    """firmware_bytes.fuzz.cpp, kind 0: an image of a guest's firmware; a section is gPA, size, type."""
    metadata = b"ASEV" + le(16 + 12 * len(sections), 4) + le(version, 4) + le(len(sections) if count is None else count, 4)
    metadata += b"".join(le(value, 4) for section in sections for value in section)
    entry = lambda data, name: data + le(len(data) + 18, 2) + bytes.fromhex(name)
    table = entry(le(size, 4), "666588dc4a989847a75e5585a7bf67cc") + entry(le(reset, 4), "de71f7007e1acb4f890e68c77e2fb44e")
    table += entry(le(0x40, 4), "12a689a797054b4ca49fcbb1fe9d1ddd")
    table += entry(le(hashes, 4) + le(0x400, 4), "1f3755723b3a044b927b1da6efa8d454")
    table += le(len(table) + 18, 2) + bytes.fromhex("de82b596b21ff745baeaa366c55a082d")
    return b"\x00" + at(size, {0: metadata, size - 32 - len(table): table})


IMAGE = ((0x800000, 0x9000, 1), (0x80D000, 0x1000, 2), (0x80E000, 0x1000, 3), (0x80F000, 0x1000, 4), (0x810000, 0x1000, 16))
SECRETS = bytes.fromhex("42f5741edd71664d963eef4287ff173b")
SEEDS["firmware_bytes"] = {
    "empty": b"",
    "image": guest_image(*IMAGE),
    "image-overlapping": guest_image((0x800000, 0x2000, 1), (0x801000, 0x1000, 2)),
    "image-unaligned": guest_image((0x800010, 0x1000, 1)),
    "image-high": guest_image((0xFFFFF000, 0x2000, 1)),
    "image-many": guest_image(*IMAGE, count=0x15555556),
    "image-version": guest_image(*IMAGE, version=2),
    "image-hashes": guest_image(*IMAGE, hashes=0x810F51),
    "message": b"\x01" + at(0xC0, {0x20: le(7, 8), 0x30: b"\x01\x01\x60\x00\x05\x01\x60\x00", 0x3C: b"\x02"}),
    "message-short": b"\x01" + at(0x70, {0x30: b"\x01\x01\x60\x00\x05\x01\x60\x00"}),
    "message-odd": b"\x01" + at(0x70, {0x30: b"\x01\x01\x60\x00\x05\x01\x08\x00"}),
    "secrets": b"\x02" + SECRETS + le(66, 4) + bytes(16) + le(26, 4) + b"secret" + bytes(16) + le(20, 4),
    "secrets-long": b"\x02" + SECRETS + le(60, 4) + bytes(16) + le(100, 4) + bytes(20),
    "root": b"\x03" + at(832, {0: b"\x01", 0x38: le(2048, 4) + le(2048, 4), 0x40: le(65537, 4), 0x140: b"\xff" * 512}),
    "root-4096": b"\x03" + at(1600, {0: b"\x01", 0x24: b"\x13", 0x38: le(4096, 4) + le(4096, 4)}),
    "certificate": b"\x04" + at(2084, {0: b"\x01", 8: le(0x1002, 4) + le(2, 4), 0x10: b"\x02", 0x414: le(0x1001, 4) + le(2, 4),
                                      0x41C: b"\x01", 0x464: b"\x01", 0x61C: le(0x1000, 4)}),
    "report": b"\x05" + at(1184, {0: b"\x03", 0x34: b"\x01", 0x188: b"\x19", 0x2A0: b"\x01", 0x2E8: b"\x01"}),
    "session": b"\x06" + pattern(180),
}


def commands():
    """Name: (index, bytes of the buffer), from the library's table."""
    import re
    text = (Path(__file__).resolve().parents[1] / "include/sevspec/firmware/command_table.hpp").read_text()
    rows = re.findall(r'\{command_id::\w+,\s*"(\w+)",\s*(\d+),', text)
    return {name: (index, int(size)) for index, (name, size) in enumerate(rows)}


COMMANDS = commands()
WBINVD = bytes([0, 8])


def command(name, fields=()):
    """A command of firmware.fuzz.cpp with its buffer as it is."""
    index, size = COMMANDS[name]
    return bytes([3, index, 3]) + at(size, dict(fields))


def give(place, how, contents=b""):
    """RMPUPDATE of one of the target's places; then 16 bytes there."""
    return bytes([1, place, how]) + (bytes([2, place]) + contents.ljust(16, b"\0") if contents else b"")


def firmware(start, *steps):
    return bytes([start]) + b"".join(steps)


LEGACY = [command("INIT"), WBINVD, command("DF_FLUSH"), command("LAUNCH_START", [(4, le(0x37010000, 4))]),
          command("ACTIVATE", [(0, le(1, 4)), (4, le(6, 4))])]
UPDATE_DATA = command("LAUNCH_UPDATE_DATA", [(0, le(1, 4)), (8, le(0x100000, 8)), (16, le(64, 4))])
MEASURE = command("LAUNCH_MEASURE", [(0, le(1, 4)), (8, le(0xd100000, 8)), (16, le(48, 4))])
SNP = [command("SNP_INIT"), WBINVD, command("SNP_DF_FLUSH"), give(2, 5),
       command("SNP_GCTX_CREATE", [(0, le(0x1000000, 8))]),
       command("SNP_LAUNCH_START", [(0, le(0x1000000, 8)), (8, le(0xb0000, 8))]),
       command("SNP_ACTIVATE", [(0, le(0x1000000, 8)), (8, le(1, 4))]), give(5, 0x15), give(6, 0x15)]


def launch_update(page, kind):
    return command("SNP_LAUNCH_UPDATE", [(0, le(0x1000000, 8)), (8, le(kind << 1, 4)), (16, le(page, 8))])


SEEDS["firmware"] = {
    "legacy-launch": firmware(0, *LEGACY, UPDATE_DATA, MEASURE, command("LAUNCH_FINISH", [(0, le(1, 4))]),
                              command("DEACTIVATE", [(0, le(1, 4))]), command("DECOMMISSION", [(0, le(1, 4))])),
    "legacy-memory": firmware(0, *LEGACY, UPDATE_DATA,
                              command("COPY", [(0, le(1, 4)), (4, le(4096, 4)), (8, le(0x100000, 8)),
                                               (16, le(0x200000, 8))]),
                              command("DBG_DECRYPT", [(0, le(1, 4)), (8, le(0x100000, 8)), (16, le(0x300000, 8)),
                                                      (24, le(16, 4))]),
                              command("SWAP_OUT", [(0, le(1, 4)), (8, le(0x100000, 8)), (16, le(0x300000, 8)),
                                                   (24, le(0x500000, 8))])),
    "status": firmware(0, *(command(name) for name in ("PLATFORM_STATUS", "GET_ID", "NOP", "PLATFORM_RESET", "PEK_GEN"))),
    "snp-launch": firmware(1, *SNP, launch_update(0x2000000, 1), launch_update(0x2001000, 5),
                           command("SNP_LAUNCH_FINISH", [(0, le(0x1000000, 8))]),
                           command("SNP_DECOMMISSION", [(0, le(0x1000000, 8))])),
    "snp-pages": firmware(1, *SNP, give(8, 5), command("SNP_PAGE_MD_INIT", [(0, le(0x1000000, 8)), (8, le(0x500000, 8))]),
                          command("SNP_PAGE_MOVE", [(0, le(0x1000000, 8)), (16, le(0x2000000, 8)), (24, le(0x2001000, 8))]),
                          command("SNP_PAGE_SWAP_OUT", [(0, le(0x1000000, 8)), (8, le(0x2001000, 8)),
                                                        (16, le(0xd100000, 8)), (24, le(0x500000, 8))]),
                          command("SNP_PAGE_RECLAIM", [(0, le(0x2000000, 8))])),
    "snp-shutdown": firmware(1, command("SNP_INIT"), WBINVD, command("SNP_DF_FLUSH"),
                             command("SNP_SHUTDOWN_EX", [(0, le(8, 4)), (4, le(1, 4))]), command("SNP_INIT_EX")),
    "ring": firmware(0, command("INIT"),
                     command("RING_BUFFER", [(0, le(0xd100000, 8)), (8, le(0xd101000, 8)), (32, b"\x01")]),
                     command("NOP"), command("NOP")),
}


def of_other(step):
    """A step of vsp.fuzz.cpp, by the second L1."""
    return bytes([step[0] | 0x80]) + step[1:]


VSP_SNP = [command("SNP_INIT"), WBINVD, command("SNP_DF_FLUSH"), give(2, 5),
           command("SNP_GCTX_CREATE", [(0, le(0x100000, 8))]),
           command("SNP_LAUNCH_START", [(0, le(0x100000, 8)), (8, le(0xb0000, 8))]),
           command("SNP_ACTIVATE", [(0, le(0x100000, 8)), (8, le(1, 4))]), give(6, 0x15), give(7, 0x15)]


def vsp_update(page, kind):
    return command("SNP_LAUNCH_UPDATE", [(0, le(0x100000, 8)), (8, le(kind << 1, 4)), (16, le(page, 8))])


VSP_LEGACY = [command("INIT"), WBINVD, command("DF_FLUSH"), command("LAUNCH_START", [(4, le(0x37010000, 4))]),
              command("ACTIVATE", [(0, le(1, 4)), (4, le(6, 4))]),
              command("LAUNCH_UPDATE_DATA", [(0, le(1, 4)), (8, le(0x110000, 8)), (16, le(0x2000, 4))])]
SEEDS["vsp"] = {
    name + kind: bytes([start]) + b"".join(steps)
    for kind, start in (("", 0), ("-own-keys", 1), ("-private", 4))
    for name, steps in {
        "legacy": (*VSP_LEGACY, command("LAUNCH_MEASURE", [(0, le(1, 4)), (8, le(0x3e0000, 8)), (16, le(48, 4))]),
                   command("LAUNCH_FINISH", [(0, le(1, 4))]),
                   command("DBG_DECRYPT", [(0, le(1, 4)), (8, le(0x110ff0, 8)), (16, le(0x3e0000, 8)), (24, le(32, 4))]),
                   command("DECOMMISSION", [(0, le(1, 4))])),
        "snp": (*VSP_SNP, vsp_update(0x110000, 1), vsp_update(0x111000, 5),
                command("SNP_LAUNCH_FINISH", [(0, le(0x100000, 8))]), give(6, 0),
                command("SNP_DECOMMISSION", [(0, le(0x100000, 8))])),
        "pages": (*VSP_SNP, give(8, 5), command("SNP_PAGE_MD_INIT", [(0, le(0x100000, 8)), (8, le(0x112000, 8))]),
                  command("SNP_PAGE_MOVE", [(0, le(0x100000, 8)), (16, le(0x110000, 8)), (24, le(0x111000, 8))]),
                  command("SNP_PAGE_RECLAIM", [(0, le(0x112000, 8))])),
        "two": (*VSP_SNP, *(of_other(step) for step in VSP_SNP), vsp_update(0x110000, 1),
                of_other(vsp_update(0x110000, 1)), of_other(command("SNP_SHUTDOWN"))),
    }.items()
}


def switch(config, *changes, events=()):
    """world_switch.fuzz.cpp; a change is where, offset, value; an event is code, EXITINFO1, EXITINFO2, delivering, MSR, flags."""
    made = bytes([config, len(changes)]) + b"".join(bytes([w]) + le(o, 2) + le(v, 8) for w, o, v in changes)
    return made + b"".join(le(c, 2) + le(i1, 8) + le(i2, 8) + le(d, 8) + le(m, 4) + bytes([f]) for c, i1, i2, d, m, f in events)


VMCB, VMSA, ENTRY = 0, 1, 2
CPUID_EXIT, NPF_EXIT, VMGEXIT = (0x72, 0, 0, 0, 0, 0x20), (0x400, 4, 0x1234, 0, 0, 0), (0x403, 0, 0, 0, 0, 0x40)
SEEDS["world_switch"] = {
    "empty": b"",
    "plain": switch(0, events=(CPUID_EXIT, NPF_EXIT)),
    "sev": switch(1, (VMCB, 0x0C, 1 << 18), events=(CPUID_EXIT,)),
    "es": switch(2, events=(VMGEXIT, NPF_EXIT, CPUID_EXIT)),
    "snp": switch(3, events=(CPUID_EXIT, VMGEXIT, NPF_EXIT)),
    "no-snp": switch(7),
    "reflect": switch(3, (VMSA, 0x3B0, 0x15), events=((0x72, 0, 0, 0x80000041, 0, 0x20),)),
    "restricted": switch(3, (VMSA, 0x3B0, 9), (VMCB, 0xA8, 0x8000031C), events=(NPF_EXIT,)),
    "secure-avic": switch(3, (VMSA, 0x3B0, 0x10001), (VMCB, 0x138, 0x800000000021FFFF), events=((0x60, 0, 0, 0x80000041, 0, 0),)),
    "protection": switch(11, (VMSA, 0x3B0, 0x4001), (VMSA, 0x300, 0x0123456789ABCDEF), events=(NPF_EXIT, VMGEXIT)),
    "busy": switch(3, (VMSA, 0x3B0, 0x11), (VMSA, 0x3B8, 1 << 63)),
    "svme": switch(3, (VMSA, 0xD0, 0)),
    "foreign-page": switch(3, (ENTRY, 3, 0x60D)),
    "injection": switch(2, (VMCB, 0xA8, 0x80000480)),
    "clean": switch(0, (VMCB, 0xC0, 0x1FFF), events=(NPF_EXIT, NPF_EXIT)),
    "guest-intercepts": switch(3, (VMSA, 0x3B0, 0x2001), (VMSA, 0x900, 0xFFFFFFFF), events=((0x7C, 0, 0, 0, 0x830, 6),)),
}


def svsm_deed(kind, rax=0, rcx=0, rdx=0, r8=0, where=0, content=b"", cpu=0, level=2):
    """One deed of svsm.fuzz.cpp."""
    kinds = "call guest_write guest_vmsa adjust enter take_back assign run leave large".split()
    return (bytes([kinds.index(kind), cpu | (level - 1) << 1]) + le(where // 8, 3) + le(rax, 8) + le(rcx, 4) + le(rdx, 4)
            + le(r8, 2) + bytes([len(content)]) + content)


def svsm_deeds(*deeds, choices=0):
    return bytes([0, choices]) + b"".join(deeds)


def svsm_list(*entries, first=0, where=0x9000):
    content = le(len(entries), 2) + le(first, 2) + bytes(4) + b"".join(le(entry, 8) for entry in entries)
    return svsm_deed("call", 1, where, where=where, content=content)


def svsm_measure(*ranges, call=1, flags=0, response=0xA000, report=0xB000):
    content = at(0x70, {0: le(1, 4), 4: le(1, 2), 6: le(flags, 2), 8: le(len(ranges), 2), 0x50: le(response, 8) + le(4096, 4),
                        0x60: le(report, 8) + le(4096, 4)})
    content += b"".join(le(gpa, 8) + le(length, 8) for gpa, length in ranges)
    return svsm_deed("call", 0x80004D31 << 32 | call, 0x9000, where=0x9000, content=content)


SVSM_MANIFEST = b"SVSM-MEAS".ljust(16, b"\0") + le(1, 4) + le(1, 2) + le(0, 2) + le(1, 8) + le(2, 2)
VMSA_PAGE = svsm_deed("guest_vmsa", where=0xD000)
SEEDS["svsm"] = {
    "empty": b"",
    "query": svsm_deeds(svsm_deed("call", 6, 1), svsm_deed("call", 6, 2), svsm_deed("call", 7, 1), svsm_deed("call", 99)),
    "validate": svsm_deeds(svsm_list(0x10004, 0x11004), svsm_list(0x10000, 0x10004), svsm_list(0x1000C), svsm_list(0x14)),
    "validate-large": svsm_deeds(svsm_deed("large", where=0x200000), svsm_list(0x200005), svsm_list(0x200001)),
    "validate-taken": svsm_deeds(svsm_list(0x6004, where=0x8008), svsm_list(0x8004), svsm_list(0x400004), svsm_list(0x5)),
    "validate-own-list": svsm_deeds(svsm_list(0x900C, 0x10004), svsm_list(0x9000)),
    "create": svsm_deeds(VMSA_PAGE, svsm_deed("call", 2, 0xD000, 0xE000, 1), svsm_deed("enter", cpu=1),
                         svsm_deed("guest_write", where=0xD0C8, content=bytes(8)), svsm_deed("call", 3, 0xD000)),
    "create-coconut": svsm_deeds(svsm_deed("call", 2, 0xD000, 0xE000, 1), choices=1),
    "create-in-use": svsm_deeds(VMSA_PAGE, svsm_deed("call", 2, 0xD000, 0xE000, 1), svsm_deed("run", where=0xD000),
                                svsm_deed("call", 3, 0xD000), svsm_deed("leave"), svsm_deed("enter"), choices=2),
    "create-own-cpu": svsm_deeds(VMSA_PAGE, svsm_deed("call", 2, 0xD000, 0xE000, 0), svsm_deed("call", 6, 1)),
    "delete-self": svsm_deeds(svsm_deed("call", 3, 0x6000), svsm_deed("enter"), svsm_deed("guest_write", where=0x6000, content=b"x")),
    "remap": svsm_deeds(svsm_deed("call", 0, 0x9000), svsm_deed("call", 0, 0x8000), svsm_deed("call", 0, 0x6000)),
    "adjust": svsm_deeds(svsm_deed("adjust", rcx=0x0303, where=0xD000), svsm_deed("adjust", rcx=0x10301, where=0xD000),
                         svsm_deed("adjust", rcx=0x0103, where=0x6000), svsm_deed("adjust", rcx=0x0F02, where=0xD000, level=3)),
    "moved": svsm_deeds(svsm_deed("take_back", where=0x10000), svsm_deed("assign", where=0x10000), svsm_list(0x10004)),
    "vmsa-lost": svsm_deeds(svsm_deed("take_back", where=0x6000), svsm_deed("enter"), svsm_deed("assign", where=0x6000)),
    "tpm": svsm_deeds(svsm_deed("call", 0x200000001, 0xA123, where=0xA123, content=le(8, 4) + b"\0" + le(4, 4) + b"abcd")),
    "attest": svsm_deeds(svsm_deed("call", 0x100000000, 0x9000, where=0x9000, content=at(0x58, {
        0: le(0xA000, 8) + le(4096, 4), 0x10: le(0xC000, 8) + le(64, 2), 0x20: le(0xB000, 8) + le(4096, 4)}))),
    "mm": svsm_deeds(svsm_deed("call", 0x400000001, 0xA000, 0x1000, where=0xA010, content=le(8, 8))),
    "apic": svsm_deeds(svsm_deed("call", 0x300000004, 0x300), svsm_deed("call", 0x300000003, 0x83F, 0x55),
                       svsm_deed("call", 0x300000003, 0x80B), choices=8),
    "measure": svsm_deeds(svsm_measure((0xD000, 0x1000), (0xE001, 3)), svsm_measure((0xD000, 16), call=2)),
    "measure-frozen": svsm_deeds(svsm_measure((0xD000, 0x2000), flags=1), svsm_deed("guest_write", where=0xD000, content=b"x"),
                                 svsm_list(0xD00C, where=0x8008), svsm_deed("call", 2, 0xD000, 0xE000, 1),
                                 svsm_measure((0xD000, 0x2000), flags=1)),
    "baseline": svsm_deeds(svsm_measure((0xD000, 16), call=3), svsm_deed("call", 0x80004D3100000005, 0xF000, 0x1000),
                           svsm_deed("call", 0x80004D3100000004), choices=4),
    "manifest": b"\1" + SVSM_MANIFEST + le(1, 2) + bytes(4) + le(0x1000, 8) + le(16, 8) + bytes(48),
    "manifest-short": b"\1" + SVSM_MANIFEST + le(2, 2) + bytes(4),
    "services": b"\2" + bytes.fromhex("bb9e8463923d7046a1ff58f9c94b87bb") + le(49, 4) + le(1, 4)
                + bytes.fromhex("ebf176c42301a5459641b4e7dde5bfe3") + le(48, 4) + le(1, 4) + b"k",
    "services-outside": b"\2" + bytes.fromhex("bb9e8463923d7046a1ff58f9c94b87bb") + le(48, 4) + le(1, 4) + bytes(16)
                        + le(0xFFFFFFFF, 4) + le(2, 4),
    "secrets": b"\3" + at(0x160, {0x140: le(0x1000000, 8) + le(0x100000, 8) + le(0x8000, 8) + le(1, 4) + b"\2"}),
    "secrets-level-0": b"\3" + at(0x160, {0x148: le(1, 8)}),
def nested(variant, *steps):
    """Steps of nested.fuzz.cpp: what and flags, guest, two numbers."""
    return bytes([variant]) + b"".join(bytes([what, guest, a, b]) for what, guest, a, b in steps)


# What a byte stands for is its remainder modulo 10; bits 4 to 7 are flags: so 10 * n + what, with the bits wanted.
(MAP, UNMAP, ENTER, READS, WRITES, REQUEST, VALIDATES, L1_WRITES, ZAP, EVENT) = range(10)


def flagged(what, *bits):
    wanted = sum(1 << bit for bit in bits)
    return next(byte for byte in range(256) if byte % 10 == what and byte & wanted == wanted)


NESTED_RUN = ((ENTER, 0, 0, 0), (flagged(READS, 4), 0, 0, 0), (flagged(WRITES, 4), 0, 1, 0), (EVENT, 0, 0, 0))
SEEDS["nested"] = {
    "empty": b"",
    "sev": nested(0, *NESTED_RUN),
    "es": nested(1, *NESTED_RUN, (ENTER, 1, 0, 0), (flagged(READS, 4), 1, 1, 0)),
    "snp": nested(2, *NESTED_RUN, (ENTER, 1, 0, 0), (flagged(READS, 4), 1, 1, 0)),
    "stale": nested(1, (ENTER, 0, 0, 0), (flagged(READS, 4), 0, 0, 0), (flagged(MAP, 4, 6), 0, 0, 9), (ENTER, 0, 0, 0),
                    (flagged(READS, 4), 0, 0, 0), (flagged(ENTER, 4), 0, 0, 0), (flagged(READS, 4), 0, 0, 0)),
    "give": nested(2, (REQUEST, 0, 1, 5), (flagged(MAP, 4, 6), 0, 1, 5), (ENTER, 0, 0, 0), (flagged(READS, 4), 0, 1, 0),
                   (flagged(VALIDATES, 4), 0, 1, 0), (flagged(READS, 4), 0, 1, 0), (REQUEST, 0, 16, 5)),
    "large": nested(2, (flagged(REQUEST, 4), 0, 1, 200), (flagged(REQUEST, 4, 7), 0, 1, 200), (REQUEST, 0, 6, 200)),
    "foreign": nested(2, (ENTER, 0, 0, 0), (flagged(MAP, 4, 6), 1, 1, 1), (ENTER, 1, 0, 0), (flagged(READS, 4), 1, 1, 0),
                      (L1_WRITES, 0, 0, 1)),
    "zap": nested(1, (ENTER, 0, 0, 0), (flagged(READS, 4), 0, 0, 0), (ZAP, 0, 0, 0), (flagged(READS, 4), 0, 0, 0),
                  (UNMAP, 0, 0, 0), (flagged(ENTER, 4), 0, 0, 0), (flagged(READS, 4), 0, 0, 0)),
def record(kind, page=0, body=b""):
    """One record of transfer_stream.fuzz.cpp."""
    return b"M" + bytes([kind, 0, 0]) + le(len(body), 4) + le(page, 8) + body


END = record(7)
HELPER = le(3, 8) + bytes([1]) + bytes(7) + pattern(16 + 4096)
SEEDS["transfer_stream"] = {
    "empty": b"",
    "end": END,
    "session": record(1, 0, pattern(4 + 0x824 + 128)) + END,
    "pages": record(2, 5, pattern(52 + 4096)) + record(3, 6, pattern(4096)) + END,
    "vmsa": record(4, 1, pattern(52 + 4096)) + END,
    "status": record(5, 12, b"\xff\x0f") + END,
    "status-padding": record(5, 12, b"\xff\x1f") + END,
    "helper": record(6, 9, HELPER) + END,
    "helper-reserved": record(6, 9, HELPER[:9] + b"\x01" + HELPER[10:]) + END,
    "cut-off": record(3, 6, pattern(4096))[:100],
    "wrong-size": record(3, 6, pattern(4095)) + END,
    "wrong-page": record(3, 1 << 41, pattern(4096)) + END,
    "after-the-end": END + END,
}


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
