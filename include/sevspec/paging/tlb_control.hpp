// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TLB_CONTROL_HPP
#define SEVSPEC_PAGING_TLB_CONTROL_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/invlpgb.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

/// What drops translations from a TLB. Every function does to a `tlb` exactly what the architecture demands, no more:
/// where hardware may drop more, a model that does not shows the software which relies on it.
namespace sevspec::inline v0::paging {

/// MOV to CR3.   APM vol. 2, 5.5.1, 5.5.3
/// @param source  the value written; with CR4.PCIDE=1, bit 63 asks to keep translations
/// @param cr4     CR4
/// @param id      the current ASID
template <class Context, class Tlb>
constexpr void flush_for_mov_cr3(Context& ctx, Tlb& tlb, asid id, std::uint64_t cr4, std::uint64_t source) {
  if (!cr4::pcide::test(cr4)) {
    if (ctx.applies(rule::PAG_TLB_02, true)) tlb.flush_not_global(id);
  } else if (ctx.applies(rule::PAG_TLB_02, source >> 63 == 0)) {
    tlb.flush_not_global(address_space{.id = id, .pcid = static_cast<std::uint16_t>(source & 0xfff)});
  }
}

/// A write to CR0, CR4 or EFER. Bits that select other tables or other meanings drop everything of the current ASID;
/// the others (WP, SMEP, SMAP, ...) drop nothing.   APM vol. 2, 5.5.3, 15.16
/// @return whether translations were dropped
template <class Context, class Tlb>
constexpr auto flush_for_mode_change(Context& ctx, Tlb& tlb, asid id, const control_registers& before,
                                     const control_registers& after) -> bool {
  const std::uint64_t changed_cr4 = before.cr4 ^ after.cr4;
  const bool other_tables = cr0::pg::test(before.cr0 ^ after.cr0) || cr4::pae::test(changed_cr4) ||
                            cr4::pse::test(changed_cr4) || cr4::pge::test(changed_cr4);
  const bool keys_on = !cr4::pke::test(before.cr4) && cr4::pke::test(after.cr4);
  const bool pcids_off = cr4::pcide::test(before.cr4) && !cr4::pcide::test(after.cr4);
  if (!ctx.applies(rule::PAG_TLB_02, other_tables || keys_on || pcids_off)) return false;
  tlb.flush(id);  // PAG-ASID-03: of this ASID alone
  return true;
}

/// The conditions of CR4.PCIDE on a write to CR0 or CR4: #GP(0).   APM vol. 2, 5.5.1
template <class Context>
[[nodiscard]] constexpr auto pcid_fault(Context& ctx, const control_registers& before, const control_registers& after)
    -> std::optional<fault> {
  const bool set = !cr4::pcide::test(before.cr4) && cr4::pcide::test(after.cr4);
  const bool unfit = set && (!efer::lma::test(before.efer) || (before.cr3 & 0xfff) != 0);
  const bool paging_off = cr0::pg::test(before.cr0) && !cr0::pg::test(after.cr0) && cr4::pcide::test(before.cr4);
  if (ctx.denies(rule::PAG_TLB_04, unfit || paging_off)) return fault{fault_kind::gp, rule::PAG_TLB_04, 0, 0};
  return {};
}

/// What happens to a core besides instructions that name translations.
enum class core_event : std::uint8_t { smi, rsm, mtrr_write, iorr_write, vmrun, vmexit };

/// SMI, RSM, and writes to MTRRs and IORRs drop everything of every ASID. VMRUN and #VMEXIT by themselves drop nothing:
/// that is what TLB_CONTROL is for.   APM vol. 2, 15.16
template <class Context, class Tlb>
constexpr void flush_for_event(Context& ctx, Tlb& tlb, core_event event) {
  const bool map_changes = event != core_event::vmrun && event != core_event::vmexit;
  if (ctx.applies(rule::PAG_ASID_03, map_changes)) tlb.flush_all();
}

/// INVLPG: the page, global or not, of the current address space.   APM vol. 2, 5.5.3
template <class Context, class Tlb>
constexpr void invlpg(Context& ctx, Tlb& tlb, address_space space, std::uint64_t linear) {
  if (ctx.applies(rule::PAG_TLB_02, true)) tlb.flush_page(space, linear, false, true);
}

/// INVLPGA: a guest virtual page of an ASID; there is no way to name a gPA.   APM vol. 2, 15.16.2
/// @param rax  guest virtual address
/// @param ecx  ASID
template <class Context, class Tlb>
constexpr void invlpga(Context&, Tlb& tlb, std::uint64_t rax, std::uint32_t ecx) {
  tlb.flush_page({.id = {ecx}}, rax, true, true);  // PAG-ASID-05
}

/// Values of VMCB TLB_CONTROL.   APM vol. 2, 15.16.1
enum class tlb_control : std::uint8_t {
  nothing = 0,
  flush_all = 1,              ///< every ASID, global or not
  flush_guest = 3,            ///< the guest's ASID, global or not
  flush_guest_not_global = 7  ///< the guest's ASID, what is not global
};

/// VMRUN's reading of TLB_CONTROL, which it does not clear.   APM vol. 2, 15.16.1, 15.36.15
/// @param value  VMCB 058h bits 34:32
/// @return the flush; nothing for a reserved value, or one that the part does not have: VMEXIT_INVALID
template <class Context>
[[nodiscard]] constexpr auto tlb_control_of(Context& ctx, const cpu_part& part, unsigned value)
    -> std::optional<tlb_control> {
  const bool known = value == 0 || value == 1 || (part.flush_by_asid && (value == 3 || value == 7));
  if (ctx.denies(rule::PAG_ASID_02, !known)) return {};
  return static_cast<tlb_control>(value);
}

/// Does what TLB_CONTROL says, before the guest runs. For an SNP-active guest 3 and 7 are the same.
template <class Context, class Tlb>
constexpr void apply_tlb_control(Context& ctx, Tlb& tlb, tlb_control what, const two_stage_regime& machine) {
  switch (what) {
    case tlb_control::nothing:     return;
    case tlb_control::flush_all:   return tlb.flush_all();
    case tlb_control::flush_guest: return tlb.flush(machine.id);
    case tlb_control::flush_guest_not_global:
      if (ctx.applies(rule::PAG_ASID_02, machine.snp_active)) return tlb.flush(machine.id);
      return tlb.flush_not_global(machine.id);
  }
}

/// A decoded INVLPGB, to be done to the TLBs of all cores.   APM vol. 3, INVLPGB
struct broadcast_invalidation {
  std::optional<std::uint64_t> linear{};  ///< first page; without one, every address
  std::uint32_t pages = 1;                ///< number of pages from `linear` on
  bool stride_2m{};                       ///< pages are 2M apart, else 4K
  std::optional<asid> id{};               ///< without one, every ASID
  std::optional<std::uint16_t> pcid{};    ///< without one, every PCID
  bool globals{};                         ///< global translations, too

