// SPDX-License-Identifier: MIT
// RMP entries in the format of Zen 3 and Zen 4 with the page state that they stand for, and status codes of RMP
// instructions.

#include <array>
#include <string>
#include <vector>

#include <sevspec/layout/codes/rmp_codes.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/rmp.hpp>

#include "decode.hpp"
#include "fields.hpp"
#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::rmp_entry_hw_qw0;
using layout::vmpl_permissions;

/// The firmware marks pages of its own in the three highest bits of the frame number.   RMP-STA-02
constexpr unsigned tag_lsb = 36;
constexpr std::uint64_t tag_iommu = 2;

/// Stands in the ASID field while firmware changes the 2M region.   RMP-UPD-09
constexpr std::uint32_t region_lock = 0x3FF;

constexpr std::uint64_t frames_of_2m = 512;

/// Who may do what with a page, by the checks of APM vol. 2, 15.36.10.
struct page_state {
  const char* name;
  const char* host_write;
  const char* shared_write;  ///< by guests without SEV-SNP, or with C=0
  const char* owner;         ///< with C=1
  const char* others;        ///< other guests, with C=1
  const char* dma_write;
  const char* rmpupdate;
};

constexpr const char* refused = "#PF with rmp";
constexpr const char* exits = "#NPF with rmp";
constexpr const char* aborted = "aborted";
constexpr const char* any_state = "to any state that software can make";
constexpr const char* not_by_software = "FAIL_PERMISSION: the firmware has to release the page";
constexpr const char* unvalidated = "#VC 0x404, until PVALIDATE";
constexpr const char* frozen = "#NPF with rmp: immutable";
constexpr const char* unknown = "unspecified";

constexpr page_state hypervisor{"hypervisor", "allowed", "allowed", exits, exits, "allowed", any_state};
constexpr page_state hv_fixed{"hv-fixed", "allowed", "allowed", exits, exits, "allowed", not_by_software};
constexpr page_state firmware{"firmware", refused, exits, exits, exits, aborted, not_by_software};
constexpr page_state firmware_iommu{"firmware-iommu", refused, exits, exits, exits, aborted, not_by_software};
constexpr page_state reclaim{"reclaim", refused, exits, exits, exits, aborted, any_state};
constexpr page_state context{"context", refused, exits, exits, exits, aborted, not_by_software};
constexpr page_state metadata{"metadata", refused, exits, exits, exits, aborted, not_by_software};
constexpr page_state pre_guest{"pre-guest", refused, exits, frozen, exits, aborted, not_by_software};
constexpr page_state pre_swap{"pre-swap", refused, exits, frozen, exits, aborted, not_by_software};
constexpr page_state guest_invalid{"guest-invalid", refused, exits, unvalidated, exits, aborted, any_state};
constexpr page_state guest_valid{"guest-valid", refused, exits, "by the VMPL's permissions", exits, aborted, any_state};
constexpr page_state invalid{"invalid", unknown, unknown, unknown, unknown, unknown, unknown};

/// The state of the page, in the order of RMP-STA-01. Pages that the RMP does not cover have no entry.
[[nodiscard]] auto state_of(rmp_entry_hw_qw0 entry) -> const page_state& {
  if (!entry.assigned()) {
    if (entry.validated() || entry.asid() != 0) return invalid;
    return entry.immutable() ? hv_fixed : hypervisor;
  }
  if (entry.asid() == 0) {
    if (entry.validated()) return invalid;
    if (!entry.immutable()) return reclaim;
    if (entry.gpa_pfn() == 0) return entry.vmsa() ? context : firmware;
    const bool one_page = entry.gpa_pfn() == (tag_iommu << tag_lsb | 1);
    return one_page && !entry.vmsa() ? firmware_iommu : metadata;
  }
  if (entry.immutable()) return entry.validated() ? pre_swap : pre_guest;
  return entry.validated() ? guest_valid : guest_invalid;
}

