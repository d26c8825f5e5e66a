// SPDX-License-Identifier: MIT
// Faults: EXITINFO1 of #VMEXIT(NPF) and the error code of #PF, bit by bit and as a whole.

#include <string>

#include <sevspec/layout/exit_info.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::exitinfo1_npf;
using layout::pf_error_code;

constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t large_page = 0x20'0000;

/// "shadow-stack read", "instruction fetch", ...: what both kinds of codes say alike.
template <class Code>
[[nodiscard]] auto access_text(Code code) -> std::string {
  return fmt::format("{}{}", code.ss() ? "shadow-stack " : "",
                     code.id()   ? "instruction fetch"
                     : code.rw() ? "write"
                                 : "read");
}

/// What no processor reports in either kind of code.
template <class Code>
void warn_of_contradictions(facts& out, Code code) {
  if (code.rsv() && !code.p()) out.warn("rsv without p: a reserved bit is found only in entries that are present");
  if (code.id() && code.rw()) out.warn("id with rw: an instruction fetch does not write");
  if (code.rmp() && !code.p()) out.warn("rmp without p: the RMP is asked only after a complete translation");
}

// --- #VMEXIT(NPF)

void add_address(facts& out, exitinfo1_npf code, std::uint64_t address) {
  out.add("gpa", hex(address));
  const facts::inner parts{out};
  out.add("page", "{:#x} (frame {:#x}, byte {:#x} of the page)", address - address % page, address / page,
          address % page);
  out.add("region_2m", hex(address - address % large_page));
  if (code.page_table())
    out.add("entry", "{} of the guest page table at {:#x}", address % page / 8, address - address % page);
  if (address >> 52 != 0) out.warn("the address has bits above bit 51");
}

void warn_of_npf(facts& out, exitinfo1_npf code) {
  if (code.final() == code.page_table())
    out.warn(fmt::format("{}: a processor sets exactly one of them (PAG-NPF-10, RMP-FLT-10)",
                         code.final() ? "both final and page_table" : "neither final nor page_table"));
  warn_of_contradictions(out, code);
  if (!code.us()) out.warn("us is clear: nested accesses are user accesses, unless GMET is on (PAG-NPF-10)");
  if (code.page_table() && code.id()) out.warn("page_table with id: guest page tables are never fetched from");
  if (code.page_table() && !code.rw())
    out.warn("page_table without rw: guest page tables are written, unless the VMCB has ro_gpt_enable (PAG-NPT-11)");
  if (code.sizem() && !code.rmp()) out.warn("sizem without rmp: it is a kind of RMP failure (RMP-FLT-03)");
  if (code.vmpl() && !code.rmp()) out.warn("vmpl without rmp: VMPL failures set both (RMP-FLT-04)");
  if (code.sizem() && code.vmpl()) out.warn("sizem with vmpl: only one check fails at a time");
  if (code.rmp() && code.rsv()) out.warn("rmp with rsv: page-table checks come before RMP checks (RMP-CHK-03)");
  if (code.rmp() && !code.enc() && !code.rw() && !code.page_table())
    out.warn("rmp on a read that is not private: such reads are not checked (RMP-CHK-02)");
}

/// Why it faulted and what a hypervisor does, in the order of the checks from last to first.
void explain_vmpl(facts& out, rule_ids& rules, exitinfo1_npf code) {
  const char* needed = "read";
  if (code.ss()) needed = "sss, for a supervisor shadow stack, else read or write";
  else if (code.id()) needed = "exec_user at CPL 3, exec_supervisor at CPL 0 to 2";
  else if (code.page_table()) needed = "read, or write to update accessed and dirty bits";
  else if (code.rw()) needed = "write";
  out.add("cause",
          "the page is the guest's own and validated, but its RMP entry denies the running VMPL the access "
          "(permission needed: {})",
          needed);
  out.add("hypervisor", "cannot grant it: only a more privileged VMPL of the guest can (RMPADJUST). Resuming faults "
                        "again, so it runs that VMPL or stops the guest");
  rules.add({"RMP-FLT-04", "RMP-VPL-01", "RMP-CHK-03"});
  if (code.page_table()) rules.add({"RMP-VPL-02"});
  if (code.sss() || code.ss()) rules.add({"RMP-FLT-05", "RMP-VPL-03"});
}

