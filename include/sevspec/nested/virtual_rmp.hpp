// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VIRTUAL_RMP_HPP
#define SEVSPEC_NESTED_VIRTUAL_RMP_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/l1_memory.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/nested/sparse_table.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpupdate.hpp>

/// RMPUPDATE and PSMASH for an L1, which cannot execute them: two MSRs that L0 implements.   APM vol. 2, 15.36.19
///
///     MSR       | name           | RAX                       | RDX              | R8
///     ----------+----------------+---------------------------+------------------+----------------
///     C001_F001 | VIRT_RMPUPDATE | L1 gPA of the page; code  | new state 63:0   | new state 127:64
///     C001_F002 | VIRT_PSMASH    | L1 gPA, 2M-aligned; code  |                  |
///
/// All registers have 64 bits (NES-RMP-01, RMP-NST-01, RMP-NST-02). Beside the real table, L0 keeps one for each L1, in
/// which L1 is the hypervisor (RMP-NST-20).
namespace sevspec::inline v0::nested {

inline constexpr std::uint32_t msr_virt_rmpupdate = 0xc001'f001;
inline constexpr std::uint32_t msr_virt_psmash = 0xc001'f002;

/// The ASID by which L1 names itself (NES-RMP-04).
inline constexpr asid l1_itself{0xffff'ffff};

/// The registers of a write of the MSRs.
struct virtual_operands {
  std::uint64_t rax{};
  std::uint64_t rdx{};
  std::uint64_t r8{};

  friend constexpr auto operator==(const virtual_operands&, const virtual_operands&) -> bool = default;
};

/// The new state that RDX and R8 hold: the 16 bytes that RMPUPDATE has in memory.
[[nodiscard]] constexpr auto new_state_in(const virtual_operands& registers) noexcept -> rmp::new_state {
  std::array<std::uint8_t, 16> bytes{};
  for (unsigned i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(registers.rdx >> (8 * i) & 0xff);
    bytes[8 + i] = static_cast<std::uint8_t>(registers.r8 >> (8 * i) & 0xff);
  }
  return rmp::new_state_of(bytes);
}

/// The registers that say so.
[[nodiscard]] constexpr auto operands_for(gpa page, const rmp::new_state& wanted) noexcept -> virtual_operands {
  const std::uint64_t upper = std::uint64_t{wanted.assigned} | std::uint64_t{wanted.large} << 8 |
                              std::uint64_t{wanted.immutable} << 16 | std::uint64_t{wanted.id.value} << 32;
  return {.rax = page.value, .rdx = wanted.guest.value, .r8 = upper};
}

/// What L1 finds in RAX.
struct virtual_result {
  rmp::status rax{};
  rule decided_by = rule::none;

  [[nodiscard]] constexpr auto succeeded() const noexcept -> bool { return rax == rmp::status::success; }
  friend constexpr auto operator==(const virtual_result&, const virtual_result&) -> bool = default;
};

namespace detail {

/// The processor that an L1 sees.
[[nodiscard]] constexpr auto virtual_processor(const l1_vm& vm) noexcept -> rmp::processor {
  return {.guest_address_bits = vm.part.pa_bits, .highest_asid = vm.part.encrypted_guests};
}

[[nodiscard]] constexpr auto fails_virtually(rmp::status code, rule why) noexcept -> virtual_result {
  return {.rax = code, .decided_by = why};
}

/// The checks before the tables: whether L1 may write these MSRs at all.
template <class Context>
[[nodiscard]] auto refuse_virtual(Context& ctx, const l1_vm& vm, std::size_t processor) -> std::optional<fault> {
  const bool offered = vm.offers_virtual_rmp && facts_of(vm.config.how).virtual_ownership;
  if (ctx.denies(rule::NES_RMP_02, !offered || !vm.processors[processor].snp_en))
    return fault{fault_kind::gp, rule::NES_RMP_02, 0, 0};
  return {};
}

/// Whether all of a page is memory of L1's.
[[nodiscard]] inline auto is_memory(const l1_vm& vm, gpa page, std::uint64_t pages) -> bool {
  for (std::uint64_t i = 0; i < pages; ++i)
    if (vm.range_of(page + i * 0x1000) == nullptr) return false;
  return true;
}

/// L0's physical instructions, on a table where they can be taken back.
template <class Context, class Machine>
class physical_trial {
 public:
  using table = decltype(Machine::rmp);

  physical_trial(Context& ctx, Machine& m) : ctx_(&ctx), m_(&m), trial_(m.rmp) {}

  /// Whether a page lies in one of 2M.
  [[nodiscard]] auto is_large(spa where) const -> bool {
    const rmp::spfn base = rmp::large_page_base<table>(page_of(where));
    return trial_.covers(base) && trial_.entry_of(base).large;
  }
  /// PSMASH of the page of 2M around an address: what L1 sees in 4K changes nothing for its owner.
  void split(spa where) {
    const rmp::spfn base = rmp::large_page_base<table>(page_of(where));
    ctx_->tell(event{event_kind::physical_psmash});
    keep(rmp::psmash(*ctx_, trial_, m_->processor(), {}, address_of(base)));
  }
  void update(spa where, const rmp::new_state& wanted) {
    ctx_->tell(event{event_kind::physical_rmpupdate});
    keep(rmp::rmpupdate(*ctx_, trial_, m_->processor(), {}, where, wanted));
  }

  /// The first failure; success if there is none.
  [[nodiscard]] auto code() const noexcept -> rmp::status { return code_; }
  void commit() {
    trial_.commit(m_->rmp);
    for (const rmp::page_range& range : stale_) cpu::flush_stale(m_->tlb, range);
  }

 private:
  void keep(const outcome<rmp::result>& done) {
    const rmp::status met = done ? done->eax : rmp::status::fail_permission;
    if (code_ == rmp::status::success) code_ = met;
    if (done && done->stale.count != 0) stale_.push_back(done->stale);
  }

  Context* ctx_;
  Machine* m_;
  trial_table<table> trial_;
  rmp::status code_ = rmp::status::success;
  std::vector<rmp::page_range> stale_;
};

}  // namespace detail

/// VIRT_RMPUPDATE: L1 gives a page of its memory to one of its guests, takes it back, or shares it with L0.
/// APM vol. 2, 15.36.19
///
/// Two tables change, or none: first the virtual one is asked, as the manual has it, with L1's gPAs and ASIDs; then the
/// physical one, with sPAs and physical ASIDs (RMP-NST-21).
/// @param processor  of L1's: an index into `processors`
/// @return RAX; or #GP(0)
template <class Context, class Machine>
[[nodiscard]] auto virt_rmpupdate(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor,
                                  const virtual_operands& registers) -> outcome<virtual_result> {
  using enum rmp::status;
  using detail::fails_virtually;
  if (const auto raised = detail::refuse_virtual(ctx, vm, processor)) return std::unexpected{*raised};
  ctx.tell(event{event_kind::virt_rmpupdate});
  const gpa page{registers.rax};
  const rmp::new_state asked = new_state_in(registers);
  const std::uint64_t count = asked.large ? 512 : 1;
  const bool aligned = is_aligned(page, page_size::k4k) && (!asked.large || is_aligned(page, page_size::k2m));
  if (ctx.denies(rule::NES_RMP_03, !aligned || !detail::is_memory(vm, page, count)))
    return fails_virtually(fail_input, rule::NES_RMP_03);
  if (!detail::is_memory(vm, page, count)) return fails_virtually(fail_input, rule::none);  // nowhere to go without it

  const bool owns_pages = vm.config.of_l1() == guest_kind::snp;
  const bool to_l1 = ctx.applies(rule::NES_RMP_04, owns_pages && asked.assigned && asked.id == l1_itself);
  const bool to_l2 = asked.assigned && !to_l1 && asked.id != host_asid;
  const bool shares_asid = vm.config.how == mode::pass;
  if (ctx.denies(rule::NES_RMP_10, shares_asid && to_l2)) return fails_virtually(fail_input, rule::NES_RMP_10);

  // The virtual table: for L1, as the hypervisor there, its own pages are not assigned, and so never immutable.
  rmp::new_state in_virtual = asked;
  if (to_l1) in_virtual = {.large = asked.large, .immutable = asked.immutable, .reserved = asked.reserved};
  trial_table virtual_table(vm.owners);
  const auto virtually =
      rmp::rmpupdate(ctx, virtual_table, detail::virtual_processor(vm), {}, spa{page.value}, in_virtual);
  if (!virtually) return std::unexpected{virtually.error()};
  if (!virtually->succeeded()) return fails_virtually(virtually->eax, virtually->decided_by);

  // The physical one.
  rmp::new_state in_physical = asked;
  in_physical.guest = page_base(asked.guest, page_size::k4k);
  if (to_l1) {
    in_physical.id = vm.id;
    in_physical.guest = page;
  } else if (to_l2 && shares_asid) {
    in_physical.id = vm.id;
  } else if (to_l2) {
    const auto real = physical_asid_of(ctx, m.asids, vm.number, asked.id);
    if (!real) return fails_virtually(fail_input, real.error());
    in_physical.id = *real;
  }
  detail::physical_trial physical(ctx, m);
  const auto first = backing_of(m, vm, page);
  if (!first) return fails_virtually(fail_input, rule::none);
  const bool backed = first->size >= page_size::k2m && is_aligned(first->where, page_size::k2m);
  if (asked.large && backed && ctx.choices.virt_rmpupdate_as_backed) {
    physical.update(first->where, in_physical);
  } else {
    rmp::new_state part = in_physical;
    part.large = false;
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto at = backing_of(m, vm, page + i * 0x1000);
      if (!at) return fails_virtually(fail_input, rule::none);
      if (asked.assigned && part.id != host_asid) part.guest = in_physical.guest + i * 0x1000;
      if (ctx.applies(rule::RMP_NST_22, physical.is_large(at->where))) physical.split(at->where);
      physical.update(at->where, part);
    }
  }
  const bool failed = physical.code() != success;
  if (ctx.denies(rule::RMP_NST_21, failed))
    return fails_virtually(detail::failure_code(ctx.choices, physical.code()), rule::RMP_NST_21);
  virtual_table.commit(vm.owners);
  physical.commit();
  return virtual_result{};
}

/// VIRT_PSMASH: L1 splits a page of 2M that it has given to a guest. The physical entry is split if it is one of 2M.
/// APM vol. 2, 15.36.19
template <class Context, class Machine>
[[nodiscard]] auto virt_psmash(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor,
                               const virtual_operands& registers) -> outcome<virtual_result> {
  using detail::fails_virtually;
  if (const auto raised = detail::refuse_virtual(ctx, vm, processor)) return std::unexpected{*raised};
  ctx.tell(event{event_kind::virt_psmash});
  const gpa page{registers.rax};
  const bool aligned = is_aligned(page, page_size::k2m);
  if (ctx.denies(rule::NES_RMP_03, !aligned || !detail::is_memory(vm, page, 512)))
    return fails_virtually(rmp::status::fail_input, rule::NES_RMP_03);

  trial_table virtual_table(vm.owners);
  const auto virtually = rmp::psmash(ctx, virtual_table, detail::virtual_processor(vm), {}, spa{page.value});
  if (!virtually) return std::unexpected{virtually.error()};
  if (!virtually->succeeded()) return fails_virtually(virtually->eax, virtually->decided_by);
  detail::physical_trial physical(ctx, m);
  if (const auto at = backing_of(m, vm, page); at && physical.is_large(at->where)) physical.split(at->where);
  const bool failed = physical.code() != rmp::status::success;
  if (ctx.denies(rule::RMP_NST_21, failed))
    return fails_virtually(detail::failure_code(ctx.choices, physical.code()), rule::RMP_NST_21);
  virtual_table.commit(vm.owners);
  physical.commit();
  return virtual_result{};
}

/// WRMSR by L1, in hardware an exit: of an L1 with hidden state #VC and VMGEXIT, of another an intercept (NES-RMP-02).
/// @return RAX afterwards; nothing for other MSRs; or #GP(0)
template <class Context, class Machine>
[[nodiscard]] auto write_virtual_msr(Context& ctx, Machine& m, l1_vm& vm, std::size_t processor, std::uint32_t msr,
                                     const virtual_operands& registers) -> outcome<std::optional<virtual_result>> {
  if (msr != msr_virt_rmpupdate && msr != msr_virt_psmash) return std::optional<virtual_result>{};
  const auto done = msr == msr_virt_rmpupdate ? virt_rmpupdate(ctx, m, vm, processor, registers)
                                              : virt_psmash(ctx, m, vm, processor, registers);
  if (!done) return std::unexpected{done.error()};
  return std::optional{*done};
}

}  // namespace sevspec::inline v0::nested

#endif
