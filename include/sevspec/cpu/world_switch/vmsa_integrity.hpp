// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMSA_INTEGRITY_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMSA_INTEGRITY_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/layout/vmsa.hpp>

/// The checksum that VMRUN verifies of a SEV-ES guest's VMSA, and #VMEXIT makes anew.   APM vol. 2, 15.35.8, 15.35.9
namespace sevspec::inline v0::cpu {

/// Where checksums are kept. Software cannot see them.
///
/// - `matches(where, page)`: whether this is the VMSA that was recorded there last
/// - `record(where, page)`: at #VMEXIT, and when firmware has set a VMSA up
///
/// @param where  the VMSA's page
/// @param page   its plain contents
template <class T>
concept vmsa_integrity = requires(T& store, const T& fixed, spa where, const layout::vmsa& page) {
  { fixed.matches(where, page) } -> std::same_as<bool>;
  store.record(where, page);
};

/// Bytes that a checksum covers.   LAY-VMSA-09
inline constexpr std::size_t checksummed_vmsa_bytes = 0xfc0;

/// A stand-in for the checksum, which nobody has published: it tells pages apart that differ in a covered byte, and no
/// more. It is no model of what an attacker must overcome.
[[nodiscard]] constexpr auto stand_in_checksum(const layout::vmsa& page) noexcept -> std::uint64_t {
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  for (std::size_t i = 0; i < checksummed_vmsa_bytes; ++i) sum = (sum ^ page.data()[i]) * 0x100'0000'01b3;
  return sum;
}

/// Stand-in checksums of a few VMSAs, by page. A regular value.
/// @tparam Most  how many VMSAs there can be
template <std::size_t Most = 16>
class stand_in_checksums {
 public:
  [[nodiscard]] constexpr auto matches(spa where, const layout::vmsa& page) const noexcept -> bool {
    for (std::size_t i = 0; i < count_; ++i)
      if (rows_[i].where == where) return rows_[i].sum == stand_in_checksum(page);
    return false;
  }
  /// There must be room, or a row for the page.
  constexpr void record(spa where, const layout::vmsa& page) {
    std::size_t i = 0;
    while (i < count_ && rows_[i].where != where) ++i;
    Expects(i < Most);
    if (i == count_) ++count_;
    rows_[i] = {.where = where, .sum = stand_in_checksum(page)};
  }

  friend constexpr auto operator==(const stand_in_checksums&, const stand_in_checksums&) -> bool = default;

 private:
  struct row {
    spa where{};
    std::uint64_t sum{};
    friend constexpr auto operator==(const row&, const row&) -> bool = default;
  };
  std::array<row, Most> rows_{};
  std::size_t count_{};
};

}  // namespace sevspec::inline v0::cpu

#endif
