// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_PERMISSIONS_HPP
#define SEVSPEC_PAGING_PERMISSIONS_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/page_fault_code.hpp>

namespace sevspec::inline v0::paging {

/// What all levels of one stage together allow (PAG-PERM-08): writable and user only if every entry says so, executable
/// only if no entry forbids it.
struct page_rights {
  bool writable{};
  bool user{};
  bool no_execute{};

  friend constexpr auto operator==(const page_rights&, const page_rights&) -> bool = default;
};

/// Why a page may not be accessed: the deciding rule, and the bits it adds to the error code besides P.
struct denial {
  rule decided_by = rule::none;
  std::uint64_t code{};

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return decided_by != rule::none; }
};

/// Whether PKRU lets a data access to a user page with this key through (PAG-PERM-06).   APM vol. 2, 5.6.7
/// @param write_protect  CR0.WP, without which supervisor writes ignore WD
[[nodiscard]] constexpr auto protection_key_allows(unsigned key, const memory_access& why, bool write_protect) noexcept
    -> bool {
  const bool access_disable = ((why.pkru >> (2 * key)) & 1) != 0;
  const bool write_disable = ((why.pkru >> (2 * key + 1)) & 1) != 0;
  return !access_disable && !(write_disable && why.is_write() && (why.is_user() || write_protect));
}

/// The permission checks of host and guest tables, made once the leaf is found.   APM vol. 2, 5.6
///
/// The protection key comes first, so that PK is reported even if another check fails too; the mutual order of the
/// others does not show (PAG-PRI-02).
/// @param page               combined rights of the walk
/// @param leaf               the leaf entry, for its protection key
/// @param writable_pointers  every entry above the leaf has R/W=1
template <class Context, class Regime>
[[nodiscard, gnu::always_inline]] constexpr auto permission_denied(Context& ctx, const Regime& regime, page_rights page,
                                                                   entry leaf, bool writable_pointers,
                                                                   const memory_access& why) -> denial {
  const bool user = why.is_user();
  const bool write = why.is_write();
  const bool fetch = why.is_fetch();

  const bool keyed = regime.protection_keys && page.user && !fetch;
  if (ctx.denies(rule::PAG_PERM_06, keyed && !protection_key_allows(leaf.protection_key(), why, regime.write_protect)))
    return {rule::PAG_PERM_06, page_fault_code::pk::mask};

  if (why.is_shadow_stack()) [[unlikely]] {  // R/W=0 marks a shadow stack, so none of the other checks holds for it
    const bool shadow_stack = writable_pointers && !entry::rw::test(leaf.raw) && entry::d::test(leaf.raw);
    if (ctx.denies(rule::PAG_PERM_07, !shadow_stack || page.user != user)) return {rule::PAG_PERM_07};
    return {};
  }

  if (ctx.denies(rule::PAG_PERM_01, user && !page.user)) return {rule::PAG_PERM_01};
  if (ctx.denies(rule::PAG_PERM_02, write && !page.writable && (user || regime.write_protect)))
    return {rule::PAG_PERM_02};
  if (ctx.denies(rule::PAG_PERM_03, fetch && page.no_execute)) return {rule::PAG_PERM_03};
  if (ctx.denies(rule::PAG_PERM_04, regime.smep && fetch && !user && page.user)) return {rule::PAG_PERM_04};
  const bool smap_applies = regime.smap && !fetch && !user && (why.implicit_supervisor || !why.alignment_check);
  if (ctx.denies(rule::PAG_PERM_05, smap_applies && page.user)) return {rule::PAG_PERM_05};
  return {};
}

}  // namespace sevspec::inline v0::paging

#endif
