// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_VMSA_CHECKSUMS_HPP
#define SEVSPEC_FIRMWARE_VMSA_CHECKSUMS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/vmsa_fields.hpp>
#include <sevspec/layout/image.hpp>

/// The store of VMSA checksums in the trusted memory region of SEV-ES. VMRUN compares them; what a checksum is, and how
/// the region is laid out, is the firmware's own (OPEN-13): here it is the first 8 bytes of SHA-256.
namespace sevspec::inline v0::firmware {

inline constexpr std::uint64_t checksum_slot_bytes = 16;
inline constexpr std::size_t vmsa_summed_bytes = 0xfc0;  ///< 000h to FBFh

[[nodiscard]] inline auto checksum_of(byte_view vmsa) -> std::uint64_t {
  const auto hash = crypto::sha256_of(vmsa.first(vmsa_summed_bytes));
  return layout::read_le<std::uint64_t>(hash.data());
}

/// The lowest free slot; none before the first DF_FLUSH, or when all are taken.   FW-ASID-14
template <class Machine>
[[nodiscard]] auto free_checksum_slot(const Machine& m) -> std::optional<std::uint32_t> {
  if (!m.sp.checksums_enabled || !m.sp.tmr) return {};
  std::uint32_t slot = 0;
  for (const auto& one : m.sp.checksums)
    if (one.first == slot) ++slot;
  if (std::uint64_t{slot} * checksum_slot_bytes >= m.sp.tmr->bytes) return {};
  return slot;
}

/// Sets a VMSA up for a guest: the slot's address goes into it, its checksum into the slot.   FW-SEV-LUV-01
template <class Machine>
void set_checksum(Machine& m, std::uint32_t slot, std::uint32_t handle, std::span<std::uint8_t> vmsa) {
  layout::write_le(vmsa.data() + vmsa_at::cleared, std::uint64_t{0});
  const std::uint64_t base = m.sp.tmr ? m.sp.tmr->base.value : 0;
  layout::write_le(vmsa.data() + vmsa_at::checksum, base + slot * checksum_slot_bytes);
  m.sp.checksums[slot] = {.handle = handle, .sum = checksum_of(vmsa)};
}

/// Whether a page is a VMSA of a guest, as it was when VMRUN last left it.   FW-SEV-SUP-01; FW-SEV-SWP-01
template <class Machine>
[[nodiscard]] auto is_vmsa_of(const Machine& m, std::uint32_t handle, byte_view page) -> bool {
  if (!m.sp.tmr) return false;
  const auto where = layout::read_le<std::uint64_t>(page.data() + vmsa_at::checksum);
  if (!m.sp.tmr->contains({where}, checksum_slot_bytes)) return false;
  const std::uint64_t offset = where - m.sp.tmr->base.value;
  if (offset % checksum_slot_bytes != 0) return false;
  const auto found = m.sp.checksums.find(static_cast<std::uint32_t>(offset / checksum_slot_bytes));
  return found != m.sp.checksums.end() && found->second == vmsa_checksum{handle, checksum_of(page)};
}

/// Frees all slots of a guest.
template <class Machine>
void free_checksums(Machine& m, std::uint32_t handle) {
  std::erase_if(m.sp.checksums, [&](const auto& one) { return one.second.handle == handle; });
}

}  // namespace sevspec::inline v0::firmware

#endif