void explain_size_mismatch(facts& out, rule_ids& rules) {
  out.add("cause", "PVALIDATE or RMPADJUST named a page size that is not the one of the RMP entry: a 4K page inside a "
                   "2M entry");
  out.add("hypervisor",
          "splits the 2M entry with PSMASH, again while it answers FAIL_INUSE, removes the nested mapping "
          "of the 2M region, and resumes; the guest does not notice");
  rules.add({"RMP-FLT-03", "RMP-KVM-06", "PST-03"});
}

void explain_private(facts& out, rule_ids& rules, exitinfo1_npf code) {
  out.add("cause",
          "an RMP check of a private access failed before validation was looked at: the page is not covered by "
          "the RMP, not assigned, another guest's, assigned at another gPA, immutable or in use, or mapped with "
          "another size than its RMP entry has");
  out.add("hypervisor", "looks up the RMP entry. If the gPA is not recorded as private: the guest changed it without "
                        "asking, so it asks user space to convert the page. Not assigned: RMPUPDATE. 2M entry under a "
                        "4K mapping: PSMASH, or map 2M. 4K entry under a larger mapping: map 4K. 4K on both sides: "
                        "spurious, resume");
  rules.add({"RMP-CHK-01", "RMP-CHK-04", "RMP-CHK-10", "RMP-CHK-16", "RMP-KVM-04", "RMP-KVM-06", "RMP-KVM-07"});
  if (code.page_table()) rules.add({"PAG-RMPS-02"});
}

void explain_shared(facts& out, rule_ids& rules, exitinfo1_npf code) {
  out.add("cause",
          "{} that is not private reached a page that is assigned in the RMP, or a 2M or 1G mapping of a region "
          "of which a page is assigned",
          code.page_table() ? "a page-table access" : "a write");
  out.add("hypervisor",
          "if the gPA is recorded as shared: maps the region with 4K pages. If it is recorded as private: "
          "the guest changed it without asking, so it asks user space to convert the page");
  rules.add({"RMP-CHK-01", "RMP-CHK-08", "RMP-CHK-15", "RMP-KVM-07"});
}

void explain_reserved(facts& out, rule_ids& rules) {
  out.add("cause", "a nested entry has a reserved bit set; hypervisors set one on purpose to mark MMIO");
  out.add("hypervisor",
          "emulates the access, if it set the bit. Of a SEV-ES or SEV-SNP guest it sees no such exit: the "
          "guest gets #VC with this exit code, and asks for MMIO through the GHCB");
  rules.add({"PAG-RSV-11", "PAG-NPF-12", "WSW-AE-02"});
}

void explain_not_present(facts& out, rule_ids& rules, exitinfo1_npf code) {
  out.add("cause", "a nested entry on the way is not present");
  if (code.enc())
    out.add("hypervisor",
            "maps the page. A private page that is not assigned yet is assigned first (RMPUPDATE); if the "
            "gPA is recorded as shared, it asks user space to convert the page");
  else
    out.add("hypervisor", "maps the page, or emulates the access if nothing is there; if the guest is an SNP guest and "
                          "the gPA is recorded as private, it asks user space to convert the page");
  rules.add({"PAG-ENT-02", "PAG-NPF-13"});
  if (code.enc()) rules.add({"RMP-KVM-04"});
  rules.add({"RMP-KVM-07"});
}

void explain_permission(facts& out, rule_ids& rules, exitinfo1_npf code) {
  const char* missing = "user accesses";
  if (code.page_table()) missing = "writes, and guest page tables count as written by every walk";
  else if (code.ss()) missing = "shadow-stack accesses";
  else if (code.id()) missing = "instruction fetches (NX), or user accesses";
  else if (code.rw()) missing = "writes, or user accesses";
  out.add("cause", "the nested tables are present but do not allow {}", missing);
  out.add("hypervisor", "{}",
          code.rw() || code.page_table()
              ? "if it write-protected the page (dirty logging, shadowed tables, read-only memory): "
                "does what it protected it for; else corrects the mapping"
              : "corrects the mapping, or refuses the access if it meant to forbid it");
  rules.add({"PAG-NPF-02"});
  rules.add({code.page_table() ? "PAG-NPT-11" : "PAG-NPT-13"});
}

// --- #PF

