// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_REGION_HPP
#define SEVSPEC_RMP_REGION_HPP

#include <cstdint>
#include <cstring>

#include <sevspec/base/address.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// What the entries of a 2M region have in common.
struct region_facts {
  bool any_assigned{};         ///< the first page's included
  bool all_assigned{};         ///< the same
  bool any_other_immutable{};  ///< not counting the first page
  bool any_in_use{};
};

namespace detail {

/// What is set in any, and what in every entry's lower quadword.
struct gathered {
  std::uint64_t any{};
  std::uint64_t every = ~std::uint64_t{};

  constexpr void add(std::uint64_t lo) noexcept { any |= lo, every &= lo; }
};
template <std::uint64_t Count>
[[nodiscard]] constexpr auto gather_plainly(const raw_entry* first) noexcept -> gathered {
  gathered all;
  for (std::uint64_t i = 0; i < Count; ++i) all.add(first[i].lo);
  return all;
}
#if defined(__x86_64__)
/// The same in loads of 32 bytes, which x86-64 has no instruction for by default; memset takes its stores, too.
template <std::uint64_t Count>
[[nodiscard, gnu::target("avx2"), gnu::noinline]] inline auto gather_widely(const raw_entry* first) noexcept
    -> gathered {
  static_assert(Count % 4 == 2);
  using two_entries [[gnu::vector_size(32)]] = std::uint64_t;
  two_entries any{}, every = ~two_entries{}, more_any{}, more_every = ~two_entries{};
  two_entries low, high;
  std::memcpy(&low, first, sizeof low);
  any |= low, every &= low;
  for (std::uint64_t i = 2; i < Count; i += 4) {
    std::memcpy(&low, first + i, sizeof low);
    std::memcpy(&high, first + i + 2, sizeof high);
    any |= low, every &= low;
    more_any |= high, more_every &= high;
  }
  any |= more_any, every &= more_every;
  return {any[0] | any[2], every[0] & every[2]};
}
#endif
template <std::uint64_t Count>
[[nodiscard]] constexpr auto gather(const raw_entry* first) noexcept -> gathered {
#if defined(__x86_64__)
  if !consteval {
    if constexpr (Count % 4 == 2)
      if (__builtin_cpu_supports("avx2")) return gather_widely<Count>(first);
  }
#endif
  return gather_plainly<Count>(first);
}

/// Entries one after the other: each lower quadword is `step` more than the one before it.
template <std::uint64_t Count>
constexpr void fill_plainly(raw_entry* to, raw_entry first, std::uint64_t step) noexcept {
  for (std::uint64_t i = 0; i < Count; ++i, first.lo += step) to[i] = first;
}
#if defined(__x86_64__)
/// The same in stores of 32 bytes.
template <std::uint64_t Count>
[[gnu::target("avx2"), gnu::noinline]] inline void fill_widely(raw_entry* to, raw_entry first,
                                                               std::uint64_t step) noexcept {
  static_assert(Count % 4 == 0);
  using two_entries [[gnu::vector_size(32)]] = std::uint64_t;
  two_entries low{first.lo, first.hi, first.lo + step, first.hi};
  two_entries high{first.lo + 2 * step, first.hi, first.lo + 3 * step, first.hi};
  const two_entries next{4 * step, 0, 4 * step, 0};
  for (std::uint64_t i = 0; i < Count; i += 4, low += next, high += next) {
    std::memcpy(static_cast<void*>(to + i), &low, sizeof low);
    std::memcpy(static_cast<void*>(to + i + 2), &high, sizeof high);
  }
}
#endif
template <std::uint64_t Count>
constexpr void fill(raw_entry* to, raw_entry first, std::uint64_t step) noexcept {
#if defined(__x86_64__)
  if !consteval {
    if constexpr (Count % 4 == 0)
      if (__builtin_cpu_supports("avx2")) return fill_widely<Count>(to, first, step);
  }
#endif
  fill_plainly<Count>(to, first, step);
}

}  // namespace detail

