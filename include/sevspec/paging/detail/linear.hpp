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
#include <sevspec/paging/detail/leaf_found.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>

namespace sevspec::inline v0::paging::detail {

// What translations of linear addresses share, whether CR3 or gCR3 roots them.

/// Whether a reference is made in 64-bit mode.
template <class Regime>
[[nodiscard]] constexpr auto in_64_bit_mode(const Regime& regime, const memory_access& why) noexcept -> bool {
  return regime.levels >= 4 && !why.compatibility;
}

/// The linear address that translation starts from: outside 64-bit mode it has 32 bits.
template <class Context, class Regime, class From>
[[nodiscard]] constexpr auto linear_address(Context& ctx, const Regime& regime, address<From> where,
                                            const memory_access& why) -> address<From> {
  return ctx.applies(rule::PAG_CAN_02, !in_64_bit_mode(regime, why)) ? address<From>{where.value & 0xffff'ffff} : where;
}

/// The address as upper address ignore sees it: bits 63:57 do not count, so they equal bit 56. This is what a TLB
/// knows a page by; faults report the address as it was.   APM vol. 2, 5.10
template <class Context, class Regime, class From>
[[nodiscard]] constexpr auto without_ignored_bits(Context& ctx, const Regime& regime, address<From> where,
                                                  const memory_access& why) -> address<From> {
  if (!in_64_bit_mode(regime, why)) return where;
  if (ctx.applies(rule::PAG_CAN_03, regime.upper_address_ignore && why.through_ds_or_es)) [[unlikely]]
    return {static_cast<std::uint64_t>(static_cast<std::int64_t>(where.value << 7) >> 7)};
  return where;
}

/// The canonical check: #GP(0), or #SS(0) for references through SS, before any table is read.   APM vol. 2, 5.3.1
template <class Context, class Regime, class From>
[[nodiscard]] constexpr auto not_canonical(Context& ctx, const Regime& regime, address<From> where,
                                           const memory_access& why) -> std::optional<fault> {
  if (!in_64_bit_mode(regime, why)) return {};  // PAG-CAN-02
  const auto canonical = [&](address<From> byte) {
    return is_canonical(without_ignored_bits(ctx, regime, byte, why), regime.levels);
  };
  const fault_kind kind = why.through_ss ? fault_kind::ss : fault_kind::gp;
  if (ctx.denies(rule::PAG_CAN_01, !canonical(where))) return fault{kind, rule::PAG_CAN_01, 0, 0};
  // The first byte is canonical; the reference may still reach into the hole.
  if (ctx.denies(rule::PAG_CAN_04, !canonical(where + (why.bytes - 1)))) return fault{kind, rule::PAG_CAN_04, 0, 0};
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
  if (why.is_shadow_stack()) code |= error::ss::mask;  // PAG-PERM-07
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
  [[nodiscard, gnu::always_inline]] constexpr auto denied(Context& ctx, const Regime& regime, page_rights rights,
                                                          const leaf_found& found) const -> denial {
    return permission_denied(ctx, regime, rights, found.leaf, entry::rw::test(found.in_pointers), why);
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
