// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_ENTRY_HPP
#define SEVSPEC_PAGING_ENTRY_HPP

#include <cstdint>

#include <sevspec/base/bits.hpp>

namespace sevspec::inline v0::paging {

/// A 64-bit page-table entry, of any level and of host, guest or nested tables (PAG-ENT-01).
/// APM vol. 2, 5.3.3 to 5.3.5
///
///     bits   | PML5E, PML4E | PDPE    | PDE     | PDPE 1G     | PDE 2M      | PTE
///     -------+--------------+---------+---------+-------------+-------------+--------
///      0     | P    present                                                  |
///      1     | R/W  writable                                                 |
///      2     | U/S  user                                                     |
///      3     | PWT  write-through                                            |
///      4     | PCD  cache disable                                            |
///      5     | A    accessed                                                 |
///      6     | ignored      | ignored | ignored | D           | D           | D
///      7     | MBZ          | PS = 0  | PS = 0  | PS = 1      | PS = 1      | PAT
///      8     | MBZ (AMD)    | ignored | ignored | G           | G           | G
///     11:9   | available to software                                         |
///     12     | base         | base    | base    | PAT         | PAT         | base
///     base   | 51:12        | 51:12   | 51:12   | 51:30       | 51:21       | 51:12
///            |              |         |         | 29:13 MBZ   | 20:13 MBZ   |
///     58:52  | available to software                                         |
///     62:59  | available    | avail.  | avail.  | protection key if CR4.PKE=1 |
///     63     | NX   no execute                                               |
///
/// The C-bit lies inside the base field, at the position that CPUID Fn8000_001F EBX[5:0] gives.
struct entry {
  using p = bit<0>;
  using rw = bit<1>;
  using us = bit<2>;
  using pwt = bit<3>;
  using pcd = bit<4>;
  using a = bit<5>;
  using d = bit<6>;
  using ps = bit<7>;
  using g = bit<8>;
  using base = bits<51, 12>;
  using key = bits<62, 59>;
  using nx = bit<63>;

  std::uint64_t raw{};

  friend constexpr auto operator==(entry, entry) -> bool = default;

  [[nodiscard]] constexpr auto present() const noexcept -> bool { return p::test(raw); }
  [[nodiscard]] constexpr auto writable() const noexcept -> bool { return rw::test(raw); }
  [[nodiscard]] constexpr auto user() const noexcept -> bool { return us::test(raw); }
  [[nodiscard]] constexpr auto accessed() const noexcept -> bool { return a::test(raw); }
  [[nodiscard]] constexpr auto dirty() const noexcept -> bool { return d::test(raw); }
  [[nodiscard]] constexpr auto large() const noexcept -> bool { return ps::test(raw); }
  [[nodiscard]] constexpr auto global() const noexcept -> bool { return g::test(raw); }
  [[nodiscard]] constexpr auto no_execute() const noexcept -> bool { return nx::test(raw); }
  [[nodiscard]] constexpr auto protection_key() const noexcept -> unsigned {
    return static_cast<unsigned>(key::get(raw));
  }
};

}  // namespace sevspec::inline v0::paging

#endif
