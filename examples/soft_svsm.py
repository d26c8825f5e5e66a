#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small SVSM, for `sevspec conform --svsm --exec "python3 soft_svsm.py"`.

It has the core protocol and the vTPM's transport; to calls of other protocols, and to pages of 2M, it answers
"unsupported". --defect first_address checks the first address of a list's entry alone, --defect no_zero grants pages with
the bytes that lie there, --defect keeps_pending leaves CALL_PENDING set.
"""
import json
import sys

GUEST = 0x400000
UNSUPPORTED_PROTOCOL, UNSUPPORTED_CALL, BAD_ADDRESS = 0x80000001, 0x80000002, 0x80000003
BAD_PARAMETER, BAD_REQUEST = 0x80000005, 0x80000006
NO_CHANGE, SIZE_MISMATCH, SVME, ALL, READ = 0x80001010, 0x80001006, 0x1000, 0xf, 1
REGISTERS = ("rax", "rcx", "rdx", "r8", "r9")
defect = sys.argv[2] if sys.argv[1:2] == ["--defect"] else None


class Unsupported(Exception):
    pass


class Senseless(Exception):
    """A step that no guest could take."""


class Ends(Exception):
    """A call that ends with a code."""


class Blocked(Exception):
    """The hypervisor has taken a page away that the SVSM refers to."""


def number(value):
    return int(value, 0) if isinstance(value, str) else int(value)


class Page:
    def __init__(self, validated=False):
        self.assigned, self.validated, self.vmsa, self.rights = True, validated, False, [0, 0, 0]

    def state(self):
        return self.assigned, self.validated, self.vmsa, tuple(self.rights)


class Svsm:
    def __init__(self, vmpl=2, processors=3, apic=False, **_):
        if apic:
            raise Unsupported
        self.level, self.stopped, self.memory = vmpl, False, bytearray(GUEST)
        self.pages = [Page(frame < 16) for frame in range(GUEST >> 12)]
        for page in self.pages[:16]:
            page.rights[vmpl - 1] = ALL
        self.noted = set(range(16))
        self.cpus = [{"vmsa": None, "caa": None} for _ in range(processors)]
        self.vcpus = {0x6000: 0x8000}  # registered VMSAs and their calling areas
        self.cpus[0] = {"vmsa": 0x6000, "caa": 0x8000}
        self.pages[6].vmsa, self.pages[6].rights[vmpl - 1] = True, READ
        self.put(0x60ca, bytes([vmpl]))
        self.put(0x60d0, SVME.to_bytes(8, "little"))
        self.put(0x63b0, (1).to_bytes(8, "little"))

    # --- the machine

    def put(self, where, data):
        self.memory[where:where + len(data)] = data

    def word(self, where, size=8):
        return int.from_bytes(self.memory[where:where + size], "little")

    def refer(self, where, size, soft=BAD_ADDRESS):
        """What VMPL 0 refers to is there and validated."""
        for frame in range(where >> 12, (where + size - 1 >> 12) + 1):
            if not self.pages[frame].assigned:
                raise Blocked
            if not self.pages[frame].validated:
                raise Ends(soft)

    def rmpadjust(self, frame, rights, vmsa=False):
        page = self.pages[frame]
        if not page.assigned:
            raise Blocked
        if not page.validated:
            raise Ends(BAD_ADDRESS)
        for level, mask in rights.items():
            page.rights[level - 1] = mask
        page.vmsa = vmsa

    def revoke(self, frame):
        self.rmpadjust(frame, {level: 0 for level in range(self.level, 4)})

    def svsm_page(self, gpa, state, **_):
        if not gpa < GUEST:
            raise Senseless("the page is not guest memory")
        if state == "large":
            raise Unsupported
        page = self.pages[gpa >> 12]
        page.assigned, page.validated, page.vmsa, page.rights = state == "given", False, False, [0, 0, 0]
        return {"ok": True}

    # --- one entry of VMPL 0

    def svsm_call(self, cpu, memory=None, pending=1, exit=0x403, **registers):
        if self.stopped:
            raise Senseless("the hypervisor keeps the SVSM from going on")
        if cpu >= len(self.cpus) or self.cpus[cpu]["vmsa"] is None:
            raise Senseless("the processor has no VMSA")
        vmsa, caa = self.cpus[cpu]["vmsa"], self.cpus[cpu]["caa"]
        state = self.pages[vmsa >> 12]
        if not (state.assigned and state.validated and state.vmsa):
            raise Senseless("the processor's VMSA cannot run")
        writes = [(number(at), bytes.fromhex(digits)) for at, digits in (memory or {}).items()] + [(caa, bytes([pending]))]
        for at, data in writes:
            for frame in range(at >> 12, (at + len(data) - 1 >> 12) + 1):
                page = self.pages[frame]
                if not (page.assigned and page.validated and not page.vmsa and page.rights[self.level - 1] & 2):
                    raise Senseless("the guest cannot write there")
        for at, data in writes:
            self.put(at, data)
        protocol = registers["rax"] >> 32
        if exit == 0x403 and pending and protocol in (1, 3, 4, 0x80004d31):
            raise Unsupported
        before = [page.state() for page in self.pages], bytes(self.memory), [dict(one) for one in self.cpus]
        self.registers = {name: registers.get(name, 0) for name in REGISTERS}
        answer = {"end": "no_request"}
        try:
            if exit == 0x403 and pending:
                answer["end"] = "served"
                if defect != "keeps_pending":
                    self.memory[caa] = 0
                self.registers["rax"] = self.serve(cpu, protocol, registers["rax"] & 0xffffffff)
            if vmsa not in self.vcpus:
                answer["end"] = "idle" if self.cpus[cpu]["vmsa"] is None else answer["end"]
        except Blocked:
            self.stopped = True
            return {"end": "blocked"}
        if answer["end"] != "idle":
            answer |= {name: hex(value) for name, value in self.registers.items()}
        return answer | {"pending": self.memory[caa]} | self.changes(caa, *before)

    def changes(self, caa, pages, memory, cpus):
        changed = [frame for frame, old in enumerate(pages) if self.pages[frame].state() != old]
        runs, last = {}, None
        for frame in range(GUEST >> 12):
            if pages[frame][2] or self.pages[frame].vmsa or self.memory[frame << 12:(frame + 1) << 12] == memory[frame << 12:(frame + 1) << 12]:
                continue
            for at in range(frame << 12, (frame + 1) << 12):
                if self.memory[at] == memory[at] or at == caa:
                    continue
                if last is None or last[1] != at:
                    last = [at, at]
                    runs[at] = last
                last[1] = at + 1
        return {
            "memory": {hex(first): self.memory[first:end].hex() for first, end in runs.values()},
            "pages": [{"gpa": hex(frame << 12), "validated": self.pages[frame].validated, "vmsa": self.pages[frame].vmsa,
                       "rights": self.pages[frame].rights} for frame in changed],
            "processors": [{"cpu": i} | {name: None if one[name] is None else hex(one[name]) for name in one}
                           for i, one in enumerate(self.cpus) if one != cpus[i]],
        }

    def serve(self, cpu, protocol, call):
        if protocol not in (0, 2):
            return UNSUPPORTED_PROTOCOL
        calls = [self.remap_ca, self.pvalidate, self.create_vcpu, self.delete_vcpu, None, None, self.query, self.vtom]
        if protocol == 2:
            calls = [self.tpm_query, self.tpm_command]
        if call >= len(calls) or calls[call] is None:
            return UNSUPPORTED_CALL
        try:
            return calls[call](cpu) or 0
        except Ends as end:
            return end.args[0]

    # --- addresses

    @staticmethod
    def in_guest(where, size):
        return where + size <= GUEST

    def taken(self, where, size):
        def overlaps(first, length):
            return where < first + length and first < where + size
        return any(overlaps(vmsa, 4096) or overlaps(caa, 8) for vmsa, caa in self.vcpus.items())

    def valid(self, where, size):
        return self.in_guest(where, size) and not self.taken(where, size)

    # --- the core protocol

    def remap_ca(self, cpu):
        where = self.registers["rcx"]
        if where % 4096:
            raise Ends(BAD_PARAMETER)
        if where == self.cpus[cpu]["caa"]:
            return
        if not self.valid(where, 4096):
            raise Ends(BAD_ADDRESS)
        self.refer(where, 8)
        self.put(where, bytes(8))
        self.vcpus[self.cpus[cpu]["vmsa"]] = self.cpus[cpu]["caa"] = where

    def pvalidate(self, _):
        at = self.registers["rcx"]
        if at % 8:
            raise Ends(BAD_PARAMETER)
        if not self.valid(at, 8):
            raise Ends(BAD_ADDRESS)
        self.refer(at, 8)
        count, first = self.word(at, 2), self.word(at + 2, 2)
        if not first < count <= (4096 - at % 4096 - 8) // 8:
            raise Ends(BAD_PARAMETER)
        done, code = first, 0
        try:
            for index in range(first, count):
                self.refer(at + 8 + 8 * index, 8)
                self.convert(self.word(at + 8 + 8 * index))
                done += 1
        except Ends as end:
            code = end.args[0]
        if done != first:
            try:
                self.refer(at + 2, 2)
                self.put(at + 2, done.to_bytes(2, "little"))
            except Ends:
                pass
        return code

    def convert(self, entry):
        if entry >> 4 & 0xff or entry & 3 > 1:
            raise Ends(BAD_PARAMETER)
        size, where = (0x200000 if entry & 1 else 4096), entry & ~0xfff
        if where % size:
            raise Ends(BAD_PARAMETER)
        looked_at = 4096 if defect == "first_address" else size
        if not self.in_guest(where, looked_at) or self.taken(where, looked_at):
            raise Ends(BAD_ADDRESS)
        frame, wanted, ignored = where >> 12, bool(entry & 4), bool(entry & 8)
        page = self.pages[frame]
        if entry & 1:
            if not page.assigned:
                raise Blocked
            if not wanted and not page.validated:
                raise Ends(BAD_ADDRESS)
            raise Ends(SIZE_MISMATCH)
        if not wanted:
            self.revoke(frame)
        if not page.assigned:
            raise Blocked
        if wanted and not page.validated and frame in self.noted:
            raise Ends(NO_CHANGE)
        if page.validated == wanted and not ignored:
            raise Ends(NO_CHANGE)
        page.validated = wanted
        if not wanted:
            self.noted.discard(frame)
            return
        self.noted.add(frame)
        if defect != "no_zero" and not 0xa0000 <= where < 0x100000:
            self.put(where, bytes(4096))
        self.rmpadjust(frame, {self.level: ALL})

    def create_vcpu(self, cpu):
        vmsa, caa, apic_id = self.registers["rcx"], self.registers["rdx"], self.registers["r8"] & 0xffffffff
        if vmsa % 4096 or caa % 4096 or vmsa == caa or not self.valid(vmsa, 4096) or not self.valid(caa, 4096):
            raise Ends(BAD_ADDRESS)
        if apic_id >= len(self.cpus):
            raise Ends(BAD_PARAMETER)
        page = self.pages[vmsa >> 12]
        before = list(page.rights)
        self.rmpadjust(vmsa >> 12, {level: 0 for level in (1, 2, 3)})
        good = self.memory[vmsa + 0xca] == self.level and self.word(vmsa + 0xd0) & SVME and \
            self.word(vmsa + 0x3b0) == self.word(self.cpus[cpu]["vmsa"] + 0x3b0)
        if not good:
            page.rights = before
            raise Ends(BAD_PARAMETER)
        self.rmpadjust(vmsa >> 12, {self.level: READ}, vmsa=True)
        self.vcpus[vmsa] = caa
        self.cpus[apic_id] = {"vmsa": vmsa, "caa": caa}

    def delete_vcpu(self, _):
        vmsa = self.registers["rcx"]
        if vmsa not in self.vcpus:
            raise Ends(BAD_PARAMETER)
        self.refer(vmsa, 4096)
        self.put(vmsa + 0xd0, (self.word(vmsa + 0xd0) & ~SVME).to_bytes(8, "little"))
        self.revoke(vmsa >> 12)
        self.rmpadjust(vmsa >> 12, {self.level: ALL})
        del self.vcpus[vmsa]
        for one in self.cpus:
            if one["vmsa"] == vmsa:
                one["vmsa"] = one["caa"] = None

    def query(self, _):
        protocol, version = self.registers["rcx"] >> 32, self.registers["rcx"] & 0xffffffff
        there = protocol in (0, 1, 2, 4, 0x80004d31) and version == 1
        self.registers["rcx"] = 1 << 32 | 1 if there else 0

    def vtom(self, _):
        if not self.registers["rcx"] & 1:
            raise Ends(BAD_REQUEST)
        self.registers["rcx"] = 0

    # --- the vTPM

    def tpm_query(self, _):
        self.registers |= {"rcx": 1 << 8, "rdx": 0}

    def tpm_command(self, _):
        where = self.registers["rcx"]
        if where == 0 or not self.valid(where, 4):
            raise Ends(BAD_PARAMETER)
        self.refer(where, 4, BAD_PARAMETER)
        if self.word(where, 4) != 8:
            raise Ends(BAD_PARAMETER)
        if not self.valid(where, 4096):
            raise Ends(BAD_ADDRESS)
        self.refer(where, 4096)
        size = self.word(where + 5, 4)
        if self.memory[where + 4] != 0 or size > 4087:
            raise Ends(BAD_PARAMETER)
        command = self.memory[where + 9:where + 9 + size]
        self.put(where, size.to_bytes(4, "little") + bytes(byte ^ 0xff for byte in command))


svsm = Svsm()
for line in sys.stdin:
    try:
        request = json.loads(line)
        op = request.pop("op")
        if op == "svsm_reset":
            svsm = Svsm(**request)
            response = {"ok": True}
        elif op in ("svsm_call", "svsm_page"):
            members = {name: value if name in ("memory", "state") else number(value) for name, value in request.items()}
            response = getattr(svsm, op)(**members)
        else:
            raise Unsupported
    except Unsupported:
        response = {"unsupported": True}
    except Senseless as reason:
        response = {"error": str(reason)}
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        response = {"error": repr(error)}
    print(json.dumps(response), flush=True)
