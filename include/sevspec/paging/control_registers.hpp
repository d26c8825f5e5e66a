// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_CONTROL_REGISTERS_HPP
#define SEVSPEC_PAGING_CONTROL_REGISTERS_HPP

#include <cstdint>

#include <sevspec/base/bits.hpp>

namespace sevspec::inline v0::paging {

/// The bits of control registers that address translation depends on.   APM vol. 2, 3.1
namespace cr0 {
using pe = bit<0>;   ///< protection enable
using wp = bit<16>;  ///< write protect: supervisor writes obey R/W
using pg = bit<31>;  ///< paging
}  // namespace cr0

namespace cr4 {
using pse = bit<4>;     ///< 4M pages in tables of 32-bit entries
using pae = bit<5>;     ///< 64-bit entries
using pge = bit<7>;     ///< global pages: no part of a walk, but of what a TLB keeps
using la57 = bit<12>;   ///< five levels
using pcide = bit<17>;  ///< CR3[11:0] is a PCID: no part of a walk either way
using smep = bit<20>;
using smap = bit<21>;
using pke = bit<22>;  ///< protection keys
using cet = bit<23>;  ///< shadow stacks: no part of an ordinary access (PAG-PERM-07)
using pks = bit<24>;  ///< not on AMD (PAG-PERM-09)
}  // namespace cr4

namespace efer {
using lma = bit<10>;   ///< long mode active
using nxe = bit<11>;   ///< no-execute enable
using uaie = bit<20>;  ///< upper address ignore
}  // namespace efer

/// MSR C001_0010.   APM vol. 2, 15.34.1, 15.36.2
namespace syscfg {
using mem_encryption_mod_en = bit<23>;
using secure_nested_paging_en = bit<24>;
using host_multi_key_en = bit<26>;  ///< HMKEE
}  // namespace syscfg

/// VMCB control area offset 090h.   APM vol. 2, appendix B
namespace np_control {
using np_enable = bit<0>;
using sev = bit<1>;
using sev_es = bit<2>;
using gmet = bit<3>;
using sss_check = bit<4>;
using vte = bit<5>;
using rogpt = bit<6>;
using pml = bit<11>;
}  // namespace np_control

/// VMSA offset 3B0h.   APM vol. 2, 15.36.2
namespace sev_features {
using snp_active = bit<0>;
using vtom = bit<1>;
using vmpl_sss = bit<8>;
}  // namespace sev_features

/// One world's registers. CR0.PG, CR4 and EFER together say which tables CR3 points to.
struct control_registers {
  std::uint64_t cr0{};
  std::uint64_t cr3{};
  std::uint64_t cr4{};
  std::uint64_t efer{};

  friend constexpr auto operator==(const control_registers&, const control_registers&) -> bool = default;
};

/// Long mode with four levels, write protection and NX, as a 64-bit kernel runs: CR0 0x80010033, CR4 0xa0, EFER 0xd01.
/// @param cr3  the table root
[[nodiscard]] constexpr auto long_mode_registers(std::uint64_t cr3) noexcept -> control_registers {
  return {.cr0 = 0x8001'0033, .cr3 = cr3, .cr4 = 0xa0, .efer = 0xd01};
}

}  // namespace sevspec::inline v0::paging

#endif
