// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L2_FAULT_WALK_HPP
#define SEVSPEC_PAGING_L2_FAULT_WALK_HPP

#include <expected>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/detail/nested_stage.hpp>
#include <sevspec/paging/detail/retag.hpp>
#include <sevspec/paging/l1_physical_memory.hpp>
#include <sevspec/paging/l2_address.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/shadow_fault.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// An L1 that has no devices of L0's.
struct no_devices {
  [[nodiscard]] constexpr auto operator()(gpa) const noexcept -> bool { return false; }
};

namespace detail {

/// L0's software must see which entry of nPT12 is at fault, whatever L2's processor would make of it: so L2 counts as
/// one without encrypted state.
[[nodiscard]] constexpr auto seen_by_software(two_stage_regime l2) noexcept -> two_stage_regime {
  l2.sev_es_active = false;
  return l2;
}

/// The rule that failed, by its name for nPT12: of reserved bits, only the C-bit of a SEV-active L1 is one of those.
[[nodiscard]] constexpr auto in_terms_of_npt12(fault reason) noexcept -> fault {
  if (reason.decided_by == rule::PAG_RSV_07) reason.decided_by = rule::PAG_L2C_03;
  return reason;
}

/// nPT01 stood in the way of reading or updating L1's tables: L0 has to deal with that before anything else.
[[nodiscard]] constexpr auto decide_obstacle(const l1_obstacle& met) noexcept -> shadow_decision {
  using enum shadow_decision::kind;
  return {.what = met.reason.kind == fault_kind::no_memory ? no_memory : l0_fix,
          .decided_by = rule::PAG_L2_03,
          .because = met.reason.decided_by,
          .l1_address = met.where};
}

}  // namespace detail

/// Walks nPT12 for one L2 gPA as L1's processor would: L1's table format, a user access, without CR0.WP and protection
/// keys; A, and D for a write, are set in nPT12.   APM vol. 2, 15.25.5
/// @param l1       an `l1_physical_memory`; afterwards the result counts only if it has no obstacle
/// @param l2       from `make_l2_regime`
/// @param purpose  what L2 used the gPA for
/// @return the L1 gPA with the rights and size of nPT12's page; or #NPF as L1 would see it
template <nested_purpose Purpose, class Context, class L1Memory>
[[nodiscard]] constexpr auto walk_npt12(Context& ctx, L1Memory& l1, const two_stage_regime& l2, l2_gpa where,
                                        access_kind kind, bool guest_user = true, bool effective_c = false)
    -> outcome<mapping<guest_physical>> {
  memory::unguarded tables{l1};  // page ownership is the business of nPT02
  const gpa as_l1_sees_it{where.value & ~l2.guest_c_mask};
  const two_stage_regime seen = detail::seen_by_software(l2);
  const detail::nested_access why{
      .kind = kind, .owner_kind = kind, .guest_user = guest_user, .guest_access_c = effective_c && l2.sev_active};
  detail::leaf_found found;
  fault reason;
  if (!detail::walk_nested<Purpose>(ctx, tables, detail::controls<regime_kind::any>{&seen}, as_l1_sees_it, why, found,
                                    reason))
    return std::unexpected{detail::in_terms_of_npt12(reason)};
  return detail::retag<guest_physical>(detail::mapping_of(l2.nested, found, as_l1_sees_it));
}

