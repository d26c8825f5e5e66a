// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RMP_PAGES_HPP
#define SEVSPEC_TESTS_SUPPORT_RMP_PAGES_HPP

#include <array>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/rmp/guarded_memory.hpp>

namespace sevspec::test {

/// A Reverse Map Table of at most 24 entries: pages that are not listed are not covered, so the hypervisor's. An entry
/// of a large page is listed once, at its base, and stands for its 512 pages. Works in constant expressions.
class rmp_pages {
 public:
  static constexpr std::uint64_t sub_pages = 512;

  /// Adds or replaces the entry of a page.
  constexpr void put(std::uint64_t where, const rmp::entry& value) {
    for (unsigned i = 0; i < count_; ++i) {
      if (entries_[i].page == where >> 12) {
        entries_[i].value = value;
        return;
      }
    }
    Expects(count_ < entries_.size());
    entries_[count_++] = {where >> 12, value};
  }

  /// The entry of a page that is listed.
  [[nodiscard]] constexpr auto operator[](std::uint64_t where) -> rmp::entry& {
    unsigned i = 0;
    while (i < count_ && entries_[i].page != where >> 12) ++i;
    Expects(i < count_);
    return entries_[i].value;
  }

  [[nodiscard]] constexpr auto covers(rmp::spfn page) const -> bool { return !reserved(page) && find(page) != nullptr; }
  [[nodiscard]] constexpr auto entry_of(rmp::spfn page) const -> rmp::entry {
    const listed* const found = find(page);
    return found == nullptr ? rmp::entry{} : found->value;
  }

  /// As if the segment table's entry for this gigabyte had reserved bits set.
  constexpr void spoil_gigabyte(std::uint64_t number) { spoilt_ = number; }
  [[nodiscard]] constexpr auto reserved(rmp::spfn page) const -> bool { return page.value >> 18 == spoilt_; }

 private:
  struct listed {
    std::uint64_t page{};
    rmp::entry value{};
  };

  [[nodiscard]] constexpr auto find(rmp::spfn page) const -> const listed* {
    const listed* region = nullptr;
    for (unsigned i = 0; i < count_; ++i) {
      if (entries_[i].page == page.value) return &entries_[i];
      if (entries_[i].page == (page.value & ~(sub_pages - 1)) && entries_[i].value.large) region = &entries_[i];
    }
    return region;
  }

  std::array<listed, 24> entries_{};
  unsigned count_ = 0;
  std::uint64_t spoilt_ = ~std::uint64_t{};
};

/// A page of guest `id` that sees it at `guest`, validated, with every permission for VMPL 0 and none for others.
[[nodiscard]] constexpr auto guest_page(std::uint64_t guest, std::uint32_t id = 5) -> rmp::entry {
  return {.assigned = true, .validated = true, .id = {id}, .guest = {guest}, .allowed = {{{0x1f}, {0}, {0}, {0}}}};
}

}  // namespace sevspec::test

#endif
