# SPDX-License-Identifier: MIT
"""The Reverse Map Table as a hypervisor might emulate it, in Python, with defects to switch on.

Written from the rules, not from the library: RMPUPDATE, PSMASH, RMPREAD, PVALIDATE, RMPADJUST, RMPQUERY, the checks of
accesses, and three firmware commands. A method op_NAME answers the request NAME of the oracle protocol.
"""

DEFECTS = {
    "hole_in_2m": "RMPUPDATE changes a 4K page inside a 2M page",
    "no_overlap_check": "RMPUPDATE of 2M replaces assigned 4K pages",
    "keep_validated": "a page that is assigned anew stays validated",
    "keep_perms": "a page that is assigned anew keeps the VMPLs' permissions",
    "ignore_immutable": "RMPUPDATE changes immutable pages",
    "unaligned_2m": "RMPUPDATE of 2M aligns the address down",
    "psmash_gpa": "PSMASH gives all 4K pages the gPA of the 2M page",
    "psmash_validated": "PSMASH makes pages that are not validated",
    "pvalidate_no_cf": "PVALIDATE never says that nothing changed",
    "pvalidate_size": "PVALIDATE of 4K validates the whole 2M page",
    "adjust_more": "RMPADJUST grants more than the VMPL has",
    "adjust_own": "RMPADJUST changes the permissions of the own VMPL",
    "read_not_validated": "a private read of a page that is not validated is #NPF",
    "huge_write": "a write through a 2M mapping looks at one 4K page alone",
    "reverse_map": "the gPA at which the guest sees the page is not checked",
    "dma_write": "devices write to pages of guests",
    "reclaim_validated": "SNP_PAGE_RECLAIM leaves a page that is not validated",
}

SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_OVERLAP, FAIL_SIZEMISMATCH, FAIL_BADADDR = 0, 1, 2, 4, 6, 7
PAGE, REGION, VMPLS, MAX_ASID, GPA_BITS = 0x1000, 0x200000, 4, 1006, 48
R, W, XU, XS, SSS, ALL = 1, 2, 4, 8, 16, 0x1F


def bits(*numbers):
    return sum(1 << number for number in numbers)


# Error code of #PF, EXITINFO1 of #NPF.
P, WRITE, USER, ID, SHADOW, RMP, FINAL, TABLE, ENC, SIZEM, VMPL, SSS_INFO = (
    bits(number) for number in (0, 1, 2, 4, 6, 31, 32, 33, 34, 35, 36, 37))


class Fault(Exception):
    def __init__(self, name, error=None, address=None):
        super().__init__(name)
        self.response = {"fault": name}
        if error is not None:
            self.response["error"] = hex(error)
        if address is not None:
            self.response["address"] = hex(address)


class Entry:
    __slots__ = ("assigned", "large", "immutable", "asid", "gpa", "validated", "vmsa", "perms", "lock")

    def __init__(self, assigned=False, large=False, immutable=False, asid=0, gpa=0):
        self.assigned, self.large, self.immutable, self.asid, self.gpa = assigned, large, immutable, asid, gpa
        self.validated = self.vmsa = False
        self.perms = [0] * VMPLS
        self.lock = False  # the firmware's mark on entries that it made immutable

    def copy(self, **changes):
        made = Entry(self.assigned, self.large, self.immutable, self.asid, self.gpa)
        made.validated, made.vmsa, made.perms, made.lock = self.validated, self.vmsa, list(self.perms), self.lock
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def state(self):
        if not self.assigned:
            return "hv-fixed" if self.immutable else "hypervisor"
        if self.asid:
            kind = ("guest-invalid", "guest-valid", "pre-guest", "pre-swap")
            return kind[2 * self.immutable + self.validated]
        if not self.immutable:
            return "reclaim"
        return "metadata" if self.gpa else "context" if self.vmsa else "firmware"


def result(eax=SUCCESS, cf=False, **more):
    return {"eax": eax, "zf": eax == SUCCESS, "cf": cf, **more}


def base_of(page):
    return page & ~511


