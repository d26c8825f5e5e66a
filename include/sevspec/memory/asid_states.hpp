// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_ASID_STATES_HPP
#define SEVSPEC_MEMORY_ASID_STATES_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/identity.hpp>
#include <sevspec/memory/cache.hpp>

namespace sevspec::inline v0::memory {

/// What the firmware knows of one ASID on one core complex (ENC-ASID-07).
enum class asid_state : std::uint8_t {
  dirty,      ///< caches may hold lines of a former guest
  clean,      ///< free
  allocated,  ///< a guest whose launch is not finished has it
  in_use,     ///< a guest that may run has it
};

/// "dirty", "clean", "allocated", "in use".
[[nodiscard]] constexpr auto name_of(asid_state state) noexcept -> const char* {
  switch (state) {
    case asid_state::dirty:     return "dirty";
    case asid_state::clean:     return "clean";
    case asid_state::allocated: return "allocated";
    case asid_state::in_use:    return "in use";
  }
  return "?";
}

/// The firmware's record of all ASIDs on all core complexes. As it is made, so INIT and SNP_INIT leave it: everything
/// is dirty, nothing is valid, nobody has executed WBINVD. Operations are in `asid_activation.hpp`. A regular value.
/// @tparam Highest   the highest ASID there is room for
/// @tparam Complexes number of core complexes
template <std::uint32_t Highest, std::uint32_t Complexes>
class asid_states {
  static_assert(Highest >= 1 && Complexes >= 1);

 public:
  static constexpr std::uint32_t highest = Highest;
  static constexpr std::uint32_t complexes = Complexes;

  /// ASIDs that there is no room for are dirty.
  [[nodiscard]] constexpr auto state_of(asid id, ccx where) const noexcept -> asid_state {
    return id.value <= Highest ? states_[id.value][checked(where)] : asid_state::dirty;
  }
  constexpr void set_state(asid id, ccx where, asid_state state) noexcept {
    if (id.value <= Highest) states_[id.value][checked(where)] = state;
  }

  /// Whether hardware runs guests with the ASID.
  [[nodiscard]] constexpr auto is_valid(asid id, ccx where) const noexcept -> bool {
    return id.value <= Highest && valid_[id.value][checked(where)];
  }
  constexpr void set_valid(asid id, ccx where, bool valid) noexcept {
    if (id.value <= Highest) valid_[id.value][checked(where)] = valid;
  }

  /// Whether all cores of a complex have executed WBINVD since that was last asked of them.
  [[nodiscard]] constexpr auto is_written_back(ccx where) const noexcept -> bool {
    return written_back_[checked(where)];
  }
  constexpr void set_written_back(ccx where, bool done) noexcept { written_back_[checked(where)] = done; }

  /// Whether an ASID is in a state on any core complex.
  [[nodiscard]] constexpr auto any(asid id, asid_state state) const noexcept -> bool {
    for (std::uint32_t i = 0; i < Complexes; ++i)
      if (state_of(id, {i}) == state) return true;
    return false;
  }

  friend constexpr auto operator==(const asid_states&, const asid_states&) -> bool = default;

 private:
  [[nodiscard]] static constexpr auto checked(ccx where) noexcept -> std::size_t {
    Expects(where.value < Complexes);
    return where.value;
  }

  std::array<std::array<asid_state, Complexes>, std::size_t{Highest} + 1> states_{};
  std::array<std::array<bool, Complexes>, std::size_t{Highest} + 1> valid_{};
  std::array<bool, Complexes> written_back_{};
};

}  // namespace sevspec::inline v0::memory

#endif
