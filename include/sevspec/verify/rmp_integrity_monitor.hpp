// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_INTEGRITY_MONITOR_HPP
#define SEVSPEC_VERIFY_RMP_INTEGRITY_MONITOR_HPP

#include <array>
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
///
/// References are of eight bytes at any address, also across pages of which both are the guest's. Of the bytes read, those
/// are judged that the guest has written.
class rmp_integrity_monitor {
 public:
  /// The guest has stored a qword through C=1.
  void wrote(asid id, gpa where, std::uint64_t value) {
    for (const part& one : parts_of(where, value)) {
      if (one.mask == 0) continue;
      held& now = written_[{id, one.first}];
      now.value = (now.value & ~one.mask) | one.value;
      now.mask |= one.mask;
    }
  }

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
    for (const part& one : parts_of(where, value)) {
      const auto known = written_.find({id, one.first});
      if (known == written_.end()) continue;
      if (((known->second.value ^ one.value) & known->second.mask & one.mask) != 0)
        return detail::broken(rmp_invariant::inv_18, at, "the guest reads something else than it has written");
    }
    return {};
  }

 private:
  /// Bytes of an aligned quadword: those under the mask, whose bytes are 0 or FFh.
  struct held {
    std::uint64_t value{};
    std::uint64_t mask{};
  };
  struct part {
    std::uint64_t first{};  ///< gPA of the aligned quadword
    std::uint64_t value{};
    std::uint64_t mask{};
  };
  /// A qword at any address lies in two aligned ones, or in the first alone.
  [[nodiscard]] static auto parts_of(gpa where, std::uint64_t value) noexcept -> std::array<part, 2> {
    constexpr std::uint64_t every = ~std::uint64_t{};
    const std::uint64_t first = where.value & ~std::uint64_t{7};
    const auto shift = static_cast<unsigned>(8 * (where.value & 7));
    if (shift == 0) return {{{first, value, every}, {first + 8, 0, 0}}};
    return {{{first, value << shift, every << shift}, {first + 8, value >> (64 - shift), every >> (64 - shift)}}};
  }

  std::map<std::pair<asid, std::uint64_t>, held> written_;
};

}  // namespace sevspec::inline v0::verify

#endif
