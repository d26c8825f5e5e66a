// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RMP_ENTRY_BITS_HPP
#define SEVSPEC_VERIFY_EXPLORER_RMP_ENTRY_BITS_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/rmp/entry.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Bits that an entry takes in a packed state.
inline constexpr unsigned rmp_entry_bits = 30;

/// An entry of a small machine: ASIDs to 3 and the firmware's lock, gPAs below 8000h, VMPLs 0 to 2. What does not fit is
/// a contract violation: two states must not become one.
[[nodiscard]] inline auto bits_of(const rmp::entry& e) -> std::uint64_t {
  const bool locks = e.id == rmp::region_lock;
  Expects(e.sub_page_count < 4 && (e.id.value < 4 || locks) && e.guest.value < 0x8000);
  Expects(e.tag == rmp::firmware_tag::none);
  const auto flag = [](bool set, unsigned at) { return (set ? std::uint64_t{1} : 0) << at; };
  const auto mask = [&e](unsigned level) -> std::uint64_t { return e.allowed[level].raw & 0x1fU; };
  return flag(e.assigned, 0) | flag(e.large, 1) | flag(e.immutable, 2) | flag(e.validated, 3) | flag(e.vmsa, 4) |
         flag(e.in_use, 5) | flag(e.locked, 6) | std::uint64_t{e.sub_page_count} << 7 |
         std::uint64_t{locks ? 4 : e.id.value} << 9 | e.guest.value >> 12 << 12 | mask(0) << 15 | mask(1) << 20 |
         mask(2) << 25;
}
[[nodiscard]] inline auto entry_of(std::uint64_t bits) -> rmp::entry {
  const auto flag = [bits](unsigned at) { return (bits >> at & 1) != 0; };
  const auto mask = [bits](unsigned at) { return rmp::permissions{static_cast<std::uint8_t>(bits >> at & 0x1f)}; };
  const auto id = static_cast<std::uint32_t>(bits >> 9 & 7);
  return {.assigned = flag(0),
          .large = flag(1),
          .immutable = flag(2),
          .validated = flag(3),
          .vmsa = flag(4),
          .in_use = flag(5),
          .locked = flag(6),
          .sub_page_count = static_cast<std::uint16_t>(bits >> 7 & 3),
          .id = id >= 4 ? rmp::region_lock : asid{id},
          .guest = {(bits >> 12 & 7) << 12},
          .allowed = {mask(15), mask(20), mask(25)}};
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
