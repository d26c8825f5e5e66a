// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TLB_HPP
#define SEVSPEC_PAGING_TLB_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/paging/translation_cache.hpp>

namespace sevspec::inline v0::paging {

/// A translation lookaside buffer of one core: set-associative, tagged with ASID and PCID. A translation stays, however
/// wrong memory has made it, until something drops it: that is what makes a missing flush visible.   APM vol. 2, 5.5,
/// 15.16
///
/// Flushes of an ASID, or of everything, take constant time: they move on a generation, and entries of older ones no
/// longer count.
/// @tparam Sets   a power of two
/// @tparam Ways   entries per set
/// @tparam Asids  number of ASIDs, the host's included; of higher ones nothing is kept
template <std::size_t Sets = 64, std::size_t Ways = 8, std::uint32_t Asids = 1024>
class tlb {
  static_assert(std::has_single_bit(Sets) && Ways >= 1);

 public:
  /// PAG-TLB-01. Smaller pages first, so that after a large page was split its parts win as soon as they are filled.
  [[nodiscard]] constexpr auto find(address_space space, std::uint64_t linear) const noexcept
      -> const cached_translation* {
    if (space.id.value >= Asids) return nullptr;
    using enum page_size;
    if (const auto* const held = find_page<k4k>(space, linear)) return held;
    if (const auto* const held = find_page<k2m>(space, linear)) return held;
    if (const auto* const held = find_page<k4m>(space, linear)) return held;
    if (const auto* const held = find_page<k1g>(space, linear)) return held;
    return find_page<unlimited>(space, linear);
  }

  /// Keeps a translation. Replaces that of the same page; else takes a free entry, else the ways of its set in turn.
  constexpr void fill(address_space space, const cached_translation& what) noexcept {
    if (space.id.value >= Asids) return;
    const current_stamps now = stamps_of(space.id);
    const std::size_t set = set_of(what.linear, what.size);
    std::size_t way = way_of(set, space, what.linear, what.size);
    for (std::size_t i = 0; i < Ways && way == Ways; ++i)
      if (!current(tags_[set][i])) way = i;
    if (way == Ways) way = victims_[set]++ % Ways;
    tags_[set][way] = {.page = page_tag(what.linear, what.size),
                       .space = space_tag(space, what.global),
                       .stamp = what.global ? now.global : now.not_global};
    what_[set][way] = what;
    sizes_held_ |= 1U << static_cast<unsigned>(what.size);
  }

  /// Everything of every ASID.
  constexpr void flush_all() noexcept { ++all_; }

  /// Everything of one ASID.
  constexpr void flush(asid id) noexcept {
    if (id.value < Asids) ++of_asid_[id.value];
  }

  /// What is not global of one ASID.
  constexpr void flush_not_global(asid id) noexcept {
    if (id.value < Asids) ++not_global_[id.value];
  }

  /// What is not global of one PCID of one ASID.
  constexpr void flush_not_global(address_space space) noexcept {
    flush_if([&](address_space of, const cached_translation& held) { return of == space && !held.global; });
  }

  /// The pages that hold an address, whatever their size.
  /// @param any_pcid  of every PCID
  /// @param globals   global translations, too
  constexpr void flush_page(address_space space, std::uint64_t linear, bool any_pcid, bool globals) noexcept {
    flush_if([&](address_space of, const cached_translation& held) {
      if (of.id != space.id || (linear & ~(bytes_in(held.size) - 1)) != held.linear) return false;
      return held.global ? globals : any_pcid || of.pcid == space.pcid;
    });
  }

  /// Everything that `which(space, translation)` is true of. The PCID of a global translation is 0.
  template <class Which>
  constexpr void flush_if(Which&& which) noexcept {
    for (std::size_t set = 0; set < Sets; ++set)
      for (std::size_t way = 0; way < Ways; ++way) {
        tag& one = tags_[set][way];
        if (one.page != free && which(space_of(one), std::as_const(what_[set][way]))) one.page = free;
      }
  }