/// "full", "none", or the names of the permissions.
[[nodiscard]] auto permissions_text(vmpl_permissions permissions) -> std::string {
  if (permissions.raw == 0) return "none";
  std::vector<const char*> names;
  bool full = true;
  for (const layout::bit_info& range : layout::descriptions::vmpl_permissions.fields[0].bits) {
    if (range.reserved) continue;
    if (value_of(range, permissions.raw) != 0) names.push_back(range.name);
    else full = false;
  }
  const std::string text = full ? "full" : names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} ({:#x})", text, permissions.raw);
}

/// Masks that RMPADJUST refuses.   RMP-VPL-05
[[nodiscard]] auto misconfigured(vmpl_permissions p) -> bool {
  return (!p.read() && p.raw != 0) || (p.sss() && (p.exec_user() || p.exec_supervisor())) ||
         (p.exec_supervisor() && !p.exec_user());
}

struct entry {
  rmp_entry_hw_qw0 low;
  std::array<vmpl_permissions, 4> vmpl;

  [[nodiscard]] auto gpa() const -> std::uint64_t { return low.gpa_pfn() << 12; }
};

[[nodiscard]] auto entry_of(std::uint64_t low, std::uint64_t high) -> entry {
  const layout::rmp_entry_hw_qw1 permissions{high};
  const auto of = [](std::uint32_t byte) { return vmpl_permissions{static_cast<std::uint8_t>(byte)}; };
  return {rmp_entry_hw_qw0{low},
          {of(permissions.vmpl0_perms()), of(permissions.vmpl1_perms()), of(permissions.vmpl2_perms()),
           of(permissions.vmpl3_perms())}};
}

[[nodiscard]] auto summary(const entry& what) -> std::string {
  std::string text = what.low.assigned() ? "assigned" : "not assigned";
  text += what.low.page_size() ? ", 2M" : ", 4K";
  if (what.low.immutable()) text += ", immutable";
  if (what.low.assigned()) text += fmt::format(", gPA {:#x}, ASID {}", what.gpa(), what.low.asid());
  if (what.low.vmsa()) text += ", VMSA";
  if (what.low.assigned()) text += what.low.validated() ? ", validated" : ", not validated";
  for (std::size_t i = 0; i < what.vmpl.size(); ++i) {
    if (what.vmpl[i].raw == 0) continue;
    const std::string permissions = permissions_text(what.vmpl[i]);
    text += fmt::format(", VMPL{} {}", i, permissions.substr(0, permissions.find(" (")));
  }
  return text;
}

void add_entry(facts& out, const entry& what) {
  out.add("assigned", "{:d}", what.low.assigned());
  out.add("page_size", what.low.page_size() ? "2M" : "4K");
  out.add("immutable", "{:d}", what.low.immutable());
  out.add("subpage_count", "{}{}", what.low.subpage_count(),
          what.low.subpage_count() == 0 ? "" : " other 4K pages of the 2M region are assigned");
  out.add("gpa", hex(what.gpa()));
  out.add("asid", "{}", what.low.asid());
  out.add("vmsa", "{:d}", what.low.vmsa());
  out.add("validated", "{:d}", what.low.validated());
  out.add("lock", "{:d}", what.low.lock());
  for (std::size_t i = 0; i < what.vmpl.size(); ++i) out.add(fmt::format("vmpl{}", i), permissions_text(what.vmpl[i]));
}

void add_state(facts& out, const entry& what) {
  const page_state& state = state_of(what.low);
  out.add("page_state", state.name);
  const facts::inner meaning{out};
  out.add("host_write", state.host_write);
  out.add("shared_write", state.shared_write);
  out.add("owner", state.owner);
  out.add("other_guest", state.others);
  out.add("dma_write", state.dma_write);
  out.add("rmpupdate", state.rmpupdate);
  if (&state == &metadata)
    out.add("guest_context", "{:#x} (sPA)", (what.low.gpa_pfn() & ((std::uint64_t{1} << tag_lsb) - 1)) << 12);
  if (&state == &guest_valid && what.low.vmsa())
    out.add("while_it_runs", "VMRUN holds a VMSA in use: every write and every guest access faults with rmp");
}

void warn_of_entry(facts& out, const entry& what, std::optional<std::uint64_t> pfn) {
  const bool aligned = !pfn || *pfn % frames_of_2m == 0;
  if (&state_of(what.low) == &invalid) out.warn("no page state has this combination of bits (RMP-STA-01)");
  if (what.low.asid() == region_lock) out.warn("the ASID is the mark of firmware that is changing this 2M region");
  if (what.low.page_size() && what.gpa() % (frames_of_2m << 12) != 0)
    out.warn("the gPA of a 2M entry is not aligned to 2M (RMP-RUD-04)");
  if (what.low.page_size() && !aligned) out.warn("a 2M entry at a page that is not aligned to 2M");
  for (std::size_t i = 0; i < what.vmpl.size(); ++i) {
    const vmpl_permissions permissions = what.vmpl[i];
    const std::uint8_t bytes[] = {permissions.raw};
    const bool initial = i == 0 && permissions_text(permissions).starts_with("full");
    if (misconfigured(permissions) && !initial)
      out.warn(fmt::format("RMPADJUST does not make the permissions of vmpl{} (RMP-VPL-05)", i));
    warn_of_reserved(out, layout::descriptions::vmpl_permissions, bytes);
  }
}

void add_note(facts& out, const entry& what, std::optional<std::uint64_t> pfn) {
  const bool bare = what.low == rmp_entry_hw_qw0{}.set_assigned(true);
  if (bare && (!pfn || *pfn % frames_of_2m != 0))
    out.add("note",
            "the 511 later entries of a 2M page look the same: then the first entry of the region has the state");
  else if (!what.low.assigned() && what.low.subpage_count() != 0)
    out.add("note", "a 2M or 1G mapping of this region cannot be written through, 4K mappings of this page can");
}

}  // namespace

