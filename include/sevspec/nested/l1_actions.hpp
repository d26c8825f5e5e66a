// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_L1_ACTIONS_HPP
#define SEVSPEC_NESTED_L1_ACTIONS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/nested/guest_deeds.hpp>
#include <sevspec/nested/l1_calls.hpp>
#include <sevspec/nested/launch_stand_in.hpp>
#include <sevspec/nested/table_words.hpp>

/// What an L1 hypervisor does to have a guest, as software that runs in L1: everything goes through L1's own references
/// and requests, with L0 in between where there must be.
namespace sevspec::inline v0::nested {

/// nPT12's words as L1 reads and writes them: without the C-bit, for L0 to see (NES-VMCB-01).
template <class Context, class Machine>
struct l1_words {
  Context& ctx;
  Machine& m;
  l1_vm& vm;
  std::size_t processor;
  bool c = false;  ///< an L1 that knows nothing of nested SEV leaves it set

  [[nodiscard]] auto load(std::uint64_t at) -> std::optional<std::uint64_t> {
    std::array<std::uint8_t, 8> bytes{};
    if (!l1_reads(ctx, m, vm, processor, gpa{at}, c, bytes).is_done()) return {};
    return layout::read_le<std::uint64_t>(bytes.data());
  }
  auto store(std::uint64_t at, std::uint64_t value) -> bool {
    std::array<std::uint8_t, 8> bytes{};
    layout::write_le(bytes.data(), value);
    return l1_writes(ctx, m, vm, processor, gpa{at}, c, bytes).is_done();
  }
  auto clear(std::uint64_t page) -> bool {
    constexpr std::array<std::uint8_t, 4096> zeros{};
    return l1_writes(ctx, m, vm, processor, gpa{page}, c, zeros).is_done();
  }
};

/// What L1 wants of a page of its guest.
struct npt12_leaf {
  page_size size = page_size::k4k;
  bool writable = true;
  bool no_execute = false;
  bool dirty = true;
  std::uint64_t marks = 0;  ///< reserved bits, for MMIO (NES-TR-03)
};

/// L1 maps a page into its guest.
/// @param pool  of L1's own shared pages, by L1 gPA
template <class Context, class Machine>
auto l1_maps(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa root, page_pool& pool, l2_gpa where,
             gpa to, const npt12_leaf& leaf = {}) -> bool {
  using paging::entry;
  l1_words<Context, Machine> words{ctx, m, vm, processor};
  std::uint64_t raw = to.value | entry::p::mask | entry::us::mask | entry::a::mask | leaf.marks;
  if (leaf.writable) raw |= entry::rw::mask;
  if (leaf.no_execute) raw |= entry::nx::mask;
  if (leaf.dirty) raw |= entry::d::mask;
  if (leaf.size != page_size::k4k) raw |= entry::ps::mask;
  return put_leaf(words, root.value, where.value, leaf.size, raw, [&] { return pool.take(); });
}

/// L1 takes a page out of its guest's tables.
template <class Context, class Machine>
auto l1_unmaps(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa root, l2_gpa where) -> bool {
  l1_words<Context, Machine> words{ctx, m, vm, processor};
  return remove_leaf(words, root.value, where.value);
}

/// VIRT_RMPUPDATE by L1.
template <class Context, class Machine>
auto l1_rmpupdate(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa page, const rmp::new_state& wanted)
    -> l1_call_end {
  return l1_calls(ctx, m, vm, processor, l1_call::wrmsr(msr_virt_rmpupdate, operands_for(page, wanted)));
}
template <class Context, class Machine>
auto l1_psmash(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa page) -> l1_call_end {
  return l1_calls(ctx, m, vm, processor, l1_call::wrmsr(msr_virt_psmash, {.rax = page.value}));
}

/// INVLPGA by L1: a page of its guest's linear addresses, under the ASID that L1 calls the guest's.
template <class Context, class Machine>
auto l1_invalidates(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, std::uint64_t linear, asid named)
    -> l1_call_end {
  return l1_calls(ctx, m, vm, processor, l1_call::invlpga(linear, named));
}

/// Pages of L1's that it maps for itself: those of its guests without the C-bit if they have keys of their own
/// (NES-KEY-02).
/// @param owner  the page is an L2's
/// @param c      the C-bit in L1's tables
/// @return NES-KEY-02 for a mapping that shows L1 garbage, or nothing at all
template <class Context>
[[nodiscard]] constexpr auto check_l1_mapping(Context& ctx, mode how, bool owner_is_l2, bool shared_with_l2, bool c)
    -> std::expected<void, rule> {
  const bool own_keys = facts_of(how).own_keys;
  if (ctx.denies(rule::NES_KEY_02, own_keys && (owner_is_l2 || shared_with_l2) && c))
    return std::unexpected{rule::NES_KEY_02};
  return {};
}

/// VMCB12 as an L1 fills it in.
struct vmcb12_plan {
  asid id{};
  gpa npt12{};
  std::optional<gpa> vmsa{};  ///< with hidden state
  paging::tlb_control tlb = paging::tlb_control::nothing;
  std::uint64_t rip = 0x10'0000;  ///< without hidden state
  layout::event_injection event{};
};

[[nodiscard]] inline auto make_vmcb12(guest_kind kind, const vmcb12_plan& plan) -> cpu::vmcb_page {
  cpu::vmcb_page page;
  auto controls = page.controls();
  controls.set_intercept_misc1(
      layout::vmcb_control_area_intercept_misc1{}.set_intr(true).set_cpuid(true).set_hlt(true).set_shutdown(true));
  controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true).set_vmmcall(true));
  controls.set_guest_asid(plan.id.value);
  controls.set_nested_cr3(plan.npt12.value);
  controls.set_np_control({static_cast<std::uint32_t>(np_control_of(kind))});
  layout::write_le(page.bytes.data() + 0x5c, static_cast<std::uint8_t>(plan.tlb));
  controls.set_event_inj(plan.event);
  if (plan.vmsa) layout::write_le(page.bytes.data() + 0x108, plan.vmsa->value);
  if (!cpu::has_hidden_state(kind)) {
    const layout::vmsa state = long_mode_state(kind, plan.rip);
    for (std::size_t at = 0; at < 0x2e8; ++at) page.bytes[0x400 + at] = state.data()[at];
  }
  return page;
}

/// L1 writes VMCB12 and asks for VMRUN.
template <class Context, class Machine>
auto l1_runs(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, gpa vmcb12, const cpu::vmcb_page& page)
    -> l1_call_end {
  if (!l1_writes(ctx, m, vm, processor, vmcb12, false, page.bytes).is_done()) return {.what = l1_call_end::kind::lost};
  return l1_calls(ctx, m, vm, processor, l1_call::vmrun(vmcb12));
}

}  // namespace sevspec::inline v0::nested

#endif