 private:
  static constexpr std::uint64_t free = ~std::uint64_t{};
  static constexpr std::uint64_t global_mark = std::uint64_t{1} << 63;

  /// What an entry is found by, apart from what it holds: a set's tags lie in few cache lines.
  struct tag {
    std::uint64_t page = free;  ///< first byte of the page, and its size in the low bits
    std::uint64_t space{};      ///< ASID and PCID; global: ASID and a mark
    std::uint64_t stamp{};      ///< as of the fill
  };

  /// How many flushes an ASID's entries have seen. An entry counts while no flush of its kind came after its fill.
  struct current_stamps {
    std::uint64_t global{};
    std::uint64_t not_global{};
  };
  [[nodiscard]] constexpr auto stamps_of(asid id) const noexcept -> current_stamps {
    const std::uint64_t global = all_ + of_asid_[id.value];
    return {.global = global, .not_global = global + not_global_[id.value]};
  }

  [[nodiscard]] static constexpr auto page_tag(std::uint64_t linear, page_size size) noexcept -> std::uint64_t {
    return (linear & ~(bytes_in(size) - 1)) | static_cast<std::uint64_t>(size);
  }
  [[nodiscard]] static constexpr auto space_tag(address_space space, bool global) noexcept -> std::uint64_t {
    return std::uint64_t{space.id.value} << 16 | (global ? global_mark : space.pcid);
  }
  [[nodiscard]] static constexpr auto space_of(const tag& one) noexcept -> address_space {
    const bool global = (one.space & global_mark) != 0;
    return {.id = {static_cast<std::uint32_t>((one.space & ~global_mark) >> 16)},
            .pcid = static_cast<std::uint16_t>(global ? 0 : one.space & 0xffff)};
  }
  [[nodiscard]] static constexpr auto set_of(std::uint64_t linear, page_size size) noexcept -> std::size_t {
    const std::uint64_t page = linear >> log2_bytes(size);
    return static_cast<std::size_t>((page ^ page >> std::bit_width(Sets - 1)) & (Sets - 1));
  }

  /// Whether an entry still counts.
  [[nodiscard]] constexpr auto current(const tag& one) const noexcept -> bool {
    if (one.page == free) return false;
    const current_stamps now = stamps_of(space_of(one).id);
    return one.stamp == ((one.space & global_mark) != 0 ? now.global : now.not_global);
  }

  /// The translation of a page of one size.
  template <page_size Size>
  [[nodiscard, gnu::always_inline]] constexpr auto find_page(address_space space, std::uint64_t linear) const noexcept
      -> const cached_translation* {
    if ((sizes_held_ >> static_cast<unsigned>(Size) & 1) == 0) return nullptr;
    const std::size_t set = set_of(linear, Size);
    const std::size_t way = way_of(set, space, linear, Size);
    return way == Ways ? nullptr : &what_[set][way];
  }

  /// The entry of a set that holds the page; `Ways` if there is none.
  [[nodiscard, gnu::always_inline]] constexpr auto way_of(std::size_t set, address_space space, std::uint64_t linear,
                                                          page_size size) const noexcept -> std::size_t {
    const std::uint64_t page = page_tag(linear, size);
    for (std::size_t way = 0; way < Ways; ++way) {
      const tag& one = tags_[set][way];
      if (one.page != page) [[likely]]
        continue;
      if ((one.space == space_tag(space, false) || one.space == space_tag(space, true)) && current(one)) return way;
    }
    return Ways;
  }

  std::array<std::array<tag, Ways>, Sets> tags_{};
  std::array<std::array<cached_translation, Ways>, Sets> what_{};
  std::array<std::uint32_t, Sets> victims_{};
  std::uint32_t sizes_held_ = 0;  ///< sizes ever filled, so that others are not looked for
  std::uint64_t all_ = 0;
  std::array<std::uint64_t, Asids> of_asid_{};
  std::array<std::uint64_t, Asids> not_global_{};
};

}  // namespace sevspec::inline v0::paging

#endif
