// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_CPU_THREAD_HPP
#define SEVSPEC_FIRMWARE_CPU_THREAD_HPP

#include <array>
#include <cstdint>

/// Threads of cores, as the firmware finds them.
namespace sevspec::inline v0::firmware {

/// The registers of one thread that SNP_INIT compares and checks (FW-SNP-INIT-06 to 11).
struct core_registers {
  std::array<std::uint64_t, 11> fixed_mtrrs{};  ///< 250h, 258h, 259h, 268h to 26Fh
  std::array<std::uint64_t, 4> iorrs{};         ///< C001_0016h to 0019h
  std::uint64_t top_mem = 0;                    ///< C001_001Ah
  std::uint64_t top_mem2 = 0;                   ///< C001_001Dh
  std::uint64_t syscfg = 0;                     ///< C001_0010h
  std::uint64_t hwcr = 0;                       ///< C001_0015h
  std::uint64_t tseg_base = 0;                  ///< C001_0112h
  std::uint64_t tseg_mask = 0;                  ///< C001_0113h
  std::uint64_t rmp_base = 0;                   ///< C001_0132h
  std::uint64_t rmp_end = 0;                    ///< C001_0133h, the last byte
  std::uint64_t vm_hsave_pa = 0;                ///< C001_0117h

  friend constexpr auto operator==(const core_registers&, const core_registers&) -> bool = default;
};

namespace syscfg_bits {
inline constexpr std::uint64_t mtrr_fix_dram_mod_en = std::uint64_t{1} << 19;
inline constexpr std::uint64_t mem_encryption_mod_en = std::uint64_t{1} << 23;
inline constexpr std::uint64_t snp_en = std::uint64_t{1} << 24;
inline constexpr std::uint64_t vmpl_en = std::uint64_t{1} << 25;
/// As SNP_INIT wants them.
inline constexpr std::uint64_t for_snp = mtrr_fix_dram_mod_en | mem_encryption_mod_en | snp_en | vmpl_en;
}  // namespace syscfg_bits
/// HWCR.SmmLock
inline constexpr std::uint64_t hwcr_smm_lock = 1;

/// One thread of a core.
struct cpu_thread {
  std::uint32_t apic_id = 0;
  std::uint32_t complex = 0;  ///< the core complex, CCX, as in `memory::ccx`
  std::uint32_t socket = 0;
  core_registers registers{};
  bool in_guest_mode = false;
  bool in_smm = false;
  bool written_back = false;  ///< WBINVD_DONE (FW-ASID-05)

  friend constexpr auto operator==(const cpu_thread&, const cpu_thread&) -> bool = default;
};

}  // namespace sevspec::inline v0::firmware

#endif