/// What L0 does about an #NPF of L2: walks nPT12 (PAG-L2-01), then nPT01, then decides.   APM vol. 2, 15.25.5, 15.25.6
///
/// What nPT01 refuses on the way through nPT12 comes first: without it L0 cannot know what L1 wants (PAG-L2-03).
/// @param l1       an `l1_physical_memory` of a hypervisor; nPT12's A and D bits are set in it
/// @param l2       from `make_l2_regime`
/// @param exit     the fault as hardware reported it
/// @param devices  `devices(gpa) -> bool`: whether L0 emulates a device at that L1 gPA
/// @param largest  as of `compose_leaf`
template <class Context, class L1Memory, class Devices = no_devices>
[[nodiscard]] constexpr auto resolve_l2_fault(Context& ctx, L1Memory& l1, const two_stage_regime& l2,
                                              const l2_nested_fault& exit, const Devices& devices = {},
                                              page_size largest = page_size::k1g) -> shadow_decision {
  using code = page_fault_code;
  Expects(l1.reader() != l1_reader::processor);
  const access_kind kind = exit.kind();
  const bool user = code::u::test(exit.exit_info_1);
  const bool encrypted = code::enc::test(exit.exit_info_1);
  l1.clear_obstacle();
  const auto npt12 = code::guest_table::test(exit.exit_info_1)
                         ? walk_npt12<nested_purpose::guest_table>(ctx, l1, l2, exit.where, kind, user, encrypted)
                         : walk_npt12<nested_purpose::final_gpa>(ctx, l1, l2, exit.where, kind, user, encrypted);
  if (l1.obstacle()) return detail::decide_obstacle(*l1.obstacle());

  outcome<mapping<system_physical>> npt01 = std::unexpected{fault{}};
  const bool mmio = npt12 && devices(npt12->where);
  if (npt12 && !mmio) npt01 = l1.translate(npt12->where, kind, user);
  return decide_l2_fault(ctx, exit, npt12, mmio, npt01, l2.sev_es_active, largest);
}

/// An L2 reference as far as L0's software translates it, to emulate an instruction.
struct l2_reference {
  mapping<l2_physical> in_l2{};     ///< gPT2: the L2 gPA
  mapping<guest_physical> in_l1{};  ///< nPT12: the L1 gPA
  bool effective_c{};               ///< the reference is encrypted from L2's side

  friend constexpr auto operator==(const l2_reference&, const l2_reference&) -> bool = default;
};

/// Translates a reference of L2 in software, through gPT2 and nPT12.   APM vol. 2, 15.25.5 to 15.25.7
///
/// To nPT12 each entry of gPT2 is a user write, and its failure is reflected with bit 33 of EXITINFO1 (PAG-L2-08); the
/// final L2 gPA is an access of its own kind, with bit 32. What gPT2 itself refuses is a matter between L2 and, if it
/// asked for it, L1 (PAG-L2-07).
/// @param l1             an `l1_physical_memory` of a hypervisor
/// @param l2             from `make_l2_regime`
/// @param intercepts_pf  VMCB12 intercepts #PF
/// @return the L1 gPA; or what L0 does instead: anything but `install` and `l0_emulate_mmio`
template <class Context, class L1Memory>
[[nodiscard]] constexpr auto translate_for_l2(Context& ctx, L1Memory& l1, const two_stage_regime& l2, l2_gva where,
                                              const memory_access& why, bool intercepts_pf = false)
    -> std::expected<l2_reference, shadow_decision> {
  using enum shadow_decision::kind;
  Expects(l1.reader() != l1_reader::processor);
  memory::unguarded tables{l1};
  l1.clear_obstacle();
  const auto found = walk(ctx, tables, detail::seen_by_software(l2), gva{where.value}, why);
  if (l1.obstacle()) return std::unexpected{detail::decide_obstacle(*l1.obstacle())};
  if (found)
    return l2_reference{.in_l2 = detail::retag<l2_physical>(found->in_guest),
                        .in_l1 = detail::retag<guest_physical>(found->page),
                        .effective_c = found->effective_c};

  const fault& reason = found.error();
  if (reason.kind == fault_kind::npf)
    return std::unexpected{decide_l1_failure(ctx, detail::in_terms_of_npt12(reason), reason.code, l2.sev_es_active)};
  const bool page_fault = reason.kind == fault_kind::pf;
  if (ctx.applies(rule::PAG_L2_07, page_fault && intercepts_pf))
    return std::unexpected{shadow_decision{.what = reflect_to_l1,
                                           .decided_by = rule::PAG_L2_07,
                                           .because = reason.decided_by,
                                           .exit_code = vmexit_page_fault,
                                           .exit_info_1 = reason.code,
                                           .exit_info_2 = reason.address}};
  return std::unexpected{shadow_decision{.what = fault_in_l2,
                                         .decided_by = page_fault ? rule::PAG_L2_07 : reason.decided_by,
                                         .because = reason.decided_by,
                                         .raised = reason}};
}

}  // namespace sevspec::inline v0::paging

#endif
