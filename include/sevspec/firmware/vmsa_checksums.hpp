// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_VMSA_CHECKSUMS_HPP
#define SEVSPEC_FIRMWARE_VMSA_CHECKSUMS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/vmsa_fields.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmsa.hpp>

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

/// The slot that a VMSA names; none if it names no place in the store.
template <class Machine>
[[nodiscard]] auto slot_named_by(const Machine& m, byte_view page) -> std::optional<std::uint32_t> {
  if (!m.sp.tmr) return {};
  const auto where = layout::read_le<std::uint64_t>(page.data() + vmsa_at::checksum);
  if (!m.sp.tmr->contains({where}, checksum_slot_bytes)) return {};
  const std::uint64_t offset = where - m.sp.tmr->base.value;
  if (offset % checksum_slot_bytes != 0) return {};
  return static_cast<std::uint32_t>(offset / checksum_slot_bytes);
}

/// Whether a page is a VMSA of a guest, as it was when VMRUN last left it.   FW-SEV-SUP-01; FW-SEV-SWP-01
template <class Machine>
[[nodiscard]] auto is_vmsa_of(const Machine& m, std::uint32_t handle, byte_view page) -> bool {
  const auto slot = slot_named_by(m, page);
  const auto found = slot ? m.sp.checksums.find(*slot) : m.sp.checksums.end();
  return found != m.sp.checksums.end() && found->second == vmsa_checksum{handle, checksum_of(page)};
}

/// The store as VMRUN and #VMEXIT of a guest use it: `cpu::vmsa_integrity`.   WSW-RUN-05; FW-SEV-LUV-01
template <class Machine>
class vmsa_guard {
 public:
  /// @param handle  of the guest; the machine must outlive the guard
  vmsa_guard(Machine& m, std::uint32_t handle) noexcept : machine_(&m), handle_(handle) {}

  [[nodiscard]] auto matches(spa, const layout::vmsa& page) const -> bool {
    return is_vmsa_of(*machine_, handle_, page.bytes());
  }
  /// Where VMRUN has accepted a VMSA, its slot is the guest's.
  void record(spa, const layout::vmsa& page) {
    const auto slot = slot_named_by(*machine_, page.bytes());
    if (!slot) return;
    const auto found = machine_->sp.checksums.find(*slot);
    if (found != machine_->sp.checksums.end() && found->second.handle == handle_)
      found->second.sum = checksum_of(page.bytes());
  }

 private:
  Machine* machine_;
  std::uint32_t handle_;
};

/// Frees all slots of a guest.
template <class Machine>
void free_checksums(Machine& m, std::uint32_t handle) {
  std::erase_if(m.sp.checksums, [&](const auto& one) { return one.second.handle == handle; });
}

}  // namespace sevspec::inline v0::firmware

#endif
