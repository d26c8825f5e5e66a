// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_TRUSTED_DEVICE_HPP
#define SEVSPEC_MEMORY_TRUSTED_DEVICE_HPP

#include <cstdint>
#include <expected>
#include <span>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/ownership.hpp>

/// SEV-TIO: devices that a guest trusts, and their references to its private memory.
namespace sevspec::inline v0::memory {

/// State of a trusted device interface.   PCIe TDISP
enum class tdi_state : std::uint8_t {
  config_unlocked = 0,
  config_locked = 1,
  run = 2,
  error = 3,
};

/// What happens to an interface.
enum class tdi_event : std::uint8_t {
  lock,       ///< LOCK_INTERFACE_REQUEST
  start,      ///< START_INTERFACE_REQUEST
  stop,       ///< STOP_INTERFACE_REQUEST
  violation,  ///< a locked property of the device changed
};

/// The guest's part of the secure device-table entry.   SDTE_WRITE
struct secure_dte {
  bool valid{};                 ///< V
  asid id{};                    ///< the guest's; written by the firmware
  vmpl level{};                 ///< whose permissions the device has
  bool read{};                  ///< IR
  bool write{};                 ///< IW
  bool virtual_tom_enabled{};   ///< vTOM_EN; without it no address is private
  std::uint64_t virtual_tom{};  ///< gPA: addresses below are private

  friend constexpr auto operator==(const secure_dte&, const secure_dte&) -> bool = default;
};

/// An interface that is bound to a guest.
struct trusted_interface {
  tdi_state state = tdi_state::config_unlocked;
  secure_dte entry{};
  bool fenced{};          ///< until ASID_FENCE_CLEAR
  bool attested{};        ///< the guest has accepted the device
  bool mmio_validated{};  ///< the guest has validated MMIO of the device

  friend constexpr auto operator==(const trusted_interface&, const trusted_interface&) -> bool = default;
};

/// One step of an interface (TIO-ST-01): LOCK 0 -> 1, START 1 -> 2, STOP any -> 0, violation 1, 2 -> 3. A violation of
/// an interface that is not locked changes nothing.
/// @return whether the request was accepted; a refused one changes nothing
template <class Context>
constexpr auto step_interface(Context& ctx, trusted_interface& tdi, tdi_event event) -> bool {
  using enum tdi_state;
  const tdi_state before = tdi.state;
  switch (event) {
    case tdi_event::lock:
      if (ctx.denies(rule::TIO_ST_01, before != config_unlocked)) return false;
      tdi.state = config_locked;
      break;
    case tdi_event::start:
      if (ctx.denies(rule::TIO_ST_01, before != config_locked)) return false;
      tdi.state = run;
      break;
    case tdi_event::stop: tdi.state = config_unlocked; break;
    case tdi_event::violation:
      if (before != config_unlocked) tdi.state = error;
      break;
  }
  const bool was_in_use = before == config_locked || before == run;
  const bool left = tdi.state == config_unlocked || tdi.state == error;
  tdi.fenced = tdi.fenced || (was_in_use && left);
  if (ctx.applies(rule::TIO_DMA_03, before != config_unlocked && tdi.state == config_unlocked)) {
    tdi.attested = false;
    tdi.mmio_validated = false;
  }
  return true;
}

/// ASID_FENCE_CLEAR.   TIO-DMA-02
constexpr void clear_fence(trusted_interface& tdi) noexcept { tdi.fenced = false; }

/// What a reference of a device that has a trusted interface reaches.   TIO-DMA-01, TIO-DMA-02
///
/// Trusted packets of a running interface reach the guest's private memory below virtual TOM, as the guest itself at
/// the entry's VMPL would; everything else goes the way of every device.
/// @param path     its tables translate the guest's addresses: gPA to sPA
/// @param trusted  the packet's T bit
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto route_trusted_dma(Context& ctx, M& memory, const dma_path& path,
                                               const trusted_interface& tdi, bool trusted, device_address address,
                                               bool write) -> std::expected<dma_target, dma_abort> {
  if (ctx.denies(rule::TIO_DMA_02, trusted && tdi.fenced))
    return std::unexpected{dma_abort{.decided_by = rule::TIO_DMA_02, .address = address}};
  const secure_dte& entry = tdi.entry;
  const bool below_tom = entry.virtual_tom_enabled && address.value < entry.virtual_tom;
  const bool is_private = trusted && tdi.state == tdi_state::run && entry.valid && below_tom;
  if (!ctx.applies(rule::TIO_DMA_01, is_private)) return route_dma(ctx, memory, path, address, write);

  if (write ? !entry.write : !entry.read)
    return std::unexpected{
        dma_abort{.event = dma_event::io_page_fault, .decided_by = rule::TIO_DMA_01, .address = address}};
  const auto page = detail::translate_dma(memory, path, address, write);
  if (!page) return std::unexpected{page.error()};
  const ownership_query query{.where = page->where,
                              .guest = {address.value},
                              .leaf = ownership_size(*page),
                              .kind = write ? access_kind::write : access_kind::read,
                              .c = true,
                              .who = owner_context::snp_guest,
                              .id = entry.id,
                              .level = entry.level};
  const auto verdict = detail::ask_ownership(ctx, memory, query);
  if (verdict.what != ownership_verdict::kind::allowed)
    return std::unexpected{dma_abort{.event = dma_event::rmp_page_fault,
                                     .decided_by = verdict.decided_by,
                                     .address = address,
                                     .where = page->where}};
  return dma_target{page->where, memory_key::guest(entry.id)};
}

/// A device with a trusted interface reads.
/// @param out  not across a 4K boundary
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto trusted_dma_read(Context& ctx, M& memory, const dma_path& path,
                                              const trusted_interface& tdi, bool trusted, device_address address,
                                              std::span<std::uint8_t> out) -> std::expected<void, dma_abort> {
  Expects(page_offset(address, page_size::k4k) + out.size() <= 4096);
  const auto target = route_trusted_dma(ctx, memory, path, tdi, trusted, address, false);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(memory.read(target->where, target->key, out), address, *target);
}

/// A device with a trusted interface writes.
/// @param in  not across a 4K boundary
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto trusted_dma_write(Context& ctx, M& memory, const dma_path& path,
                                               const trusted_interface& tdi, bool trusted, device_address address,
                                               std::span<const std::uint8_t> in) -> std::expected<void, dma_abort> {
  Expects(page_offset(address, page_size::k4k) + in.size() <= 4096);
  const auto target = route_trusted_dma(ctx, memory, path, tdi, trusted, address, true);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(memory.write(target->where, target->key, in), address, *target);
}

}  // namespace sevspec::inline v0::memory

#endif