void explain_rmp_pf(facts& out, rule_ids& rules, pf_error_code code) {
  if (code.id() || !code.rw()) out.warn("rmp on an access that does not write: the host's reads are not checked");
  out.add("cause",
          "the host wrote to a page that is assigned in the RMP (a guest's or the firmware's), or through a 2M "
          "or 1G mapping of a region of which a page is assigned, or to a page that VMRUN holds in use");
  out.add("hypervisor",
          "a write to someone else's page is the host's own mistake. Otherwise it splits the mapping to 4K "
          "and retries, and keeps VMCB, VMSA and AVIC pages off 2M-aligned addresses; a page whose entry "
          "another processor was changing just needs the retry");
  rules.add({"RMP-FLT-01", "PAG-PF-05", "RMP-CHK-01", "RMP-CHK-08", "RMP-CHK-15", "RMP-CHK-16", "RMP-ERR-01"});
}

void explain_pf(facts& out, rule_ids& rules, pf_error_code code) {
  if (code.rsv()) {
    out.add("cause", "a page-table entry has a reserved bit set");
    rules.add({"PAG-RSV-01", "PAG-RSV-02", "PAG-PF-02"});
  } else if (!code.p()) {
    out.add("cause", "a page-table entry on the way is not present");
    rules.add({"PAG-ENT-02"});
  } else if (code.pk()) {
    out.add("cause", "the page's protection key denies the access; other permissions may deny it too");
    rules.add({"PAG-PERM-06"});
  } else if (code.ss()) {
    out.add("cause", "a shadow-stack access to a page that is no shadow stack of this privilege");
    rules.add({"PAG-PERM-07"});
  } else if (code.id()) {
    out.add("cause", "{}",
            code.us() ? "the page is not executable (NX), or not for user mode"
                      : "the page is not executable (NX), or a user page under SMEP");
    rules.add({"PAG-PERM-03", code.us() ? "PAG-PERM-01" : "PAG-PERM-04"});
  } else {
    out.add("cause", "{}",
            code.us()   ? code.rw() ? "the page is not writable, or not for user mode" : "the page is not for user mode"
            : code.rw() ? "the page is not writable under CR0.WP, or a user page under SMAP"
                        : "a user page under SMAP");
    if (code.us()) rules.add({"PAG-PERM-01"});
    if (code.rw()) rules.add({"PAG-PERM-02"});
    if (!code.us()) rules.add({"PAG-PERM-05"});
  }
  out.add("hypervisor", "learns of a guest's #PF only if it intercepts it; the guest's own tables and modes decide");
  rules.add({"PAG-NPF-03"});
}

}  // namespace

void decode_npf(facts& out, std::uint64_t code, std::optional<std::uint64_t> address) {
  const exitinfo1_npf npf{code};
  add_word(out, "exitinfo1", layout::descriptions::exitinfo1_npf, code);
  if (address) add_address(out, npf, *address);
  out.add("access", "{}, {}, {}",
          npf.page_table() && !npf.final() ? "walk of the guest's page tables, a write whatever the guest does"
                                           : access_text(npf) + " of the guest",
          npf.page_table() && !npf.final() ? "at the address of one of their entries" : "at the final address",
          npf.enc() ? "private (C=1)" : "not private (C=0, or a processor without SEV-SNP)");
  warn_of_npf(out, npf);

  rule_ids rules;
  rules.add({"PAG-NPF-10"});
  if (npf.rmp()) rules.add({"RMP-FLT-02", "RMP-FLT-06"});
  if (npf.rmp() && npf.vmpl()) explain_vmpl(out, rules, npf);
  else if (npf.rmp() && npf.sizem()) explain_size_mismatch(out, rules);
  else if (npf.rmp() && npf.enc()) explain_private(out, rules, npf);
  else if (npf.rmp()) explain_shared(out, rules, npf);
  else if (npf.rsv()) explain_reserved(out, rules);
  else if (!npf.p()) explain_not_present(out, rules, npf);
  else explain_permission(out, rules, npf);
  out.add("rules", rules.text());
}

void decode_pf(facts& out, std::uint32_t code) {
  const pf_error_code pf{code};
  add_word(out, "error_code", layout::descriptions::pf_error_code, code);
  out.add("access", "{} {}", pf.us() ? "user" : "supervisor", access_text(pf));
  warn_of_contradictions(out, pf);
  if (pf.pk() && !pf.p()) out.warn("pk without p: protection keys are looked at only after a complete walk");
  if (pf.pk() && pf.id()) out.warn("pk with id: protection keys do not apply to fetches (PAG-PERM-06)");

  rule_ids rules;
  rules.add({"PAG-PF-01"});
  if (pf.rmp()) explain_rmp_pf(out, rules, pf);
  else explain_pf(out, rules, pf);
  out.add("rules", rules.text());
}

}  // namespace sevspec::tool
