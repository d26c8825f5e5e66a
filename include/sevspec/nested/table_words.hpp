// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_TABLE_WORDS_HPP
#define SEVSPEC_NESTED_TABLE_WORDS_HPP

#include <concepts>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/paging/entry.hpp>

/// Building nested tables of four levels, entry by entry: nPT01 and nPT02 by L0, nPT12 by L1.
namespace sevspec::inline v0::nested {

/// Pages that a hypervisor has put aside for tables. A regular value.
struct page_pool {
  std::uint64_t next{};  ///< address of the next page that was never used
  std::uint64_t end{};   ///< address behind the last one
  std::vector<std::uint64_t> given_back{};

  /// A page; nothing if there is none left.
  [[nodiscard]] auto take() -> std::optional<std::uint64_t> {
    if (!given_back.empty()) {
      const std::uint64_t page = given_back.back();
      given_back.pop_back();
      return page;
    }
    if (next >= end) return {};
    const std::uint64_t page = next;
    next += 0x1000;
    return page;
  }
  void give_back(std::uint64_t page) { given_back.push_back(page); }

  friend auto operator==(const page_pool&, const page_pool&) -> bool = default;
};

/// How the owner of tables reaches their words: `load(at)` and `store(at, value)`, each by its own kind of address.
/// A page that is taken is zeroed by `clear(page)`.
template <class W>
concept table_words = requires(W& words, std::uint64_t at, std::uint64_t value) {
  { words.load(at) } -> std::same_as<std::optional<std::uint64_t>>;
  { words.store(at, value) } -> std::same_as<bool>;
  { words.clear(at) } -> std::same_as<bool>;
};

namespace detail {

inline constexpr std::uint64_t table_pointer_bits =
    paging::entry::p::mask | paging::entry::rw::mask | paging::entry::us::mask | paging::entry::a::mask;
inline constexpr std::uint64_t table_address_bits = 0x000f'ffff'ffff'f000;

[[nodiscard]] constexpr auto table_slot(std::uint64_t table, std::uint64_t from, unsigned level) noexcept
    -> std::uint64_t {
  return table + 8 * (from >> (12 + 9 * (level - 1)) & 511);
}
[[nodiscard]] constexpr auto level_of(page_size size) noexcept -> unsigned {
  return size == page_size::k4k ? 1 : size == page_size::k2m ? 2 : 3;
}
[[nodiscard]] constexpr auto is_leaf(std::uint64_t raw, unsigned level) noexcept -> bool {
  return level == 1 || paging::entry::ps::test(raw);
}

}  // namespace detail

/// The last entry on the way to an address.
struct found_entry {
  std::uint64_t at{};
  unsigned level{};
  std::uint64_t raw{};  ///< a leaf, or not present

  [[nodiscard]] constexpr auto present() const noexcept -> bool { return paging::entry::p::test(raw); }
  [[nodiscard]] constexpr auto size() const noexcept -> page_size {
    return level == 1 ? page_size::k4k : level == 2 ? page_size::k2m : page_size::k1g;
  }
};

/// Looks for the entry that decides about an address, as software that owns the tables does.
/// @return nothing if the memory does not answer
template <table_words Words>
[[nodiscard]] auto find_entry(Words& words, std::uint64_t root, std::uint64_t from) -> std::optional<found_entry> {
  std::uint64_t table = root;
  for (unsigned level = 4;; --level) {
    const std::uint64_t at = detail::table_slot(table, from, level);
    const auto raw = words.load(at);
    if (!raw) return {};
    if (!paging::entry::p::test(*raw) || (level <= 3 && detail::is_leaf(*raw, level)))
      return found_entry{at, level, *raw};
    table = *raw & detail::table_address_bits;
  }
}

/// Writes a leaf, and the tables on the way to it. A larger leaf that is in the way is split: its other parts stay mapped
/// as they were.
/// @param raw   the entry; with its PS bit for pages larger than 4K
/// @param take  `take() -> optional<address>` of a page for a table
/// @return false if a page or a word is missing; tables that were made stay
template <table_words Words, class Take>
auto put_leaf(Words& words, std::uint64_t root, std::uint64_t from, page_size size, std::uint64_t raw, Take&& take)
    -> bool {
  using paging::entry;
  std::uint64_t table = root;
  for (unsigned level = 4; level > detail::level_of(size); --level) {
    const std::uint64_t at = detail::table_slot(table, from, level);
    const auto old = words.load(at);
    if (!old) return false;
    if (entry::p::test(*old) && !(level <= 3 && entry::ps::test(*old))) {
      table = *old & detail::table_address_bits;
      continue;
    }
    const std::optional<std::uint64_t> made = take();
    if (!made || !words.clear(*made)) return false;
    if (entry::p::test(*old)) {
      const std::uint64_t part = std::uint64_t{1} << (12 + 9 * (level - 2));
      const std::uint64_t like = level == 2 ? *old & ~entry::ps::mask : *old;
      for (std::uint64_t i = 0; i < 512; ++i)
        if (!words.store(*made + 8 * i, like + i * part)) return false;
    }
    if (!words.store(at, *made | detail::table_pointer_bits)) return false;
    table = *made;
  }
  return words.store(detail::table_slot(table, from, detail::level_of(size)), raw);
}

/// Makes the entry that maps an address not present.
/// @return false if there is none
template <table_words Words>
auto remove_leaf(Words& words, std::uint64_t root, std::uint64_t from) -> bool {
  const auto found = find_entry(words, root, from);
  return found && found->present() && words.store(found->at, 0);
}

}  // namespace sevspec::inline v0::nested

#endif
