// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_INTEGRITY_MONITOR_HPP
#define SEVSPEC_VERIFY_RMP_INTEGRITY_MONITOR_HPP

#include <cstdint>
#include <map>
#include <utility>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/detail/judged_page.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

namespace sevspec::inline v0::verify {

/// INV-18, which is about traces: what a guest reads through C=1 is what it has written there last through C=1, unless it
/// gave the page up. References that fault are not told to the monitor. Guests must keep INV-03, and the AMD-SP is honest.
class rmp_integrity_monitor {
 public:
  /// The guest has stored a qword through C=1.
  void wrote(asid id, gpa where, std::uint64_t value) { written_[{id, where.value}] = value; }

  /// The guest has made a page of 4K invalid: from now on its contents are anybody's.
  void gave_up(asid id, gpa page) {
    const std::uint64_t first = page_base(page, page_size::k4k).value;
    written_.erase(written_.lower_bound({id, first}), written_.upper_bound({id, first + 0xfff}));
  }
  /// The guest is no more, and its ASID is free for another.
  void ended(asid id) { written_.erase(written_.lower_bound({id, 0}), written_.upper_bound({id, ~std::uint64_t{}})); }

  /// The guest has loaded a qword through C=1.
  /// @param at  where the reference went
  [[nodiscard]] auto read(asid id, gpa where, std::uint64_t value, rmp::spfn at) const -> rmp_finding {
    const auto known = written_.find({id, where.value});
    if (known == written_.end() || known->second == value) return {};
    return detail::broken(rmp_invariant::inv_18, at, "the guest reads something else than it has written");
  }

 private:
  std::map<std::pair<asid, std::uint64_t>, std::uint64_t> written_;
};

}  // namespace sevspec::inline v0::verify

#endif
