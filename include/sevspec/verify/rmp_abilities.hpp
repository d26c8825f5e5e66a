// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ABILITIES_HPP
#define SEVSPEC_VERIFY_RMP_ABILITIES_HPP

#include <array>
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

/// An ability by its name.
struct named_ability {
  const char* name;
  bool rmp_abilities::* able;
};

/// RMPUPDATE is none: without it there is nothing to compare.
inline constexpr std::array<named_ability, 8> named_abilities{{{"psmash", &rmp_abilities::psmash},
                                                               {"rmpread", &rmp_abilities::rmpread},
                                                               {"pvalidate", &rmp_abilities::pvalidate},
                                                               {"rmpadjust", &rmp_abilities::rmpadjust},
                                                               {"rmpquery", &rmp_abilities::rmpquery},
                                                               {"access", &rmp_abilities::access},
                                                               {"entry", &rmp_abilities::entry},
                                                               {"firmware", &rmp_abilities::firmware}}};

}  // namespace sevspec::inline v0::verify

#endif
