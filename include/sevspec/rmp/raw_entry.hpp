// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RAW_ENTRY_HPP
#define SEVSPEC_RMP_RAW_ENTRY_HPP

#include <cstdint>

#include <sevspec/base/bits.hpp>
#include <sevspec/rmp/entry.hpp>

namespace sevspec::inline v0::rmp {

/// An entry as Zen 3 and Zen 4 store it: two little-endian quadwords (RMP-ENT-01, RMP-ENT-02). Later parts have another
/// format, which is not published: software sees their entries through RMPREAD (RMP-ENT-04).
/// PPR for family 19h, model 01h
struct raw_entry {
  std::uint64_t lo{};
  std::uint64_t hi{};

  friend constexpr auto operator==(const raw_entry&, const raw_entry&) -> bool = default;
};

/// Fields of the lower quadword.
namespace raw {
using assigned = bit<0>;
using large = bit<1>;
using immutable = bit<2>;
using sub_page_count = bits<11, 3>;
using guest = bits<50, 12>;
using tag = bits<50, 48>;  ///< of pages of the AMD-SP
using id = bits<60, 51>;
using vmsa = bit<61>;
using validated = bit<62>;
/// Set with `immutable` by the firmware; and where VMRUN is taken to mark the pages it holds (RMP-VMR-05).
using lock = bit<63>;
}  // namespace raw

/// The entry in memory. Bits above the ASID's ten are lost: no such ASID has pages on these parts.
[[nodiscard]] constexpr auto encode(const entry& what) noexcept -> raw_entry {
  raw_entry made;
  made.lo = std::uint64_t{what.assigned} | std::uint64_t{what.large} << 1 | std::uint64_t{what.immutable} << 2 |
            (std::uint64_t{what.sub_page_count} << raw::sub_page_count::lsb & raw::sub_page_count::mask) |
            (what.guest.value & raw::guest::mask) | static_cast<std::uint64_t>(what.tag) << 48 |
            std::uint64_t{what.id.value & 0x3ff} << 51 | std::uint64_t{what.vmsa} << 61 |
            std::uint64_t{what.validated} << 62 | std::uint64_t{what.locked || what.in_use} << 63;
  for (unsigned level = 0; level < 4; ++level) made.hi |= std::uint64_t{what.allowed[level].raw} << (8 * level);
  return made;
}

/// What an entry in memory says. Bits without meaning do not count; whether an entry can have come about at all says
/// `state_of`.
[[nodiscard]] constexpr auto decode(raw_entry stored) noexcept -> entry {
  entry found;
  found.assigned = raw::assigned::test(stored.lo);
  found.large = raw::large::test(stored.lo);
  found.immutable = raw::immutable::test(stored.lo);
  found.sub_page_count = static_cast<std::uint16_t>(raw::sub_page_count::get(stored.lo));
  found.guest = {stored.lo & raw::guest::mask};
  found.id = {static_cast<std::uint32_t>(raw::id::get(stored.lo))};
  found.vmsa = raw::vmsa::test(stored.lo);
  found.validated = raw::validated::test(stored.lo);
  const bool firmware = found.assigned && found.immutable;
  found.locked = firmware && raw::lock::test(stored.lo);
  found.in_use = !firmware && raw::lock::test(stored.lo);
  const std::uint64_t tag = raw::tag::get(stored.lo);
  if (firmware && found.id == host_asid && (tag == 1 || tag == 2)) {
    found.tag = static_cast<firmware_tag>(tag);
    found.guest.value &= ~raw::tag::mask;
  }
  for (unsigned level = 0; level < 4; ++level)
    found.allowed[level] = {static_cast<std::uint8_t>(stored.hi >> (8 * level) & 0xff)};
  return found;
}

}  // namespace sevspec::inline v0::rmp

#endif
