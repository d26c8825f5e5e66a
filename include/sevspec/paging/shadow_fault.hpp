// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_SHADOW_FAULT_HPP
#define SEVSPEC_PAGING_SHADOW_FAULT_HPP

#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/l2_address.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging {

/// A leaf of nPT02. It is always a user page: U/S=0 in nPT12 is a fault of L1's (PAG-L2-05).
struct shadow_leaf {
  spa where{};              ///< first byte of the page
  page_size size{};         ///< of the page, in both address spaces
  bool writable{};          ///< R/W
  bool no_execute{};        ///< NX
  bool c{};                 ///< C-bit: nPT01's, for nPT02 is L0's table. nPT12's has no place here (PAG-L2C-04)
  bool reserved_bit_set{};  ///< maps nothing: every access is a reserved-bit fault (PAG-L2-13)

  friend constexpr auto operator==(const shadow_leaf&, const shadow_leaf&) -> bool = default;
};

/// The leaf as an entry of nPT02. A and D are left to the processor.
/// @param npt02  the regime of nPT02; with `reserved_bit_set` its entries have reserved address bits
[[nodiscard]] constexpr auto entry_for(const shadow_leaf& leaf, const nested_regime& npt02) -> entry {
  Expects(!leaf.reserved_bit_set || npt02.above_width != 0);
  if (leaf.reserved_bit_set) return {entry::p::mask | entry::us::mask | npt02.above_width};
  std::uint64_t raw = entry::p::mask | entry::us::mask | leaf.where.value;
  if (leaf.writable) raw |= entry::rw::mask;
  if (leaf.no_execute) raw |= entry::nx::mask;
  if (leaf.c) raw |= npt02.c_mask;
  if (leaf.size != page_size::k4k) raw |= entry::ps::mask;
  return {raw};
}

/// An #NPF that L2 raised on nPT02, as the hardware reports it to L0.
struct l2_nested_fault {
  l2_gpa where{};                          ///< EXITINFO2
  std::uint64_t exit_info_1{};             ///< EXITINFO1
  std::optional<shadow_leaf> installed{};  ///< nPT02's leaf for `where` when it happened

  /// What the access was to the nested tables (PAG-L2-01).
  [[nodiscard]] constexpr auto kind() const noexcept -> access_kind {
    const bool write = page_fault_code::w::test(exit_info_1);
    if (page_fault_code::ss::test(exit_info_1))
      return write ? access_kind::shadow_stack_write : access_kind::shadow_stack_read;
    if (page_fault_code::id::test(exit_info_1)) return access_kind::execute;
    return write ? access_kind::write : access_kind::read;
  }
};

/// What L0 does about a fault of L2.
struct shadow_decision {
  enum class kind : std::uint8_t {
    reflect_to_l1,    ///< #VMEXIT to L1 with the three `exit_` members
    l0_fix,           ///< L0 makes nPT01 allow the access to `l1_address` and lets L2 go on; L1 does not see it
    l0_emulate_mmio,  ///< L0 emulates the access to its device at `l1_address`
    install,          ///< nPT02 gets `leaf`, and L2 goes on
    fault_in_l2,      ///< L2 takes `raised`; for #VC, nPT02 gets the reserved entry `leaf`, which raises it
    no_memory,        ///< nothing decided: L1 has no memory at `l1_address`; see `fault_kind::no_memory`
  };
  kind what{};
  rule decided_by = rule::none;
  rule because = rule::none;    ///< the rule that made the walk of nPT12, gPT2 or nPT01 fail
  std::uint64_t exit_code{};    ///< EXITCODE for VMCB12
  std::uint64_t exit_info_1{};  ///< EXITINFO1 for VMCB12
  std::uint64_t exit_info_2{};  ///< EXITINFO2 for VMCB12
  gpa l1_address{};             ///< the fault address for L0
  fault raised{};
  shadow_leaf leaf{};

  friend constexpr auto operator==(const shadow_decision&, const shadow_decision&) -> bool = default;
};

/// The leaf of nPT02 that both tables together allow (PAG-L2-05, PAG-L2-06).   APM vol. 2, 15.25.5
/// @param npt12    what the walk of nPT12 found for an access of this kind, its leaf as it was before
/// @param npt01    what the walk of nPT01 found for `npt12.where`
/// @param kind     the access that both walks allowed
/// @param largest  largest page that nPT02 may use: under SEV-SNP the size of the RMP entry (PAG-L2C-07)
template <class Context>
[[nodiscard]] constexpr auto compose_leaf(Context& ctx, const mapping<guest_physical>& npt12,
                                          const mapping<system_physical>& npt01, access_kind kind,
                                          page_size largest = page_size::k1g) -> shadow_leaf {
  page_size size = smaller_of(smaller_of(npt12.size, npt01.size), largest);
  if (size == page_size::k4m) size = page_size::k2m;  // L1's legacy tables have 4M pages, nPT02 has not

  // The walk of nPT12 sets D for a write. While D is clear, the first write must still be seen: to set it.
  const bool both_writable = npt12.rights.writable && npt01.rights.writable;
  const bool clean = !npt12.leaf.dirty() && !writes(kind);
  const bool await_first_write = ctx.applies(rule::PAG_L2_06, both_writable && clean);

  return {.where = page_base(npt01.where, size),
          .size = size,
          .writable = both_writable && !await_first_write,
          .no_execute = npt12.rights.no_execute || npt01.rights.no_execute,
          .c = npt01.c};
}