class Rmp:
    def __init__(self, defect=None):
        assert defect is None or defect in DEFECTS, f"no such defect: {defect}"
        self.defect = defect
        self.op_reset()

    # --- the table ----------------------------------------------------------------------------------------------------
    # Pages that nobody has touched have no entry; those inside a 2M page have none of their own.

    def covered(self, page):
        return page < self.pages

    def entry(self, page):
        """The page's own entry."""
        first = self.table.get(base_of(page))
        if first is not None and first.large and page != base_of(page):
            return Entry(assigned=first.assigned)
        return self.table.get(page) or Entry()

    def authoritative(self, page):
        """Where the entry is that counts: that of the 2M page around the page, if there is one."""
        first = self.table.get(base_of(page))
        if first is not None and first.large:
            return base_of(page), first
        return page, self.entry(page)

    def any_assigned(self, base):
        return any(page in self.table and self.table[page].assigned for page in range(base, base + 512))

    def clear_region(self, base):
        for page in range(base, base + 512):
            self.table.pop(page, None)

    # --- requests -----------------------------------------------------------------------------------------------------

    def op_reset(self, memory=1 << 30, rmp_base=None, rmp_end=None, choices=None):
        self.table = {}
        self.pages = memory // PAGE
        if rmp_base is not None:
            self.pages = (rmp_end + 1 - rmp_base - 0x4000) // 16
        return {"ok": True}

    def op_rmpupdate(self, spa, assigned, page_size, immutable, gpa, asid, caller=None):
        caller = caller or {}
        if caller.get("cpl", 0):
            raise Fault("#GP", 0)
        if caller.get("asid", 0):
            return result(FAIL_PERMISSION)
        page, large, gpa = spa // PAGE, page_size == "2m", gpa & ~(PAGE - 1)
        if large and self.defect == "unaligned_2m":
            page = base_of(page)
        base = base_of(page)
        if large and page != base or not assigned and (immutable or asid):
            return result(FAIL_INPUT)
        if large and gpa % REGION or gpa >> GPA_BITS or asid > MAX_ASID:
            return result(FAIL_INPUT)
        if not self.covered(page) or large and not self.covered(base + 511):
            return result(FAIL_INPUT)
        old, first = self.entry(page), self.entry(base)
        if old.immutable and self.defect != "ignore_immutable":
            return result(FAIL_PERMISSION)
        if not large and first.large and (page == base or self.defect != "hole_in_2m"):
            return result(FAIL_OVERLAP)
        if large and not first.large:
            if self.any_assigned(base) and self.defect != "no_overlap_check":
                return result(FAIL_OVERLAP)
            if any(self.entry(other).immutable for other in range(base + 1, base + 512)):
                return result(FAIL_PERMISSION)

        if not assigned:
            made = Entry()
        else:
            gpa = gpa if asid else 0
            made = old.copy(assigned=True, large=large, immutable=bool(immutable), gpa=gpa, asid=asid)
            if (not old.assigned or old.large != large or old.asid != asid or old.gpa != gpa or asid == 0):
                made.vmsa = False
                made.validated = self.defect == "keep_validated" and old.validated
                if self.defect != "keep_perms" or not any(made.perms):
                    made.perms = [ALL, 0, 0, 0]
        if large:
            self.clear_region(base)
        elif first.large:  # the defect hole_in_2m
            self.smash(base, first)
        self.table[page] = made
        return result()

    def op_psmash(self, spa, caller=None):
        page = spa // PAGE
        if page != base_of(page) or not self.covered(page) or not self.covered(page + 511):
            return result(FAIL_INPUT)
        whole = self.entry(page)
        if not whole.assigned or not whole.large or whole.immutable or whole.asid == 0:
            return result(FAIL_BADADDR)
        self.smash(page, whole)
        return result()

    def smash(self, base, whole):
        for i in range(512):
            gpa = whole.gpa if self.defect == "psmash_gpa" else whole.gpa + i * PAGE
            self.table[base + i] = whole.copy(large=False, gpa=gpa)
            if self.defect == "psmash_validated":
                self.table[base + i].validated = False

    def op_rmpread(self, spa, caller=None):
        page = spa // PAGE
        if not self.covered(page):
            return result(FAIL_INPUT)
        found = self.entry(page)
        return result(operand={"gpa": hex(found.gpa), "assigned": found.assigned, "immutable": found.immutable,
                               "page_size": "2m" if found.large else "4k", "asid": found.asid})

    # --- instructions of guests ---------------------------------------------------------------------------------------

    def check_guest(self, asid, cpl):
        if asid == 0:
            raise Fault("#UD")
        if cpl:
            raise Fault("#GP", 0)

    def owns(self, found, covered, asid, gpa, spa):
        """Covered, the guest's own, seen where it was assigned, mutable."""
        size = REGION if found.large else PAGE
        agrees = found.gpa // size == gpa // size and (gpa ^ spa) % size < PAGE or self.defect == "reverse_map"
        return covered and found.assigned and found.asid == asid and agrees and not found.immutable

    def own_page(self, asid, gpa, spa):
        page = spa // PAGE
        at, found = self.authoritative(page)
        if not self.owns(found, self.covered(page), asid, gpa, spa):
            raise Fault("#NPF", P | USER | RMP | FINAL | ENC, gpa)
        return at, found

    def op_pvalidate(self, asid, vmpl, cpl, gpa, spa, leaf, page_size, validate):
        self.check_guest(asid, cpl)
        if vmpl:
            raise Fault("#GP", 0)
        large = page_size == "2m"
        if large and gpa % REGION >= PAGE:
            return result(FAIL_INPUT)
        at, found = self.own_page(asid, gpa, spa)
        if not large and found.large and self.defect != "pvalidate_size":
            raise Fault("#NPF", P | USER | RMP | FINAL | ENC | SIZEM, gpa)
        if large and (not found.large or leaf == "4k"):
            return result(FAIL_SIZEMISMATCH)
        unchanged = found.validated == bool(validate) and self.defect != "pvalidate_no_cf"
        self.table[at] = found.copy(validated=bool(validate))
        return result(cf=unchanged)

    def op_rmpadjust(self, asid, vmpl, cpl, gpa, spa, leaf, page_size, attributes):
        self.check_guest(asid, cpl)
        target, perms, vmsa = attributes & 0xFF, attributes >> 8 & 0xFF, attributes >> 16 & 1
        large = page_size == "2m"
        if attributes >> 17 or perms >> 5 or target >= VMPLS or large and gpa % REGION >= PAGE:
            return result(FAIL_INPUT)
        if perms and not perms & R or perms & SSS and perms & (XU | XS) or perms & XS and not perms & XU:
            return result(FAIL_INPUT)
        if target < vmpl or target == vmpl and self.defect != "adjust_own":
            return result(FAIL_PERMISSION)
        at, found = self.own_page(asid, gpa, spa)
        if not large and found.large:
            raise Fault("#NPF", P | USER | RMP | FINAL | ENC | SIZEM, gpa)
        if not found.validated:
            raise Fault("#VC", 0x404, gpa)
        if large and (not found.large or leaf == "4k"):
            return result(FAIL_SIZEMISMATCH)
        if perms & ~found.perms[vmpl] and self.defect != "adjust_more":
            return result(FAIL_PERMISSION)
        made = found.copy()
        made.perms[target] = perms
        if vmpl == 0:
            made.vmsa = bool(vmsa)
        self.table[at] = made
        return result()

    def op_rmpquery(self, asid, vmpl, cpl, gpa, spa, leaf, target_vmpl):
        self.check_guest(asid, cpl)
        if target_vmpl < vmpl or target_vmpl >= VMPLS:
            return result(FAIL_PERMISSION)
        _, found = self.own_page(asid, gpa, spa)
        if not found.validated:
            raise Fault("#VC", 0x404, gpa)
        attributes = target_vmpl | found.perms[target_vmpl] << 8 | found.vmsa << 16
        return result(page_size="2m" if found.large else "4k", attributes=hex(attributes))

    # --- accesses -----------------------------------------------------------------------------------------------------

    def op_access(self, by, kind, spa, leaf, gpa=0, asid=0, vmpl=0, cpl=0, snp=True, c=False):
        page, walk = spa // PAGE, kind in ("walk_read", "walk_write")
        writes = kind in ("write", "shadow_stack", "walk_write")
        guest = by == "guest"
        c = bool(c) or guest and bool(snp) and (walk or kind == "execute")
        if guest and snp and c:
            self.check_private(kind, writes, walk, page, asid, vmpl, cpl, gpa, spa, leaf)
            return {"ok": True}
        if not writes and (by == "device" or kind != "walk_read"):
            return {"ok": True}
        if self.hypervisor_owned(page, leaf != "4k" and kind != "walk_write"):
            return {"ok": True}
        if by == "device":
            if self.defect == "dma_write":
                return {"ok": True}
            raise Fault("abort")
        error = P | RMP | (WRITE if writes or walk else 0) | (SHADOW if kind == "shadow_stack" else 0)
        if by == "host":
            raise Fault("#PF", error | (USER if cpl == 3 and not walk else 0), gpa)
        raise Fault("#NPF", error | USER | (TABLE if walk else FINAL) | (ENC if c else 0), gpa)

    def hypervisor_owned(self, page, large):
        base = base_of(page)
        if large and self.covered(base) and self.defect != "huge_write":
            return not self.any_assigned(base)
        return not self.covered(page) or not self.authoritative(page)[1].assigned

    def check_private(self, kind, writes, walk, page, asid, vmpl, cpl, gpa, spa, leaf):
        _, found = self.authoritative(page)
        error = P | USER | RMP | ENC | (TABLE if walk else FINAL) | (WRITE if writes or walk else 0)
        error |= (ID if kind == "execute" else 0) | (SHADOW if kind == "shadow_stack" else 0)
        if not self.owns(found, self.covered(page), asid, gpa, spa) or (leaf != "4k") != found.large:
            raise Fault("#NPF", error, gpa)
        if not found.validated:
            if self.defect == "read_not_validated" and kind == "read":
                raise Fault("#NPF", error, gpa)
            raise Fault("#VC", 0x404, gpa)
        needed = W if writes else R
        if kind == "execute":
            needed = XU if cpl == 3 else XS
        if kind == "shadow_stack" and cpl != 3:
            needed = SSS
        perms = found.perms[vmpl]
        if not perms & needed:
            raise Fault("#NPF", error | VMPL | (SSS_INFO if perms & SSS else 0), gpa)

    # --- what the firmware and the table itself show ------------------------------------------------------------------

    def op_entry(self, spa):
        page = spa // PAGE
        if not self.covered(page):
            return {"lo": "0x0", "hi": "0x0", "state": "default"}
        found = self.entry(page)
        lo = found.assigned | found.large << 1 | found.immutable << 2 | found.gpa | found.asid << 51
        lo |= found.vmsa << 61 | found.validated << 62 | found.lock << 63
        if page == base_of(page) and not found.large:  # how many of the other pages are assigned
            lo |= sum(other in self.table and self.table[other].assigned for other in range(page + 1, page + 512)) << 3
        hi = sum(perms << 8 * level for level, perms in enumerate(found.perms))
        return {"lo": hex(lo), "hi": hex(hi), "state": found.state()}

    def op_firmware(self, command, **members):
        handler = getattr(self, f"command_{command}", None)
        if handler is None:
            return {"error": f"unknown command {command}"}
        return {"status": handler(**members)}

    def command_page_reclaim(self, spa, page_size):
        page, large = spa // PAGE, page_size == "2m"
        if spa % PAGE or spa >> 52:
            return "INVALID_PARAM"
        if not self.covered(page):
            return "INVALID_ADDRESS"
        found = self.entry(page)
        if found.large != large:
            return "INVALID_PAGE_SIZE"
        if large and page != base_of(page):
            return "INVALID_ADDRESS"
        if not found.immutable:
            return "SUCCESS"
        if found.state() not in ("metadata", "firmware", "pre-guest", "pre-swap"):
            return "INVALID_PAGE_STATE"
        self.table[page] = found.copy(immutable=False, lock=False)
        if self.defect == "reclaim_validated":
            self.table[page].validated = False
        return "SUCCESS"

    def command_page_unsmash(self, spa):
        base = spa // PAGE
        if spa % REGION or spa >> 52:
            return "INVALID_PARAM"
        if not self.covered(base) or not self.covered(base + 511):
            return "INVALID_ADDRESS"
        first = self.entry(base)
        if first.gpa % REGION:
            return "INVALID_PAGE_STATE"
        for i in range(512):
            one = self.entry(base + i)
            alike = one.asid == first.asid and one.validated == first.validated and one.perms == first.perms
            fits = one.assigned and one.immutable and one.asid and not one.large and not one.vmsa
            if not fits or not alike or one.gpa != first.gpa + i * PAGE:
                return "INVALID_PAGE_STATE"
        self.clear_region(base)
        self.table[base] = first.copy(large=True, lock=True)
        return "SUCCESS"

    def command_page_set_state(self, spa, pages):
        first = spa // PAGE
        if spa % REGION or spa >> 52:
            return "INVALID_PARAM"
        for page in range(first, first + pages):
            if not self.covered(page) or self.entry(page).large or self.entry(page).state() != "firmware":
                return "INVALID_PAGE_STATE"
        for page in range(first, first + pages):
            self.table[page] = Entry(immutable=True)
        return "SUCCESS"