  friend constexpr auto operator==(const broadcast_invalidation&, const broadcast_invalidation&) -> bool = default;
};

/// Who executes INVLPGB or TLBSYNC.
struct broadcast_issuer {
  bool guest{};          ///< in guest mode
  bool guest_enabled{};  ///< VMCB 090h bit 7, where the part has it
  bool sev_es{};         ///< a SEV-ES guest: always enabled
  asid id{};             ///< a guest's ASID: all it can reach
  cpl level = kernel_mode;
  unsigned levels = 4;  ///< of the linear addresses, for the canonical check
};

/// INVLPGB's operands and conditions: #UD where the part or the hypervisor does not offer it, #GP(0) otherwise.
/// @param most_pages  CPUID Fn8000_0008 EDX[15:0]: highest value of the page count
template <class Context>
[[nodiscard]] constexpr auto decode_invlpgb(Context& ctx, const broadcast_issuer& who, std::uint64_t rax,
                                            std::uint32_t ecx, std::uint32_t edx, std::uint32_t most_pages)
    -> std::expected<broadcast_invalidation, fault> {
  const auto refuse = [](fault_kind kind) { return std::unexpected{fault{kind, rule::PAG_ASID_06, 0, 0}}; };
  if (ctx.denies(rule::PAG_ASID_06, who.guest && !who.sev_es && !who.guest_enabled)) return refuse(fault_kind::ud);
  const layout::invlpgb_rax a{rax};
  const layout::invlpgb_ecx c{ecx};
  const layout::invlpgb_edx d{edx};
  const std::uint64_t first = rax & ~std::uint64_t{0xfff};
  const bool privileged = who.level == kernel_mode;
  const bool in_range = (ecx & 0xffff) <= most_pages;
  const bool canonical = !a.va_valid() || who.levels < 4 || is_canonical(address<host_virtual>{first}, who.levels);
  if (ctx.denies(rule::PAG_ASID_06, !privileged || !in_range || !canonical)) return refuse(fault_kind::gp);

  broadcast_invalidation result{.globals = a.include_global()};
  if (a.va_valid()) {
    result.linear = first;
    result.pages = (ecx & 0xffff) + 1;
    result.stride_2m = c.large_page();
  }
  if (a.pcid_valid()) result.pcid = static_cast<std::uint16_t>(d.pcid());
  if (a.asid_valid()) result.id = asid{static_cast<std::uint32_t>(d.asid())};
  if (who.guest) result.id = who.id;  // a guest reaches its own translations alone
  return result;
}

/// What an INVLPGB does to one core's TLB. Its flags "final translation only" and "include nested translations" are
/// about caches of parts of a walk, which a TLB of complete translations does not have. A page that is named with a
/// stride of 2M is taken as 2M long: smaller translations inside it go, too.
template <class Tlb>
constexpr void apply(const broadcast_invalidation& what, Tlb& tlb) {
  tlb.flush_if([&](address_space space, const cached_translation& held) {
    if (what.id && space.id != *what.id) return false;
    if (held.global ? !what.globals : what.pcid && space.pcid != *what.pcid) return false;
    if (!what.linear) return true;
    const std::uint64_t stride = what.stride_2m ? bytes_in(page_size::k2m) : bytes_in(page_size::k4k);
    const std::uint64_t size = bytes_in(held.size);
    for (std::uint64_t i = 0; i < what.pages; ++i) {
      const std::uint64_t page = *what.linear + i * stride;
      if (page - held.linear < size || held.linear - page < stride) return true;  // one begins inside the other
    }
    return false;
  });
}

/// INVLPGBs on their way between cores: the issuer's own TLB obeys at once, the others at some time before the issuer's
/// TLBSYNC completes.
/// @tparam Tlb    a `tlb`
/// @tparam Cores  number of cores
/// @tparam Depth  how many invalidations may wait for one core; it obeys the oldest when there would be more
template <class Tlb, std::size_t Cores, std::size_t Depth = 16>
class broadcast_queue {
 public:
  /// INVLPGB by one core.
  constexpr void issue(std::array<Tlb, Cores>& tlbs, std::size_t core, const broadcast_invalidation& what) {
    for (std::size_t other = 0; other < Cores; ++other) {
      if (other == core) {
        apply(what, tlbs[other]);
        continue;
      }
      inbox& waiting = inboxes_[other];
      if (waiting.count == Depth) obey_oldest(tlbs[other], waiting);
      waiting.items[waiting.count++] = {.what = what, .issuer = core};
    }
  }

