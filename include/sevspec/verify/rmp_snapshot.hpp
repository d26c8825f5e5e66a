// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_SNAPSHOT_HPP
#define SEVSPEC_VERIFY_RMP_SNAPSHOT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::verify {

/// What a table was: its entries, and the counters of ASIDs if it has them. Itself a table that can be read, and a
/// regular value.
/// @tparam Store  the kind of table that is remembered
template <rmp::entry_store Store>
class rmp_snapshot {
 public:
  static constexpr std::uint64_t sub_pages = Store::sub_pages;
  static constexpr bool counts_sub_pages = requires { requires Store::counts_sub_pages; };
  static constexpr bool counts_asids = requires(const Store& table) { table.pages_of(asid{}); };

  rmp_snapshot() = default;
  /// @param pages  what is remembered; nothing else is covered
  constexpr rmp_snapshot(const Store& table, rmp::page_range pages)
      : first_(pages.first), pages_(static_cast<std::size_t>(pages.count)) {
    take(table, pages);
  }

  /// Remembers some of the pages anew, and all counters: cheaper than a new snapshot.
  /// @param pages  part of the snapshot's
  constexpr void take(const Store& table, rmp::page_range pages) {
    for (std::uint64_t i = 0; i < pages.count; ++i) {
      const rmp::spfn page{pages.first.value + i};
      remembered& one = pages_[page.value - first_.value];
      one.covered = table.covers(page);
      if (one.covered) one.what = table.entry_of(page);
    }
    if constexpr (counts_asids)
      for (std::uint32_t id = 0; id < counters_.size(); ++id) counters_[id] = table.pages_of({id});
  }

  [[nodiscard]] constexpr auto covers(rmp::spfn page) const noexcept -> bool {
    const std::uint64_t at = page.value - first_.value;
    return at < pages_.size() && pages_[at].covered;
  }
  [[nodiscard]] constexpr auto entry_of(rmp::spfn page) const noexcept -> const rmp::entry& {
    return pages_[page.value - first_.value].what;
  }
  /// Of the ASIDs that entries have room for.
  [[nodiscard]] constexpr auto pages_of(asid id) const noexcept -> std::int64_t
    requires counts_asids
  {
    return id.value < counters_.size() ? counters_[id.value] : 0;
  }

  friend constexpr auto operator==(const rmp_snapshot&, const rmp_snapshot&) -> bool = default;

 private:
  struct remembered {
    rmp::entry what{};
    bool covered{};
    friend constexpr auto operator==(const remembered&, const remembered&) -> bool = default;
  };
  rmp::spfn first_{};
  std::vector<remembered> pages_;
  std::array<std::int64_t, counts_asids ? 0x400 : 0> counters_{};
};

}  // namespace sevspec::inline v0::verify

#endif
