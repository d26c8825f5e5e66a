// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_RMP_INSTRUCTIONS_HPP
#define SEVSPEC_CPU_RMP_INSTRUCTIONS_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/cpu/access.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/forwarding.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpopt.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/store.hpp>

/// RMP instructions as a processor executes them: operands come from memory, addresses of guests through their tables.
/// RMPOPT, which has neither, is `rmp::rmpopt`.
namespace sevspec::inline v0::cpu {

/// What RMP instructions ask of a processor, as far as a part and SYSCFG tell. What CPUID says of RMPQUERY, RMPREAD,
/// RMPOPT and VMPLs is the caller's to add.
[[nodiscard]] constexpr auto processor_of(const cpu_part& part, std::uint64_t system_config) noexcept
    -> rmp::processor {
  const bool encryption = paging::syscfg::mem_encryption_mod_en::test(system_config);
  return {.snp_enabled = paging::syscfg::secure_nested_paging_en::test(system_config),
          .highest_asid = part.encrypted_guests,
          .c_mask = encryption ? std::uint64_t{1} << part.c_bit : 0};
}

/// Drops what a TLB holds of pages whose entries have changed: for every TLB of the machine, IOMMUs' included
/// (RMP-UPD-12).
/// @tparam Cache  has `flush_if(condition)`, as `paging::tlb` has, or keeps nothing: `paging::no_translation_cache`
template <class Cache>
constexpr void flush_stale(Cache& cache, const rmp::page_range& stale) {
  constexpr bool flushes = requires { cache.flush_if([](auto&&...) { return true; }); };
  static_assert(flushes || std::same_as<Cache, paging::no_translation_cache>,
                "a cache that RMP instructions cannot flush would keep what they have ended");
  if (stale.count == 0) return;
  if constexpr (flushes)
    cache.flush_if([&](paging::address_space, const paging::cached_translation& held) {
      const std::uint64_t first = held.page.value >> 12;
      const std::uint64_t last = (held.page.value + (bytes_in(held.size) - 1)) >> 12;
      return first < stale.first.value + stale.count && last >= stale.first.value;
    });
}

namespace detail {

/// The reference to an operand in memory, or to the page that a register names: through DS, with what SMAP and protection
/// keys ask of the mode.
[[nodiscard]] constexpr auto operand_access(access_kind kind, const rmp::execution& by) noexcept -> memory_access {
  return {.kind = kind,
          .level = by.level,
          .through_ds_or_es = true,
          .alignment_check = by.alignment_check,
          .pkru = by.pkru};
}

}  // namespace detail

/// RMPUPDATE: its operand of 16 bytes is read at RCX with all checks of a reference, before the table is looked at
/// (RMP-INS-10).
/// @param regime  host or guest: in a guest the instruction reads its operand, and answers FAIL_PERMISSION
/// @param rax     system physical address
/// @param rcx     linear address of the operand, through DS
/// @param cores   what every core knows for RMPOPT: ends where a page becomes assigned (RMP-OPT-05)
/// @return EAX; the caller flushes what `stale` says from the other TLBs. Or #UD, #GP(0), the operand's fault
template <class Context, memory::byte_memory Memory, paging::translation_cache Cache, class Regime, class Space,
          rmp::writable_store Store>
[[nodiscard]] constexpr auto rmpupdate(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                       paging::address_space space, Store& table, const rmp::processor& part,
                                       const rmp::execution& by, spa rax, address<Space> rcx,
                                       std::span<rmp::optimized_gigabytes> cores = {}) -> outcome<rmp::result> {
  if (const auto fault = rmp::refused(ctx, part, by, rmp::instruction::rmpupdate)) return std::unexpected{*fault};
  std::array<std::uint8_t, 16> operand{};
  const memory_access load = detail::operand_access(access_kind::read, by);
  if (const auto loaded = read(ctx, memory, cache, regime, space, rcx, load, operand); !loaded)
    return std::unexpected{loaded.error()};
  const auto done = rmp::rmpupdate(ctx, table, part, by, rax, rmp::new_state_of(operand));
  if (!done) return done;
  flush_stale(cache, done->stale);
  for (rmp::optimized_gigabytes& core : cores)
    rmp::forget_gigabyte(ctx, core, rmp::without_c_bit(ctx, part, rax), *done);
  return done;
}

/// PSMASH of the page at RAX, whose C-bit does not count (RMP-GEO-12).
/// @return EAX; the caller flushes what `stale` says from the other TLBs. Or #UD, #GP(0)
template <class Context, paging::translation_cache Cache, rmp::writable_store Store>
[[nodiscard]] constexpr auto psmash(Context& ctx, Cache& cache, Store& table, const rmp::processor& part,
                                    const rmp::execution& by, spa rax) -> outcome<rmp::result> {
  const auto done = rmp::psmash(ctx, table, part, by, rax);
  if (done) flush_stale(cache, done->stale);
  return done;
}

/// RMPREAD: stores 16 bytes at RCX, a reference that is itself checked, if it succeeds (RMP-INS-10).
template <class Context, memory::byte_memory Memory, paging::translation_cache Cache, class Regime, class Space,
          rmp::entry_store Store>
[[nodiscard]] constexpr auto rmpread(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                     paging::address_space space, const Store& table, const rmp::processor& part,
                                     const rmp::execution& by, spa rax, address<Space> rcx) -> outcome<rmp::result> {
  rmp::read_state found;
  const auto done = rmp::rmpread(ctx, table, part, by, rax, found);
  if (!done || !done->succeeded()) return done;
  const memory_access store = detail::operand_access(access_kind::write, by);
  const auto operand = rmp::bytes_of(found);
  if (const auto stored = write(ctx, memory, cache, regime, space, rcx, store, operand); !stored)
    return std::unexpected{stored.error()};
  return done;
}

namespace detail {

/// A memory that checks the ownership of table pages alone: what a page-table walk asks for an instruction that looks at
/// the entry of the final page itself.
template <class M>
class tables_guarded : public memory::forwarding<M> {
 public:
  constexpr explicit tables_guarded(M& memory) noexcept : memory::forwarding<M>(memory) {}