  /// One core obeys the oldest invalidation that waits for it, as it may at any time.
  /// @return whether there was one
  constexpr auto obey_one(std::array<Tlb, Cores>& tlbs, std::size_t core) -> bool {
    if (inboxes_[core].count == 0) return false;
    obey_oldest(tlbs[core], inboxes_[core]);
    return true;
  }

  /// TLBSYNC: completes when all cores have obeyed all that this core has issued.   PAG-ASID-06
  constexpr void tlbsync(std::array<Tlb, Cores>& tlbs, std::size_t core) {
    for (std::size_t other = 0; other < Cores; ++other) {
      const auto waits = [&] {
        for (std::size_t i = 0; i < inboxes_[other].count; ++i)
          if (inboxes_[other].items[i].issuer == core) return true;
        return false;
      };
      while (waits()) obey_oldest(tlbs[other], inboxes_[other]);
    }
  }

 private:
  struct item {
    broadcast_invalidation what{};
    std::size_t issuer{};
  };
  struct inbox {
    std::array<item, Depth> items{};
    std::size_t count{};
  };

  static constexpr void obey_oldest(Tlb& tlb, inbox& waiting) {
    apply(waiting.items[0].what, tlb);
    --waiting.count;
    for (std::size_t i = 0; i < waiting.count; ++i) waiting.items[i] = waiting.items[i + 1];
  }

  std::array<inbox, Cores> inboxes_{};
};

}  // namespace sevspec::inline v0::paging

#endif
