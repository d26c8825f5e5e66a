// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TRANSLATE_HPP
#define SEVSPEC_PAGING_TRANSLATE_HPP

#include <cstdint>
#include <expected>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/paging/detail/controls.hpp>
#include <sevspec/paging/detail/guest_stage.hpp>
#include <sevspec/paging/detail/linear.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/paging/walk.hpp>

namespace sevspec::inline v0::paging {

/// Where a reference goes once its address is translated.
struct target {
  spa where{};
  memory_key key{};

  friend constexpr auto operator==(target, target) -> bool = default;
};

namespace detail {

/// Whether the tables' rights allow a reference, judged as a walk would.
template <class Context, class Regime>
[[nodiscard, gnu::noinline]] constexpr auto still_permitted(Context& ctx, const Regime& regime,
                                                            const cached_translation& held, const memory_access& why)
    -> bool {
  if (held.rights.no_execute && !regime.nxe) return false;  // NX has become a reserved bit
  return !permission_denied(ctx, regime, held.rights, held.leaf, true, why);
}

/// Whether a held translation was made for the VMSA that runs: its VMPL, and its idea of what is private. Ownership was
/// checked for those (PAG-VTOM-05, RMP-VPL-01).
[[nodiscard]] constexpr auto same_privacy(const two_stage_regime& machine, const cached_translation& held) noexcept
    -> bool {
  const std::uint64_t tom = machine.vtom ? machine.virtual_tom : cached_translation::no_virtual_tom;
  return held.level == machine.level && held.virtual_tom == tom;
}

/// Whether a held translation may serve a reference without a walk: one of its class has been walked, and what may have
/// changed since without a flush still allows it. If not, the walk is made again from memory before anything is raised,
/// so that a right that was granted meanwhile counts (PAG-TLB-03).
template <class Context, class Regime>
[[nodiscard, gnu::always_inline]] constexpr auto serves(Context& ctx, const Regime& regime,
                                                        const cached_translation& held, const memory_access& why)
    -> bool {
  if ((held.served & access_class(why)) == 0) return false;
  if (held.judged == judged_by(regime, why) || regime.levels == 0) [[likely]]
    return true;
  return still_permitted(ctx, regime, held, why);
}

/// Classes of references that need D in the leaf: writes, and all to shadow stacks.
inline constexpr std::uint16_t classes_that_need_d = 0b11'11'00'11'00;

/// Keeps what a walk found; together with what the same translation has served before.
/// @param clean  the walk saw D=0 in a leaf and had no reason to set it: who needs D must walk again (PAG-AD-03)
template <class Cache>
constexpr void keep(Cache& cache, address_space space, cached_translation found, bool clean) {
  if (const cached_translation* const held = cache.find(space, found.linear)) {
    cached_translation same = found;
    same.served = held->served;
    same.judged = held->judged;
    same.leaf = held->leaf;
    const std::uint64_t changed = found.leaf.raw ^ held->leaf.raw;
    if (same == *held && (changed & ~(entry::a::mask | entry::d::mask)) == 0) {
      const std::uint16_t dropped = clean ? classes_that_need_d : 0;
      found.served = static_cast<std::uint16_t>(found.served | (held->served & ~dropped));
      if (found.judged != held->judged) found.judged = 0;  // some by one, some by the other: judge each again
    }
  }
  cache.fill(space, found);
}

/// What of a host's or guest's translation goes into a cache.
template <class Regime, class To>
[[nodiscard]] constexpr auto cached(const Regime& regime, const mapping<To>& stage, std::uint64_t linear,
                                    page_size size, spa where, const memory_access& why) noexcept
    -> cached_translation {
  const std::uint64_t offset = bytes_in(size) - 1;
  return {.size = size,
          .global = regime.levels != 0 && regime.global_pages && stage.leaf.global(),
          .linear = linear & ~offset,
          .page = {where.value & ~offset},
          .rights = stage.rights,
          .c = stage.c,
          .leaf = {stage.leaf.raw | (why.is_write() ? entry::d::mask : 0)},
          .judged = judged_by(regime, why),
          .served = access_class(why)};
}

/// A reference in guest mode that no held translation serves. Kept out of the way of those that one does.
template <class Context, class Memory, class Cache>
[[nodiscard, gnu::noinline]] constexpr auto walk_and_keep(Context& ctx, Memory& memory, Cache& cache,
                                                          const two_stage_regime& machine, address_space space,
                                                          gva linear, const memory_access& why) -> outcome<target> {
  const auto found = walk(ctx, memory, machine, linear, why);
  if (!found) return std::unexpected{found.error()};
  const std::uint64_t tagless = without_ignored_bits(ctx, machine.guest, linear, why).value;
  cached_translation kept = cached(machine.guest, found->in_guest, tagless, found->size, found->page.where, why);
  kept.guest = page_base(found->in_guest.where, found->size);
  kept.nested_c = found->page.c;
  kept.level = machine.level;
  if (machine.vtom) kept.virtual_tom = machine.virtual_tom;
  const bool dirty = found->page.leaf.dirty() && (machine.guest.levels == 0 || found->in_guest.leaf.dirty());
  keep(cache, space, kept, !dirty && !why.is_write());
  return target{found->page.where, found->key};
}

}  // namespace detail

/// Translates one reference made outside guest mode: from the cache, or by a walk whose result the cache keeps.
/// @param cache   a `translation_cache`: `tlb`, your own, or `no_translation_cache`
/// @param space   ASID 0 and the PCID; see `address_space_of`
/// @param others  as of `walk`
/// @return where the reference goes, and its key; or the fault of the walk
template <class Context, readable_memory Memory, translation_cache Cache>
[[nodiscard]] constexpr auto translate(Context& ctx, Memory& memory, Cache& cache, const host_regime& regime,
                                       address_space space, hva where, const memory_access& why) -> outcome<target> {
  Expects(why.bytes >= 1);
  const hva linear = detail::linear_address(ctx, regime, where, why);
  const std::uint64_t tagless = detail::without_ignored_bits(ctx, regime, linear, why).value;
  if (regime.levels != 0) {
    if (const auto bad = detail::not_canonical(ctx, regime, linear, why)) return std::unexpected{*bad};  // PAG-PRI-01
    const cached_translation* const held = cache.find(space, tagless);
    if (held != nullptr && detail::serves(ctx, regime, *held, why)) [[likely]] {
      const target hit{{held->page.value | (tagless - held->linear)}, memory::key_for_pointer(held->c)};
      ctx.tell(final_access{why.kind, hit.where, hit.key});
      return hit;
    }
  }

  const auto found = walk(ctx, memory, regime, linear, why);
  if (!found) return std::unexpected{found.error()};
  if (regime.levels != 0) {
    page_size size = found->page.size;
    if (ctx.applies(rule::RMP_CHK_09, regime.snp_enabled && size > page_size::k2m)) size = page_size::k2m;
    detail::keep(cache, space, detail::cached(regime, found->page, tagless, size, found->page.where, why),
                 !found->page.leaf.dirty() && !why.is_write());
  }
  return target{found->page.where, found->key};
}

/// Translates one reference made in guest mode; otherwise as above.
/// @param space  the guest's ASID and PCID
template <class Context, readable_memory Memory, translation_cache Cache>
[[nodiscard]] constexpr auto translate(Context& ctx, Memory& memory, Cache& cache, const two_stage_regime& machine,
                                       address_space space, gva where, const memory_access& why) -> outcome<target> {
  Expects(why.bytes >= 1);
  const gva linear = detail::linear_address(ctx, machine.guest, where, why);
  if (machine.guest.levels != 0)
    if (const auto bad = detail::not_canonical(ctx, machine.guest, linear, why)) return std::unexpected{*bad};

  const std::uint64_t tagless = detail::without_ignored_bits(ctx, machine.guest, linear, why).value;
  const cached_translation* const held = cache.find(space, tagless);
  if (held != nullptr && detail::same_privacy(machine, *held) && detail::serves(ctx, machine.guest, *held, why))
      [[likely]] {
    const std::uint64_t offset = tagless - held->linear;
    const mapping<guest_physical> in_guest{.where = {held->guest.value + offset}, .c = held->c};
    const bool effective = detail::effective_c_of(ctx, detail::controls<regime_kind::any>{&machine}, why, in_guest);
    const target hit{{held->page.value + offset}, memory::key_for_guest(effective, machine.id, held->nested_c)};
    ctx.tell(final_access{why.kind, hit.where, hit.key});
    return hit;
  }

  return detail::walk_and_keep(ctx, memory, cache, machine, space, linear, why);
}

}  // namespace sevspec::inline v0::paging

#endif
