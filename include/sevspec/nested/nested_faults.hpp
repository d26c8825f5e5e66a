// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_NESTED_FAULTS_HPP
#define SEVSPEC_NESTED_NESTED_FAULTS_HPP

#include <algorithm>
#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/nested/shadow.hpp>
#include <sevspec/paging/l2_fault_walk.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/shadow_fault.hpp>
#include <sevspec/rmp/psmash.hpp>

/// What L0 does about #NPF of L1, and of L2.
namespace sevspec::inline v0::nested {

/// How L0 goes on after #NPF of L1.
struct l1_fault_end {
  enum class kind : std::uint8_t {
    resume,    ///< L1 tries again
    inject,    ///< L1 gets `raised`
    no_memory  ///< there is neither memory nor a device of L1's
  };
  kind what{};
  fault raised{};
};

/// #NPF of L1: memory that is not mapped, or whose leaf is larger than its entry in the Reverse Map Table; a page of nPT12
/// that L0 watches (NES-TR-02); or a page that is not L1's any longer (NES-RMP-08), which may be its AMD-SP's (NEST-VSP-21).
/// @param linear  L1's linear address, if the exit tells
template <class Context, class Machine>
[[nodiscard]] auto on_l1_fault(Context& ctx, Machine& m, l1_vm& vm, const fault& raised,
                               std::optional<std::uint64_t> linear = {}) -> l1_fault_end {
  using enum l1_fault_end::kind;
  using code = paging::page_fault_code;
  const gpa where{raised.address};
  const gpa page = page_base(where, page_size::k4k);
  if (vm.range_of(page) == nullptr) return {.what = no_memory, .raised = raised};
  const std::uint64_t bits =
      (raised.code & (code::w::mask | code::u::mask | code::id::mask)) | code::p::mask | code::rmp::mask;
  if (ctx.denies(rule::NEST_VSP_21, is_withheld(m, vm, page)))
    return {.what = inject, .raised = {fault_kind::pf, rule::NEST_VSP_21, bits, linear.value_or(0)}};
  if (!code::rmp::test(raised.code)) {
    if (code::w::test(raised.code) && unprotect_table(ctx, m, vm, page)) return {.what = resume};
    if (!find_backing(m, vm, page)) return {.what = populate(m, vm, page) ? resume : no_memory, .raised = raised};
    return {.what = inject, .raised = raised};
  }

  const auto at = find_backing(m, vm, page);
  if (!at) return {.what = populate(m, vm, page) ? resume : no_memory, .raised = raised};
  const rmp::spfn frame = page_of(at->where);
  const rmp::entry found = m.rmp.covers(frame) ? rmp::authoritative_entry(m.rmp, frame) : rmp::entry{};
  const bool own = found.assigned && found.id == vm.id && vm.config.of_l1() == guest_kind::snp;
  const bool wants_own = code::enc::test(raised.code);
  const bool too_large = at->size != page_size::k4k && !found.large;
  if (too_large && (own == wants_own)) {  // the leaf, not the owner, is wrong
    zap_l1_page(ctx, m, vm, page);
    return {.what = remap_small(m, vm, page, true) ? resume : no_memory, .raised = raised};
  }
  if (own && wants_own && found.large && at->size == page_size::k4k) {
    ctx.tell(event{event_kind::physical_psmash});
    const auto done = rmp::psmash(ctx, m.rmp, m.processor(), {}, page_base(at->where, page_size::k2m));
    if (done && done->succeeded()) return {.what = resume};
  }
  if (ctx.applies(rule::NES_RMP_08, !own || !wants_own))
    return {.what = inject, .raised = {fault_kind::pf, rule::NES_RMP_08, bits, linear.value_or(0)}};
  return {.what = inject, .raised = raised};
}

/// How L0 goes on after #NPF of L2.
struct l2_fault_end {
  enum class kind : std::uint8_t {
    resume,     ///< L2 tries again: nPT02 or nPT01 is better now, or has the mark that makes it #VC
    reflect,    ///< L1 gets the exit in `decision`
    emulate,    ///< L0 emulates its own device at `decision.l1_address` (NES-TR-04)
    repair,     ///< the real Reverse Map Table alone refuses: L0's own fault (RMP-NST-23)
    no_memory,  ///< L1 has no memory at `decision.l1_address`
  };
  kind what{};
  paging::shadow_decision decision{};
};

/// #NPF of L2: L1's tables decide first, then L0's, then owners (PAG-L2-01 to 05, 13, 14; NES-TR-01 to 04; NES-RMP-08).
/// @param exit_info_1  EXITINFO1
/// @param where        EXITINFO2
template <class Context, class Machine>
[[nodiscard]] auto on_l2_fault(Context& ctx, Machine& m, l1_vm& vm, l2_vm& guest, std::uint64_t exit_info_1,
                               l2_gpa where) -> l2_fault_end {
  using enum l2_fault_end::kind;
  using decided = paging::shadow_decision::kind;
  using code = paging::page_fault_code;
  const auto l1 = l1_regime(ctx, m, vm);
  const auto l2 =
      l2_regime_of_l1(ctx, vm, guest.kind, guest.npt12.value, guest.virtual_id, virtual_syscfg(vm, m.core.syscfg));
  Expects(l2.has_value());
  const auto is_device = [&](gpa at) {
    return std::ranges::find(guest.devices, page_base(at, page_size::k4k)) != guest.devices.end();
  };
  noting_memory memory(ctx, m.memory, l1);
  paging::l2_nested_fault exit{.where = where, .exit_info_1 = exit_info_1};
  const auto* const installed = find_shadow(guest.shadow, where);
  if (installed != nullptr) exit.installed = installed->second.leaf;
  const auto decision =
      paging::resolve_l2_fault(ctx, memory, *l2, exit, is_device, largest_leaf_for(m, vm, guest, where));

  // A page of L1's AMD-SP is not L2's: L1's own table says so (NEST-VSP-27), and L0 maps it for nobody.
  const bool missing = decision.what == decided::no_memory || decision.what == decided::l0_fix;
  if (ctx.denies(rule::NEST_VSP_21, missing && is_withheld(m, vm, decision.l1_address))) {
    l2_fault_end end{.what = reflect, .decision = decision};
    end.decision.decided_by = rule::NEST_VSP_21;
    end.decision.exit_code = paging::vmexit_npf;
    end.decision.exit_info_1 = exit_info_1 | code::p::mask | code::rmp::mask;
    end.decision.exit_info_2 = where.value;
    return end;
  }

  const bool mmio = ctx.applies(rule::NES_TR_04, decision.what == decided::l0_emulate_mmio);
  switch (decision.what) {
    case decided::no_memory:
      if (vm.range_of(decision.l1_address) != nullptr && populate(m, vm, decision.l1_address))
        return {.what = resume, .decision = decision};
      return {.what = no_memory, .decision = decision};
    case decided::l0_fix: {
      const gpa page = page_base(decision.l1_address, page_size::k4k);
      if (unprotect_table(ctx, m, vm, page)) return {.what = resume, .decision = decision};
      if (vm.range_of(page) == nullptr) return {.what = no_memory, .decision = decision};
      zap_l1_page(ctx, m, vm, page);
      if (!find_backing(m, vm, page)) populate(m, vm, page);
      else remap_small(m, vm, page, true);
      return {.what = resume, .decision = decision};
    }
    case decided::l0_emulate_mmio: return {.what = mmio ? emulate : reflect, .decision = decision};
    case decided::fault_in_l2:
      if (ctx.applies(rule::NES_TR_03, decision.leaf.reserved_bit_set)) {
        install_leaf(ctx, m, vm, guest, where, decision.leaf, {}, memory.pages());
        return {.what = resume, .decision = decision};
      }
      return {.what = reflect, .decision = decision};
    case decided::install: {
      const auto composed = compose(ctx, m, vm, guest, where, exit.kind());
      install_leaf(ctx, m, vm, guest, where, decision.leaf, composed ? composed->in_l1 : gpa{}, memory.pages());
      return {.what = resume, .decision = decision};
    }
    case decided::reflect_to_l1: break;
  }

  // L1's business, unless the real table alone refuses what the virtual one allows.
  l2_fault_end end{.what = reflect, .decision = decision};
  if (decision.decided_by != rule::PAG_L2_14 || installed == nullptr) return end;
  const gpa in_l1 = installed->second.in_l1 + page_offset(where, installed->second.leaf.size);
  const bool virtual_owners = facts_of(vm.config.how).own_keys;
  if (virtual_owners) {
    const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
    const memory::ownership_query query{
        .where = installed->second.leaf.where + page_offset(where, installed->second.leaf.size),
        .guest = gpa{where.value},
        .leaf = installed->second.leaf.size,
        .kind = exit.kind(),
        .c = code::enc::test(exit_info_1),
        .who = guest.kind == guest_kind::snp ? memory::owner_context::snp_guest : memory::owner_context::guest,
        .id = id ? *id : vm.id};
    if (blame_for(ctx, m, vm, query, in_l1, guest.virtual_id) == ownership_blame::l0) end.what = repair;
  }
  if (ctx.choices.reflected_rmp_fault == reflected_address::l1_gpa) end.decision.exit_info_2 = in_l1.value;
  return end;
}

}  // namespace sevspec::inline v0::nested

#endif
