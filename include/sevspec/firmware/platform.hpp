// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PLATFORM_HPP
#define SEVSPEC_FIRMWARE_PLATFORM_HPP

#include <cstdint>
#include <map>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/guest.hpp>
#include <sevspec/firmware/hardware.hpp>
#include <sevspec/layout/certificate.hpp>

namespace sevspec::inline v0::firmware {

/// A private key and its certificate.
struct certified_key {
  crypto::p384_bytes secret{};
  layout::sev_cert certificate{};

  friend constexpr auto operator==(const certified_key&, const certified_key&) -> bool = default;
};

/// Who the platform is to guest owners and other platforms. The CEK derives from the chip; the rest is persistent.
struct sev_identity {
  certified_key oca{};  ///< without its private key if the platform is externally owned
  certified_key pek{};
  certified_key pdh{};
  bool externally_owned = false;

  friend constexpr auto operator==(const sev_identity&, const sev_identity&) -> bool = default;
};

/// The checksum of one VMSA, in the trusted memory region (FW-SEV-LUV-01).
struct vmsa_checksum {
  std::uint32_t handle = 0;
  std::uint64_t sum = 0;

  friend constexpr auto operator==(const vmsa_checksum&, const vmsa_checksum&) -> bool = default;
};

/// One pair of rings of the ring buffer mode.
struct command_ring {
  std::uint64_t commands = 0;  ///< page of command entries; may have the C-bit
  std::uint64_t statuses = 0;  ///< page of status entries
  std::uint16_t threshold = 0;
  std::uint8_t head = 0;  ///< next entry that the firmware takes; indices wrap at 256 (FW-RB-03)
  std::uint8_t tail = 0;  ///< next entry that software fills

  friend constexpr auto operator==(const command_ring&, const command_ring&) -> bool = default;
};
/// Ring buffer mode, while it is on.
struct ring_mode {
  command_ring low{};
  std::optional<command_ring> high{};
  bool interrupt_on_empty = false;
  bool stopped = false;  ///< an entry failed, until software adds entries (FW-RB-03)

  friend constexpr auto operator==(const ring_mode&, const ring_mode&) -> bool = default;
};

/// Everything the firmware knows. A regular value.
struct platform {
  // Legacy
  layout::sev_platform_state state = layout::sev_platform_state::uninit;
  bool es = false;                    ///< CONFIG.ES
  bool checksums_enabled = false;     ///< the first DF_FLUSH after INIT turns the checksum store on (FW-ASID-14)
  std::optional<memory_range> tmr{};  ///< the trusted memory region
  std::optional<std::uint64_t> nv{};  ///< NV_PADDR of INIT_EX, with its C-bit; none: the flash
  sev_identity identity{};
  std::map<std::uint32_t, sev_guest> guests{};         ///< by handle
  std::map<std::uint32_t, vmsa_checksum> checksums{};  ///< by slot
  std::optional<sev_identity> flash{};                 ///< the on-board persistent store
  bool flash_corrupted = false;

  // SEV-SNP
  layout::snp_platform_state snp_state = layout::snp_platform_state::uninit;
  bool rmp_initialized = false;    ///< IS_RMP_INITIALIZED
  std::uint64_t rmp_tcb = 0;       ///< committed TCB of the firmware that built the Reverse Map Table
  std::uint64_t reported_tcb = 0;  ///< as SNP_CONFIG set it; 0: the committed one
  bool mask_chip_id = false;
  bool mask_chip_key = false;
  bool rapl_disabled = false;
  bool ciphertext_hiding = false;
  std::uint32_t max_snp_asid = 0;
  std::optional<byte_array<48>> vlek_seed{};
  std::map<std::uint64_t, snp_guest> contexts{};  ///< by sPA of the guest context page; they last as long as the table
  std::uint32_t snp_guest_count = 0;              ///< launched since SNP_INIT and not decommissioned

  // Both
  firmware_release current{};
  firmware_release committed{};
  std::optional<ring_mode> ring{};

  friend auto operator==(const platform&, const platform&) -> bool = default;
};

}  // namespace sevspec::inline v0::firmware

#endif