  template <class Context>
  [[nodiscard]] constexpr auto check_ownership(Context& ctx, const memory::ownership_query& query) const
      -> memory::ownership_verdict {
    if (!query.table) return {};
    return this->underlying().check_ownership(ctx, query);
  }
};

/// The translation of an instruction's page: with the checks of a read of one byte by the guest (RMP-PVL-08).
template <class Context, class Memory>
[[nodiscard]] constexpr auto translation_for(Context& ctx, Memory& memory, const paging::two_stage_regime& machine,
                                             const rmp::execution& by) {
  return [&ctx, &memory, &machine, &by](gva where) -> outcome<rmp::guest_page> {
    tables_guarded view(memory);
    const memory_access why = operand_access(access_kind::read, by);
    const auto found = paging::walk(ctx, view, machine, where, why);
    if (!found) return std::unexpected{found.error()};
    return rmp::guest_page{.linear = where,
                           .guest = found->in_guest.where,
                           .where = found->page.where,
                           .leaf = found->page.size,
                           .guest_leaf = found->in_guest.size,
                           .c = found->effective_c,
                           .reported_user = !machine.gmet || ctx.choices.gmet_us_bit == gmet_user_bit::always,
                           .nested_sss = found->nested_sss};
  };
}

}  // namespace detail

/// PVALIDATE by the guest that runs under `machine`. Flushes nothing (RMP-PVL-05).
/// @param memory  checks ownership: the guest's tables lie in its own pages
template <class Context, class Memory, rmp::writable_store Store>
  requires readable_memory<Memory> && memory::guarded_memory<Memory, Context>
[[nodiscard]] constexpr auto pvalidate(Context& ctx, Memory& memory, const paging::two_stage_regime& machine,
                                       Store& table, const rmp::processor& part, const rmp::execution& by,
                                       const rmp::validate_operands& operands) -> outcome<rmp::result> {
  return rmp::pvalidate(ctx, table, part, by, operands, detail::translation_for(ctx, memory, machine, by));
}

/// RMPADJUST by the guest that runs under `machine`. Flushes nothing (RMP-ADJ-07).
template <class Context, class Memory, rmp::writable_store Store>
  requires readable_memory<Memory> && memory::guarded_memory<Memory, Context>
[[nodiscard]] constexpr auto rmpadjust(Context& ctx, Memory& memory, const paging::two_stage_regime& machine,
                                       Store& table, const rmp::processor& part, const rmp::execution& by,
                                       const rmp::adjust_operands& operands) -> outcome<rmp::result> {
  return rmp::rmpadjust(ctx, table, part, by, operands, detail::translation_for(ctx, memory, machine, by));
}

/// RMPQUERY by the guest that runs under `machine`.
template <class Context, class Memory, rmp::entry_store Store>
  requires readable_memory<Memory> && memory::guarded_memory<Memory, Context>
[[nodiscard]] constexpr auto rmpquery(Context& ctx, Memory& memory, const paging::two_stage_regime& machine,
                                      const Store& table, const rmp::processor& part, const rmp::execution& by,
                                      gva where, std::uint8_t target, rmp::queried_state& out) -> outcome<rmp::result> {
  return rmp::rmpquery(ctx, table, part, by, where, target, detail::translation_for(ctx, memory, machine, by), out);
}

/// What executes in the guest that runs under `machine`.
[[nodiscard]] constexpr auto execution_in(const paging::two_stage_regime& machine, cpl level,
                                          bool compatibility = false) noexcept -> rmp::execution {
  return {.level = level,
          .id = machine.id,
          .snp_active = machine.snp_active,
          .privilege = machine.level,
          .sixty_four_bit = machine.guest.levels >= 4 && !compatibility};
}

}  // namespace sevspec::inline v0::cpu

#endif
