// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ABILITIES_HPP
#define SEVSPEC_VERIFY_RMP_ABILITIES_HPP

#include <cstdint>

namespace sevspec::inline v0::verify {

/// What a machine under test can be asked.
struct rmp_abilities {
  bool psmash = true;
  bool rmpread = true;
  bool pvalidate = true;
  bool rmpadjust = true;
  bool rmpquery = true;
  bool access = true;
  bool entry = true;
  bool firmware = true;
  std::uint64_t entry_lo = ~std::uint64_t{};  ///< bits of an entry's quadwords that count
  std::uint64_t entry_hi = ~std::uint64_t{};
  bool entry_state = true;  ///< an entry's state counts

  friend constexpr auto operator==(const rmp_abilities&, const rmp_abilities&) -> bool = default;
};

}  // namespace sevspec::inline v0::verify

#endif
