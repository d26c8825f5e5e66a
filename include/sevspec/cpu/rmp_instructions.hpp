// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_RMP_INSTRUCTIONS_HPP
#define SEVSPEC_CPU_RMP_INSTRUCTIONS_HPP

#include <array>
#include <cstdint>
#include <expected>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/cpu/access.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/forwarding.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guest_page.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/store.hpp>

/// RMP instructions as a processor executes them: operands come from memory, addresses of guests through their tables.
/// PSMASH, which has neither, is `rmp::psmash`.
namespace sevspec::inline v0::cpu {

/// Drops what a TLB holds of pages whose entries have changed: for every TLB of the machine, IOMMUs' included
/// (RMP-UPD-12).
template <class Cache>
constexpr void flush_stale(Cache& cache, const rmp::page_range& stale) {
  if (stale.count == 0) return;
  if constexpr (requires { cache.flush_if([](auto&&...) { return true; }); })
    cache.flush_if([&](paging::address_space, const paging::cached_translation& held) {
      const std::uint64_t first = held.page.value >> 12;
      const std::uint64_t last = (held.page.value + (bytes_in(held.size) - 1)) >> 12;
      return first < stale.first.value + stale.count && last >= stale.first.value;
    });
}

/// RMPUPDATE: its operand of 16 bytes is read at RCX with all checks of a reference, before the table is looked at
/// (RMP-INS-10).
/// @param regime  host or guest: in a guest the instruction reads its operand, and answers FAIL_PERMISSION
/// @param rax     system physical address
/// @param rcx     linear address of the operand, through DS
/// @return EAX; the caller flushes what `stale` says from the other TLBs. Or #UD, #GP(0), the operand's fault
template <class Context, memory::byte_memory Memory, paging::translation_cache Cache, class Regime, class Space,
          rmp::writable_store Store>
[[nodiscard]] constexpr auto rmpupdate(Context& ctx, Memory& memory, Cache& cache, const Regime& regime,
                                       paging::address_space space, Store& table, const rmp::processor& part,
                                       const rmp::execution& by, spa rax, address<Space> rcx) -> outcome<rmp::result> {
  if (const auto fault = rmp::refused(ctx, part, by, rmp::instruction::rmpupdate)) return std::unexpected{*fault};
  std::array<std::uint8_t, 16> operand{};
  const memory_access load{.kind = access_kind::read, .level = by.level, .through_ds_or_es = true};
  if (const auto loaded = read(ctx, memory, cache, regime, space, rcx, load, operand); !loaded)
    return std::unexpected{loaded.error()};
  auto done = rmp::rmpupdate(ctx, table, part, by, rax, rmp::new_state_of(operand));
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
  const memory_access store{.kind = access_kind::write, .level = by.level, .through_ds_or_es = true};
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
    const memory_access why{.kind = access_kind::read, .level = by.level, .through_ds_or_es = true};
    const auto found = paging::walk(ctx, view, machine, where, why);
    if (!found) return std::unexpected{found.error()};
    return rmp::guest_page{.linear = where,
                           .guest = found->in_guest.where,
                           .where = found->page.where,
                           .leaf = found->page.size,
                           .guest_leaf = found->in_guest.size,
                           .c = found->effective_c,
                           .reported_user = !machine.gmet || ctx.choices.gmet_us_bit == gmet_user_bit::always};
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