/// What L0 does when L1's own tables forbid what L2 does: L1 learns it as from hardware, except that only hardware
/// knows what the faulting gPA was for. A reserved bit is not for L1 but for L2 if that has encrypted state.
/// APM vol. 2, 15.25.6, 15.35.4
/// @param reason              #NPF of the walk of nPT12
/// @param hardware            EXITINFO1 of L2's exit: bits 33:32 count
/// @param l2_encrypted_state  L2 runs with SEV-ES or SEV-SNP
template <class Context>
[[nodiscard]] constexpr auto decide_l1_failure(Context& ctx, const fault& reason, std::uint64_t hardware,
                                               bool l2_encrypted_state) -> shadow_decision {
  Expects(reason.kind == fault_kind::npf);
  using code = page_fault_code;
  const bool reserved = code::rsvd::test(reason.code);
  if (ctx.applies(rule::PAG_L2_13, reserved && l2_encrypted_state))
    return {.what = shadow_decision::kind::fault_in_l2,
            .decided_by = rule::PAG_L2_13,
            .because = reason.decided_by,
            .raised = {fault_kind::vc, rule::PAG_L2_13, vmexit_npf, 0},
            .leaf = {.size = page_size::k4k, .reserved_bit_set = true}};

  constexpr std::uint64_t what_for = code::final_gpa::mask | code::guest_table::mask;
  return {.what = shadow_decision::kind::reflect_to_l1,
          .decided_by = rule::PAG_L2_02,
          .because = reason.decided_by,
          .exit_code = vmexit_npf,
          .exit_info_1 = (reason.code & ~what_for) | (hardware & what_for),
          .exit_info_2 = reason.address};
}

/// What L0 does about an #NPF of L2.   APM vol. 2, 15.25.6; 15.36.10
///
/// L1 is asked first, so that its failure wins (PAG-L2-04); then L0's own tables; only then is it a matter of page
/// ownership (PAG-L2-14).
/// @param exit                the fault
/// @param npt12               the walk of nPT12 for `exit.where` and an access of `exit.kind()`: #NPF, or the L1 gPA
/// @param mmio                L0 emulates a device at that L1 gPA
/// @param npt01               the walk of nPT01 for that L1 gPA and the same access; not looked at if `npt12` failed
/// @param l2_encrypted_state  L2 runs with SEV-ES or SEV-SNP
/// @param largest             as of `compose_leaf`
template <class Context>
[[nodiscard]] constexpr auto decide_l2_fault(Context& ctx, const l2_nested_fault& exit,
                                             const outcome<mapping<guest_physical>>& npt12, bool mmio,
                                             const outcome<mapping<system_physical>>& npt01, bool l2_encrypted_state,
                                             page_size largest = page_size::k1g) -> shadow_decision {
  using enum shadow_decision::kind;
  if (!npt12) return decide_l1_failure(ctx, npt12.error(), exit.exit_info_1, l2_encrypted_state);  // PAG-L2-02, 04

  if (mmio) return {.what = l0_emulate_mmio, .decided_by = rule::PAG_L2_03, .l1_address = npt12->where};
  if (!npt01)
    return {.what = npt01.error().kind == fault_kind::no_memory ? no_memory : l0_fix,
            .decided_by = rule::PAG_L2_03,
            .because = npt01.error().decided_by,
            .l1_address = npt12->where};

  const shadow_leaf leaf = compose_leaf(ctx, *npt12, *npt01, exit.kind(), largest);
  // A shadow that was missing or stale is the explanation; if it was as it must be, the page's owner is to blame.
  const bool ownership = page_fault_code::rmp::test(exit.exit_info_1);
  if (ctx.applies(rule::PAG_L2_14, ownership && exit.installed == leaf))
    return {.what = reflect_to_l1,
            .decided_by = rule::PAG_L2_14,
            .exit_code = vmexit_npf,
            .exit_info_1 = exit.exit_info_1,
            .exit_info_2 = exit.where.value};
  return {.what = install, .decided_by = rule::PAG_L2_05, .leaf = leaf};
}

/// "reflect_to_l1", "l0_fix", ...
[[nodiscard]] constexpr auto name_of(shadow_decision::kind what) noexcept -> const char* {
  using enum shadow_decision::kind;
  switch (what) {
    case reflect_to_l1:   return "reflect_to_l1";
    case l0_fix:          return "l0_fix";
    case l0_emulate_mmio: return "l0_emulate_mmio";
    case install:         return "install";
    case fault_in_l2:     return "fault_in_l2";
    case no_memory:       return "no_memory";
  }
  return "?";
}

}  // namespace sevspec::inline v0::paging

#endif
