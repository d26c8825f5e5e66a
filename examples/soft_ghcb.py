#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small hypervisor behind the GHCB protocols, for `sevspec conform --ghcb --exec "python3 soft_ghcb.py"`.

It has most messages of the MSR protocol and the simplest events of the page protocol; to everything else it answers
"unsupported". --defect stale_marks leaves the guest's marks in valid_bitmap, --defect any_page takes GHCBs that nobody
registered.
"""
import json
import sys

RAX, RBX, RCX, RDX, CODE, INFO_1, INFO_2, XCR0, XSS, CPL = 63, 99, 97, 98, 114, 115, 116, 125, 40, 25  # bits of valid_bitmap
MASK_32, NO_FRAME = (1 << 32) - 1, (1 << 52) - 1
NOT_REGISTERED, INVALID_USAGE, MISSING_INPUT, INVALID_EVENT = 1, 2, 4, 6
defect = sys.argv[2] if sys.argv[1:2] == ["--defect"] else None


class Unsupported(Exception):
    pass


def number(value):
    return int(value, 0) if isinstance(value, str) else int(value)


def cpuid(function, subfunction=0, xcr0=0):
    eax = (function * 0x1000193 + subfunction) & MASK_32
    return [eax, xcr0 & MASK_32 if function == 0xd else eax ^ MASK_32, eax ^ 0x55555555, (eax + 1) & MASK_32]


class Hypervisor:
    def __init__(self, guest="snp", lowest_version=1, highest_version=2, c_bit=51, features="0x27f", memory="0x40000000",
                 holes=(), shadow_stacks=False, **_):
        self.snp, self.versions, self.c_bit = guest == "snp", (lowest_version, highest_version), c_bit
        self.features, self.memory, self.shadow_stacks = number(features), number(memory), shadow_stacks
        self.holes = {number(one["gpa"]) + 4096 * i for one in holes for i in range(one["pages"])}
        self.private, self.registered, self.msrs = set(), None, {0x1b: 0xfee00900, 0x277: 0x7040600070406, 0x8b: 0x0a001173}
        if highest_version < 2:
            raise Unsupported

    def ghcb_msr(self, value, **_):
        code, data = value & 0xfff, value >> 12
        if code == 0x002:
            lowest, highest = self.versions
            return {"msr": hex(highest << 48 | lowest << 32 | self.c_bit << 24 | 0x001)}
        if code == 0x004:
            which = value >> 30 & 3
            return {"msr": hex(cpuid(value >> 32)[which] << 32 | which << 30 | 0x005)}
        if code == 0x080:
            return {"msr": hex(self.features << 12 | 0x081)}
        if code == 0x100:
            return {"next": "terminate", "set": data & 0xf, "code": data >> 4 & 0xff}
        if code in (0x006, 0x016):
            raise Unsupported
        if code in (0x010, 0x012, 0x014) and not self.snp:
            return {"next": "stop"}
        if code == 0x010:
            return {"msr": hex(NO_FRAME << 12 | 0x011)}
        if code == 0x012:
            self.registered = data << 12
            return {"msr": hex(value + 1)}
        if code == 0x014:
            return self.change_state(data >> 40 & 0xf, (data & (1 << 40) - 1) << 12)
        return {"msr": hex(value)}

    def exists(self, page):
        return page < self.memory and page not in self.holes

    def change_state(self, operation, page):
        if operation not in (1, 2) or not self.exists(page):
            return {"msr": hex(1 << 63 | 0x015)}
        changes = (page in self.private) == (operation == 2)
        (self.private.add if operation == 1 else self.private.discard)(page)
        name = "private" if operation == 1 else "shared"
        return {"msr": "0x15"} | ({name: [{"gpa": hex(page), "pages": 1}]} if changes else {})

    def ghcb_page(self, gpa, page, **_):
        if gpa == 0 or not self.exists(gpa) or gpa in self.private:
            return {"page": {}}
        image = bytearray(4096)
        for at, digits in page.items():
            image[number(at):number(at) + len(digits) // 2] = bytes.fromhex(digits)
        marks = int.from_bytes(image[0x3f0:0x400], "little")
        self.given = {bit: int.from_bytes(image[8 * bit:8 * bit + 8], "little") for bit in range(126) if marks >> bit & 1}
        self.given |= {CPL: image[0xcb]} if CPL in self.given else {}
        answer, outputs = {}, {INFO_1: 0, INFO_2: 0}
        if self.snp and gpa != self.registered and defect != "any_page":
            outputs |= {INFO_1: 2, INFO_2: NOT_REGISTERED}
        elif any(image[0xffc:]):
            outputs |= {INFO_1: 2, INFO_2: INVALID_USAGE}
        elif not {CODE, INFO_1, INFO_2} <= self.given.keys():
            outputs |= {INFO_1: 2, INFO_2: MISSING_INPUT}
        else:
            answer, more = self.event()
            outputs |= more
        if answer.get("next") == "terminate":
            return answer
        written = {hex(8 * bit): value.to_bytes(8, "little").hex() for bit, value in outputs.items()}
        out_marks = sum(1 << bit for bit in outputs) | (marks if defect == "stale_marks" else 0)
        return answer | {"page": written | {"0x3f0": out_marks.to_bytes(16, "little").hex()}}

    def event(self):
        """The answer's members, and the fields that go into the page."""
        code, info_1 = self.given[CODE], self.given[INFO_1]
        values = self.given.get
        needed = {0x72: {RAX, RCX}, 0x7c: {RCX} | ({RAX, RDX} if info_1 else set()), 0x81: {RAX, CPL}}.get(code, set())
        if code == 0x72 and values(RAX) == 0xd:
            needed = needed | {XCR0} | ({XSS} if self.shadow_stacks and values(RCX) == 1 else set())
        if not needed <= self.given.keys():
            return {}, {INFO_1: 2, INFO_2: MISSING_INPUT}
        if code == 0x6e:
            return {}, {RAX: 0x55667788, RDX: 0x11223344}
        if code == 0x72:
            return {}, dict(zip((RAX, RBX, RCX, RDX), cpuid(values(RAX), values(RCX), values(XCR0, 0))))
        if code == 0x7c:
            return self.access_msr(values(RCX), info_1, values(RAX), values(RDX))
        if code == 0x81:
            effect = {"do": "hypercall", "rax": hex(values(RAX)), "cpl": values(CPL)}
            return {"effects": [effect]}, {RAX: (values(RAX) + 0x1000) & (1 << 64) - 1}
        if code == 0x8000fffd:
            return {}, {INFO_2: self.features}
        if code == 0x8000fffe:
            return {"next": "terminate", "set": info_1 & 0xf, "code": info_1 >> 4 & 0xff}, {}
        known = code in (0x27, 0x37, 0x6f, 0x76, 0x7b, 0x87, 0x89, 0x8a, 0x8b) or 0x80000001 <= code <= 0x80000005 or \
            0x80000010 <= code <= 0x8000001d or code == 0x8000ffff
        if known:
            raise Unsupported
        return {}, {INFO_1: 2, INFO_2: INVALID_EVENT}

    def access_msr(self, msr, writes, low, high):
        if msr not in self.msrs or (writes and msr == 0x8b):
            return {}, {INFO_1: 1, INFO_2: 0x8000030d}  # #GP
        if not writes:
            return {}, {RAX: self.msrs[msr] & MASK_32, RDX: self.msrs[msr] >> 32}
        self.msrs[msr] = (high & MASK_32) << 32 | low & MASK_32
        return {"effects": [{"do": "wrmsr", "msr": hex(msr), "value": hex(self.msrs[msr])}]}, {}


hypervisor = Hypervisor()
for line in sys.stdin:
    try:
        request = json.loads(line)
        op = request.pop("op")
        if op == "ghcb_reset":
            hypervisor = Hypervisor(**request)
            response = {"ok": True}
        elif op in ("ghcb_msr", "ghcb_page"):
            members = {name: number(value) if name in ("gpa", "value") else value for name, value in request.items()}
            response = {"next": "resume"} | getattr(hypervisor, op)(**members)
        else:
            raise Unsupported
    except Unsupported:
        response = {"unsupported": True}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        response = {"error": str(error)}
    print(json.dumps(response), flush=True)
