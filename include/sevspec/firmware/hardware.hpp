// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_HARDWARE_HPP
#define SEVSPEC_FIRMWARE_HARDWARE_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/cpu_thread.hpp>
#include <sevspec/firmware/memory_range.hpp>
#include <sevspec/layout/tcb.hpp>

/// What the firmware finds: cores and their registers, memory, fuses. Constructor parameters of a machine (OPEN-02).
namespace sevspec::inline v0::firmware {

/// Failures of hardware, to be turned on by those who test a driver.
struct hardware_failures {
  bool flash_write = false;    ///< the persistent store takes nothing: HARDWARE_PLATFORM
  bool asid_control = false;   ///< ASIDs cannot be made valid or invalid: HARDWARE_UNSAFE
  bool rmp_write = false;      ///< the Reverse Map Table cannot be built: RMP_INITIALIZATION_FAILED
  bool iommu = false;          ///< the IOMMUs do not answer: HARDWARE_PLATFORM
  bool snp_disable = false;    ///< SYSCFG.SNPEn cannot be cleared: SHUTDOWN_INCOMPLETE
  bool image_refuses = false;  ///< a new firmware image refuses to take over: UPDATE_FAILED
  bool image_restore = false;  ///< ... and the old one does not come back: RESTORE_REQUIRED

  friend constexpr auto operator==(const hardware_failures&, const hardware_failures&) -> bool = default;
};

/// A version of the firmware, with its TCB_VERSION.
struct firmware_release {
  std::uint8_t api_major = 1;
  std::uint8_t api_minor = 55;
  std::uint8_t build = 0;
  std::uint64_t tcb = 0;

  friend constexpr auto operator==(const firmware_release&, const firmware_release&) -> bool = default;
};

/// What firmware newer than ABI 1.55 can do, one member each.
struct newer_features {
  bool rapl_disable = false;
  bool ciphertext_hiding = false;
  bool aes_256_xts = false;
  bool cxl_policy = false;
  bool x86_shutdown = true;  ///< X86_SNP_SHUTDOWN; in 1.55, too
  bool verify_mitigation = false;

  friend constexpr auto operator==(const newer_features&, const newer_features&) -> bool = default;
};

/// How a value of CPUID is held against what the processor has.
enum class cpuid_bound : std::uint8_t {
  subset,   ///< bits that the processor does not have are cleared
  at_most,  ///< a number that is too large becomes the processor's
  equal,    ///< becomes the processor's
};
/// One function of CPUID: what CPUID pages may say of it (FW-SNP-LUP-13).
struct cpuid_rule {
  std::uint32_t function = 0;            ///< EAX
  std::optional<std::uint32_t> index{};  ///< ECX, if it counts
  cpuid_bound bound = cpuid_bound::subset;
  std::array<std::uint32_t, 4> registers{0xffff'ffff, 0xffff'ffff, 0xffff'ffff, 0xffff'ffff};  ///< EAX to EDX

  friend constexpr auto operator==(const cpuid_rule&, const cpuid_rule&) -> bool = default;
};

/// The machine around the firmware.
struct hardware {
  std::vector<cpu_thread> threads{cpu_thread{}};
  std::uint32_t sockets = 1;
  bool smt = false;                ///< on
  bool has_apic_table = true;      ///< the firmware knows the threads by APIC ID (FW-ACT-12)
  std::uint32_t max_asid = 15;     ///< CPUID Fn8000_001F ECX
  std::uint32_t min_sev_asid = 1;  ///< CPUID Fn8000_001F EDX

  std::vector<memory_range> dram{};  ///< the memory map
  bool aseg_in_use = true;
  std::optional<memory_range> tseg{};
  std::vector<memory_range> reserved{};  ///< trusted memory regions besides the firmware's own
  unsigned c_bit = 51;
  unsigned pa_bits = 46;          ///< physical addresses without bits for ASIDs
  bool memory_encryption = true;  ///< in all memory controllers
  bool multi_key = false;
  bool debug_unlocked = false;
  bool ecc = true;
  bool tsme = false;
  bool alias_check_complete = true;
  std::vector<spa> iommu_pages{};  ///< log and table buffers of the IOMMUs, 4K each

  byte_array<48> chip_secret{};  ///< fused; VCEKs and CEK derive from it
  byte_array<64> chip_id{};
  std::vector<byte_array<64>> legacy_ids{byte_array<64>{}};  ///< GET_ID, one per socket
  byte_array<32> image_key{};                                ///< makes firmware images authentic, see `firmware_image`
  std::vector<byte_array<32>> trusted_roots{};               ///< SHA-256 of the ARK certificates that SEND_START trusts
  layout::tcb_format tcb_order = layout::tcb_format::milan_genoa;
  std::uint32_t family_model_stepping = 0x00a1'0f10;  ///< CPUID Fn0000_0001 EAX
  std::uint32_t tsc_reference_khz = 99'800;
  std::uint32_t tsc_factor = 200;
  std::uint8_t report_version = 2;    ///< of attestation reports: 2, 3 or 5
  std::uint32_t secrets_version = 3;  ///< of the secrets page
  std::uint64_t mitigation_vector = 0;
  byte_array<64> vmsa_tweak_bitmap{};  ///< which quadwords of a VMSA VmsaRegProt covers, a bit each (OPEN-13)
  std::vector<cpuid_rule> cpuid_policy{};
  newer_features features{};
  hardware_failures fails{};

  friend auto operator==(const hardware&, const hardware&) -> bool = default;
};

}  // namespace sevspec::inline v0::firmware

#endif
