// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_REFERENCE_HPP
#define SEVSPEC_NESTED_REFERENCE_HPP

#include <cstdint>
#include <span>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/nested/machine.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/translate.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>

/// What hardware makes of one reference: nested tables, page ownership, key. No hypervisor takes part: a fault is what
/// L0 is told.
namespace sevspec::inline v0::nested {

/// Where a guest's reference goes.
/// @param who    the guest's regime: `l1_regime`, `l2_hardware_regime`
/// @param where  the gPA that its own tables give
/// @param c      and their C-bit
template <class Context, class Machine>
[[nodiscard]] auto translate(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where, bool c,
                             access_kind kind) -> outcome<paging::target> {
  auto memory = m.guarded();
  const auto page = paging::walk_gpa(ctx, memory, who, where, kind, c, false);
  if (!page) return std::unexpected{page.error()};
  const bool effective = memory::effective_c(who.sev_active, kind == access_kind::execute, true, c);
  return paging::target{page->where, memory::key_for_guest(effective, who.id, page->c)};
}

namespace detail {

[[nodiscard]] constexpr auto answered(memory::memory_status status, spa where) -> outcome<void> {
  if (status == memory::memory_status::ok) return {};
  const bool no_key = status == memory::memory_status::no_key;
  return std::unexpected{fault{no_key ? fault_kind::no_key : fault_kind::no_memory, rule::none, 0, where.value}};
}

}  // namespace detail

/// A guest reads.
/// @param out  not across a 4K boundary
template <class Context, class Machine>
[[nodiscard]] auto read(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where, bool c,
                        std::span<std::uint8_t> out) -> outcome<void> {
  Expects(page_offset(where, page_size::k4k) + out.size() <= 4096);
  const auto target = translate(ctx, m, who, where, c, access_kind::read);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(m.memory.read(target->where, target->key, out), target->where);
}

/// A guest writes.
template <class Context, class Machine>
[[nodiscard]] auto write(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where, bool c,
                         std::span<const std::uint8_t> in) -> outcome<void> {
  Expects(page_offset(where, page_size::k4k) + in.size() <= 4096);
  const auto target = translate(ctx, m, who, where, c, access_kind::write);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(m.memory.write(target->where, target->key, in), target->where);
}

/// Whether L0 may read or write a page that it maps as one of 4K: of reads nobody asks for the owner.
/// @return #PF with the RMP bit for a write to a page that is not the hypervisor's
template <class Context, class Machine>
[[nodiscard]] auto check_host(Context& ctx, Machine& m, spa where, access_kind kind) -> outcome<void> {
  if (!m.core.snp_enabled()) return {};
  const auto verdict = rmp::check_access(ctx, m.rmp, {.where = where, .kind = kind});
  if (verdict.what == memory::ownership_verdict::kind::allowed) return {};
  using code = paging::page_fault_code;
  const std::uint64_t write = writes(kind) ? code::w::mask : 0;
  return std::unexpected{
      fault{fault_kind::pf, verdict.decided_by, code::p::mask | write | code::rmp::mask, where.value}};
}

/// L0 reads or writes memory without a key, or with its own.
template <class Context, class Machine>
[[nodiscard]] auto host_read(Context& ctx, Machine& m, spa where, memory_key key, std::span<std::uint8_t> out)
    -> outcome<void> {
  if (const auto may = check_host(ctx, m, where, access_kind::read); !may) return may;
  return detail::answered(m.memory.read(where, key, out), where);
}
template <class Context, class Machine>
[[nodiscard]] auto host_write(Context& ctx, Machine& m, spa where, memory_key key, std::span<const std::uint8_t> in)
    -> outcome<void> {
  if (const auto may = check_host(ctx, m, where, access_kind::write); !may) return may;
  return detail::answered(m.memory.write(where, key, in), where);
}

namespace detail {

/// How an RMP instruction of a guest finds the page it names: by the guest's nested tables, without a look at owners,
/// which is the instruction's own.
template <class Context, class Machine>
[[nodiscard]] auto named_page(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where)
    -> outcome<rmp::guest_page> {
  paging::two_stage_regime regime = who;
  regime.snp_enabled = false;
  const auto page = paging::walk_gpa(ctx, m.memory, regime, where, access_kind::read, true, false);
  if (!page) return std::unexpected{page.error()};
  return rmp::guest_page{.linear = {where.value},
                         .guest = where,
                         .where = page->where,
                         .leaf = page->size == page_size::k4k ? page_size::k4k : page_size::k2m,
                         .guest_leaf = page->size == page_size::k4k ? page_size::k4k : page_size::k2m};
}
[[nodiscard]] constexpr auto executing(const paging::two_stage_regime& who) noexcept -> rmp::execution {
  return {.id = who.id, .snp_active = who.snp_active, .privilege = who.level};
}

}  // namespace detail

/// PVALIDATE by a guest that maps its memory one to one: native, without an exit (NES-RMP-05).
template <class Context, class Machine>
[[nodiscard]] auto pvalidate(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where, bool large,
                             bool validated) -> outcome<rmp::result> {
  return rmp::pvalidate(ctx, m.rmp, m.processor(), detail::executing(who),
                        {.where = {where.value}, .size = large ? 1U : 0U, .validated = validated ? 1U : 0U},
                        [&](gva) { return detail::named_page(ctx, m, who, where); });
}

/// RMPADJUST by such a guest.
/// @param attributes  RDX
template <class Context, class Machine>
[[nodiscard]] auto rmpadjust(Context& ctx, Machine& m, const paging::two_stage_regime& who, gpa where, bool large,
                             std::uint64_t attributes) -> outcome<rmp::result> {
  return rmp::rmpadjust(ctx, m.rmp, m.processor(), detail::executing(who),
                        {.where = {where.value}, .size = large ? 1U : 0U, .attributes = attributes},
                        [&](gva) { return detail::named_page(ctx, m, who, where); });
}

}  // namespace sevspec::inline v0::nested

#endif