void decode_rmp_entry(facts& out, std::uint64_t low, std::uint64_t high, std::optional<std::uint64_t> pfn) {
  const entry what = entry_of(low, high);
  out.add("rmp_entry", "{}, page state {}", summary(what), state_of(what.low).name);
  const facts::inner parts{out};
  if (pfn) out.add("pfn", "{:#x}{}", *pfn, *pfn >> 52 == 0 ? fmt::format(" (sPA {:#x})", *pfn << 12) : "");
  add_entry(out, what);
  add_state(out, what);
  add_note(out, what, pfn);

  std::array<std::uint8_t, 16> bytes{};
  layout::write_le(bytes.data(), low);
  layout::write_le(bytes.data() + 8, high);
  warn_of_reserved(out, layout::descriptions::rmp_entry_hw, bytes);
  warn_of_entry(out, what, pfn);

  rule_ids rules;
  rules.add({"RMP-ENT-01", "RMP-ENT-02", "RMP-STA-01"});
  if (what.low.page_size() || what.low.subpage_count() != 0) rules.add({"RMP-ENT-07", "RMP-CHK-08"});
  if (what.low.vmsa()) rules.add({"RMP-CHK-15", "RMP-VMR-05"});
  out.add("rules", rules.text());
}

void decode_rmp_status(facts& out, std::int64_t status) {
  using enum layout::rmp_instruction_status;
  const layout::constant_table& table = layout::tables::rmp_instruction_status;
  const auto code = static_cast<std::uint64_t>(status);
  const std::string name = code_text(table, code);
  if (status < 0) {
    out.add("status", "{} (an error of the kernel, not of the instruction)", status);
    return;
  }
  out.add("status", "{} {}", status, name.empty() ? fmt::format("(not in {})", table.name) : name);
  rule_ids rules;
  rules.add({"RMP-INS-03"});
  const char* cause = nullptr;
  switch (static_cast<layout::rmp_instruction_status>(code)) {
    case success: cause = "done"; break;
    case fail_input:
      cause = "the page is not covered by the RMP, or not aligned to its size, or the operand contradicts itself";
      rules.add({"RMP-UPD-01", "RMP-GEO-16"});
      break;
    case fail_permission:
      cause = "the entry is immutable (the firmware owns the page or prepares it), or a guest executed the instruction";
      rules.add({"RMP-STA-03", "RMP-INS-09"});
      break;
    case fail_inuse:
      cause = "another processor is changing the entry, or VMRUN holds the page in use: retry";
      rules.add({"RMP-INS-12", "RMP-VMR-05"});
      break;
    case fail_overlap:
      cause = "a 4K update inside a 2M entry (PSMASH it first), or a 2M update over assigned 4K pages, or the firmware "
              "is changing the region: retry only if it is the last";
      rules.add({"RMP-UPD-02", "RMP-UPD-03", "RMP-UPD-04", "RMP-UPD-09", "RMP-KVM-02"});
      break;
    case fail_sizemismatch:
      cause = "the page size of the operand is not the one of the entry (PVALIDATE, RMPADJUST): retry with 4K";
      rules.add({"RMP-KVM-14"});
      break;
  }
  if (cause != nullptr) out.add("cause", cause);
  out.add("rules", rules.text());
}

}  // namespace sevspec::tool
