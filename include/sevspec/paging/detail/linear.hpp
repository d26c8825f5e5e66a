// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_LINEAR_HPP
#define SEVSPEC_PAGING_DETAIL_LINEAR_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>

namespace sevspec::inline v0::paging::detail {

// What translations of linear addresses share, whether CR3 or gCR3 roots them.

/// The linear address that translation starts from. With paging off a processor is not in 64-bit mode, so its linear
/// addresses have 32 bits.
template <class Context, class Regime, class From>
[[nodiscard]] constexpr auto linear_address(Context& ctx, const Regime& regime, address<From> where) -> address<From> {
  return ctx.applies(rule::PAG_CAN_02, regime.levels == 0) ? address<From>{where.value & 0xffff'ffff} : where;
}

/// The canonical check: #GP(0), or #SS(0) for references through SS, before any table is read.   APM vol. 2, 5.3.1
template <class Context, class Regime, class From>
[[nodiscard]] constexpr auto not_canonical(Context& ctx, const Regime& regime, address<From> where,
                                           const memory_access& why) -> std::optional<fault> {
  const fault_kind kind = why.through_ss ? fault_kind::ss : fault_kind::gp;
  if (ctx.denies(rule::PAG_CAN_01, !is_canonical(where, regime.levels))) return fault{kind, rule::PAG_CAN_01, 0, 0};
  // The first byte is canonical; the reference may still reach into the hole.
  if (ctx.denies(rule::PAG_CAN_04, !is_canonical(where + (why.bytes - 1), regime.levels)))
    return fault{kind, rule::PAG_CAN_04, 0, 0};
  return {};
}

/// #PF of a stage that translates linear addresses.   APM vol. 2, 8.4.2
/// @param code  P, RSVD and PK as the walk found them; W, U and ID are added here
template <class Context, class Regime>
[[nodiscard]] constexpr auto page_fault(Context& ctx, const Regime& regime, rule id, std::uint64_t code,
                                        std::uint64_t linear, const memory_access& why) -> fault {
  using error = page_fault_code;
  if (why.is_write()) code |= error::w::mask;
  if (why.is_user()) code |= error::u::mask;
  if (ctx.applies(rule::PAG_PF_04, why.is_fetch() && (regime.nxe || regime.smep))) code |= error::id::mask;
  return fault{fault_kind::pf, id, code, linear};  // PAG-PF-03: CR2 is the whole linear address
}

/// The part of a requester (see `walk_tables`) that tables of linear addresses have in common: the permissions of host
/// and guest tables, and #PF.
template <class From>
struct linear_requester {
  address<From> where;
  const memory_access& why;

  template <class Context, class Regime>
  [[nodiscard]] constexpr auto denied(Context& ctx, const Regime& regime, page_rights rights, entry leaf) const
      -> denial {
    return permission_denied(ctx, regime, rights, leaf, why);
  }
  template <class Context, class Regime>
  [[nodiscard, gnu::noinline, gnu::cold]] constexpr auto fault(Context& ctx, const Regime& regime, rule id,
                                                               std::uint64_t code) const -> sevspec::fault {
    return page_fault(ctx, regime, id, code, where.value, why);
  }
  [[nodiscard]] constexpr auto writes() const noexcept -> bool { return why.is_write(); }
};

}  // namespace sevspec::inline v0::paging::detail

#endif