/// Looks at all entries of a region.
/// @param base  first page of a region; pages that are not covered do not count
template <entry_store Store>
[[nodiscard]] constexpr auto facts_of_region(const Store& rmp, spfn base) -> region_facts {
  constexpr std::uint64_t pages = Store::sub_pages;
  if constexpr (raw_store<Store>) {
    if (rmp.covers({base.value + (pages - 1)})) {
      const raw_entry* const first = rmp.raw_region(base);
      detail::gathered others = detail::gather<pages - 2>(first + 2);
      others.add(first[1].lo);
      const std::uint64_t any = others.any | first->lo;
      // Bit 63 means the firmware's lock as often as it means use.
      bool in_use = false;
      if (raw::lock::test(any))
        for (std::uint64_t i = 0; i < pages; ++i) in_use = in_use || decode(first[i]).in_use;
      return {.any_assigned = raw::assigned::test(any),
              .all_assigned = raw::assigned::test(others.every & first->lo),
              .any_other_immutable = raw::immutable::test(others.any),
              .any_in_use = in_use};
    }
  }
  region_facts facts{.any_assigned = false, .all_assigned = true, .any_other_immutable = false, .any_in_use = false};
  for (std::uint64_t i = 0; i < pages; ++i) {
    const spfn page{base.value + i};
    if (!rmp.covers(page)) continue;
    const entry one = rmp.entry_of(page);
    facts.any_assigned = facts.any_assigned || one.assigned;
    facts.all_assigned = facts.all_assigned && one.assigned;
    facts.any_other_immutable = facts.any_other_immutable || (i != 0 && one.immutable);
    facts.any_in_use = facts.any_in_use || one.in_use;
  }
  return facts;
}

/// Whether a page of a region is assigned: by the count that the first entry keeps where the table keeps one
/// (RMP-CHK-08), else by looking. Pages that are not covered are not assigned.
template <entry_store Store>
[[nodiscard]] constexpr auto any_assigned_in_region(const Store& rmp, spfn base) -> bool {
  if constexpr (requires { requires Store::counts_sub_pages; }) {
    if (!rmp.covers(base)) return false;
    if constexpr (raw_store<Store>) {
      constexpr std::uint64_t counted = raw::assigned::mask | raw::large::mask | raw::sub_page_count::mask;
      return (rmp.raw_of(base).lo & counted) != 0;
    } else {
      const entry first = rmp.entry_of(base);
      return first.assigned || first.large || first.sub_page_count != 0;
    }
  } else {
    return facts_of_region(rmp, base).any_assigned;
  }
}

/// Replaces all entries of a region: the first by `first`, the others by ones that hold the assigned bit alone
/// (RMP-ENT-06).
template <writable_store Store>
constexpr void put_large(Store& rmp, spfn base, const entry& first) {
  constexpr std::uint64_t pages = Store::sub_pages;
  const entry other{.assigned = first.assigned};
  if constexpr (writable_raw_store<Store>) {
    if (rmp.covers({base.value + (pages - 1)})) {
      raw_entry* const to = rmp.writable_region(base);
      detail::fill<pages>(to, encode(other), 0);
      to[0] = encode(first);
      return;
    }
  }
  for (std::uint64_t i = 1; i < pages; ++i)
    if (rmp.covers({base.value + i})) rmp.put({base.value + i}, other);
  rmp.put(base, first);
}

/// Makes the large entry of a region into entries of 4K at consecutive gPAs, which are otherwise like it.
/// @param base  covered, as is its region
template <writable_store Store>
constexpr void put_split(Store& rmp, spfn base, entry whole) {
  constexpr std::uint64_t pages = Store::sub_pages;
  whole.large = false;
  whole.in_use = false;
  whole.sub_page_count = 0;
  entry first = whole;
  first.sub_page_count = static_cast<std::uint16_t>(pages - 1);
  if constexpr (writable_raw_store<Store>) {
    raw_entry* const to = rmp.writable_region(base);
    detail::fill<pages>(to, encode(whole), 0x1000);
    to[0] = encode(first);
  } else {
    for (std::uint64_t i = 1; i < pages; ++i) {
      whole.guest = first.guest + i * 0x1000;
      rmp.put({base.value + i}, whole);
    }
    rmp.put(base, first);
  }
}

}  // namespace sevspec::inline v0::rmp

#endif
