// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_SPARSE_TABLE_HPP
#define SEVSPEC_NESTED_SPARSE_TABLE_HPP

#include <cstdint>
#include <map>
#include <utility>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::nested {

/// A table of which few entries are anything but empty: the virtual table of an L1, and the real one of a small machine.
/// A regular value.
/// @tparam SubPages  pages of a large page; a power of two
template <std::uint64_t SubPages = 512>
class sparse_table {
 public:
  static constexpr std::uint64_t sub_pages = SubPages;
  static constexpr bool counts_sub_pages = true;

  constexpr sparse_table() = default;
  /// @param pages  how many are covered, from page 0 on
  constexpr explicit sparse_table(std::uint64_t pages) noexcept : pages_(pages) {}

  [[nodiscard]] auto pages() const noexcept -> std::uint64_t { return pages_; }
  [[nodiscard]] auto covers(rmp::spfn page) const noexcept -> bool { return page.value < pages_; }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    const auto found = entries_.find(page.value);
    return found == entries_.end() ? rmp::entry{} : found->second;
  }
  void put(rmp::spfn page, const rmp::entry& what) {
    if (what == rmp::entry{}) entries_.erase(page.value);
    else entries_[page.value] = what;
  }

  /// The entries that are not empty, by page number.
  [[nodiscard]] auto entries() const noexcept -> const std::map<std::uint64_t, rmp::entry>& { return entries_; }

  friend auto operator==(const sparse_table&, const sparse_table&) -> bool = default;

 private:
  std::uint64_t pages_ = 0;
  std::map<std::uint64_t, rmp::entry> entries_;
};

/// A table as it would be after some instructions: what they change is kept here, and can be put into the table later, all
/// or nothing. How L0 looks before it leaps (RMP-NST-21).
template <rmp::entry_store Store>
class trial_table {
 public:
  static constexpr std::uint64_t sub_pages = Store::sub_pages;
  static constexpr bool counts_sub_pages = requires { requires Store::counts_sub_pages; };

  explicit trial_table(const Store& below) noexcept : below_(&below) {}

  [[nodiscard]] auto covers(rmp::spfn page) const -> bool { return below_->covers(page); }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry {
    const auto found = changed_.find(page.value);
    return found == changed_.end() ? rmp::entry(below_->entry_of(page)) : found->second;
  }
  void put(rmp::spfn page, const rmp::entry& what) { changed_[page.value] = what; }
  [[nodiscard]] auto reserved(rmp::spfn page) const -> bool { return rmp::is_way_reserved(*below_, page); }
  [[nodiscard]] auto busy(rmp::spfn page) const -> bool
    requires requires(const Store& below) { below.busy(page); }
  {
    return below_->busy(page);
  }

  void count_pages(asid id, std::int64_t delta) { counts_[id] += delta; }

  /// Puts all changes into the table.
  void commit(Store& into) const
    requires rmp::writable_store<Store>
  {
    for (const auto& [page, what] : changed_) into.put({page}, what);
    if constexpr (requires(asid id) { into.count_pages(id, std::int64_t{}); })
      for (const auto& [id, delta] : counts_) into.count_pages(id, delta);
  }

 private:
  const Store* below_;
  std::map<std::uint64_t, rmp::entry> changed_;
  std::map<asid, std::int64_t> counts_;
};

namespace detail {

/// What the code of a physical failure becomes for L1.
[[nodiscard]] constexpr auto failure_code(const implementation_choices& choices, rmp::status met) noexcept
    -> rmp::status {
  const bool in_use = met == rmp::status::fail_inuse || choices.virt_rmpupdate_failure == virtual_failure::fail_inuse;
  return in_use ? rmp::status::fail_inuse : rmp::status::fail_overlap;
}

}  // namespace detail

}  // namespace sevspec::inline v0::nested

#endif
