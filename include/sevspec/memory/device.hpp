// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_DEVICE_HPP
#define SEVSPEC_MEMORY_DEVICE_HPP

#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/io_page_table.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/ownership.hpp>

/// References of devices: DMA. Trusted devices are in `trusted_device.hpp`.
namespace sevspec::inline v0::memory {

/// What the IOMMU writes into its event log, with the codes of Linux's driver.
enum class dma_event : std::uint8_t {
  none = 0,                  ///< nothing is logged
  io_page_fault = 0x2,       ///< IO_PAGE_FAULT: the tables do not allow it
  page_table_error = 0x4,    ///< PAGE_TAB_HARDWARE_ERROR: an entry cannot be read
  rmp_page_fault = 0xd,      ///< RMP_PAGE_FAULT: the page is not the device's to use so
  rmp_hardware_error = 0xe,  ///< RMP_HW_ERROR: not raised by this model
};

/// An aborted reference: no byte has moved.
struct dma_abort {
  dma_event event = dma_event::none;  ///< `none`: memory did not answer at `where`, or a fence stopped the reference
  rule decided_by = rule::none;       ///< none: the I/O page tables, or memory
  device_address address{};           ///< as the device sent it
  spa where{};                        ///< if it was translated
  std::optional<io_walk_error> walk{};

  friend constexpr auto operator==(const dma_abort&, const dma_abort&) -> bool = default;
};

/// How a device reaches memory: the platform, and its entry in the device table.
struct dma_path {
  /// Position of the C-bit while memory encryption is on.
  std::optional<unsigned> c_bit{};
  /// The device-table entry is valid and translates. Without, addresses of the device are sPAs, and their C-bit counts.
  std::optional<io_page_table> tables{};
  /// The IOMMU enforces SEV-SNP: the Reverse Map Table is asked.
  bool snp = false;
  /// Defect of some parts (CVE-2023-20584): references that no valid device-table entry translates are not checked.
  bool iommu_rmp_bypass = false;

  friend constexpr auto operator==(const dma_path&, const dma_path&) -> bool = default;
};

/// A device's reference that may happen.
struct dma_target {
  spa where{};
  memory_key key = memory_key::none();
  friend constexpr auto operator==(const dma_target&, const dma_target&) -> bool = default;
};

namespace detail {

[[nodiscard]] constexpr auto event_of(io_walk_error error) noexcept -> dma_event {
  return error == io_walk_error::no_memory ? dma_event::page_table_error : dma_event::io_page_fault;
}

/// The sPA, C-bit and page size of a device's address.   ENC-DMA-01
template <byte_memory M>
[[nodiscard]] constexpr auto translate_dma(M& memory, const dma_path& path, device_address address, bool write)
    -> std::expected<io_mapping, dma_abort> {
  if (path.tables && path.tables->levels != 0) {
    io_page_table tables = *path.tables;
    tables.c_bit = path.c_bit;
    const auto found = walk_io_page_table(memory, tables, address, write);
    if (!found)
      return std::unexpected{dma_abort{.event = event_of(found.error()), .address = address, .walk = found.error()}};
    return *found;
  }
  Expects(!path.c_bit || *path.c_bit < 64);
  const std::uint64_t c_mask = path.c_bit ? std::uint64_t{1} << *path.c_bit : 0;
  return io_mapping{.where = {address.value & ~c_mask}, .c = (address.value & c_mask) != 0, .log2_bytes = 12};
}

/// The Reverse Map Table's part of a reference; allowed if it is not asked.
template <class Context, class M>
[[nodiscard]] constexpr auto ask_ownership(Context& ctx, M& memory, const ownership_query& query) -> ownership_verdict {
  if constexpr (guarded_memory<M, Context>) {
    return memory.check_ownership(ctx, query);
  } else {
    Expects(false);  // SEV-SNP without a memory that knows whose pages are whose
    return {};
  }
}

/// How a reference that may happen ends: the memory may still have no answer.
[[nodiscard]] constexpr auto answered(memory_status status, device_address address, const dma_target& target)
    -> std::expected<void, dma_abort> {
  if (status != memory_status::ok) return std::unexpected{dma_abort{.address = address, .where = target.where}};
  return {};
}

}  // namespace detail

/// What a device's reference reaches: translation, page ownership, key.   APM vol. 2, 7.10.5, 15.36.10
///
/// The key is the host's or none, never a guest's (ENC-DMA-02). Reads are not checked: of a guest's private page the
/// device gets what the memory holds under that key, ciphertext.
/// @param memory  with `check_ownership` if `path.snp`
/// @param write   the device writes; otherwise it reads
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto route_dma(Context& ctx, M& memory, const dma_path& path, device_address address,
                                       bool write) -> std::expected<dma_target, dma_abort> {
  const auto page = detail::translate_dma(memory, path, address, write);
  if (!page) return std::unexpected{page.error()};
  if (path.snp && write && !ctx.applies(rule::ENC_DMA_05, path.iommu_rmp_bypass && !path.tables)) {
    const ownership_query query{.where = page->where,
                                .leaf = ownership_size(*page),
                                .kind = access_kind::write,
                                .who = owner_context::host};  // RMP-CHK-17
    const auto verdict = detail::ask_ownership(ctx, memory, query);
    if (ctx.denies(rule::ENC_DMA_03, verdict.what != ownership_verdict::kind::allowed))
      return std::unexpected{dma_abort{.event = dma_event::rmp_page_fault,
                                       .decided_by = rule::ENC_DMA_03,
                                       .address = address,
                                       .where = page->where}};
  }
  return dma_target{page->where, key_for_pointer(page->c)};
}

/// A device reads.
/// @param out  not across a 4K boundary: a device's packets do not cross one
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto dma_read(Context& ctx, M& memory, const dma_path& path, device_address address,
                                      std::span<std::uint8_t> out) -> std::expected<void, dma_abort> {
  Expects(page_offset(address, page_size::k4k) + out.size() <= 4096);
  const auto target = route_dma(ctx, memory, path, address, false);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(memory.read(target->where, target->key, out), address, *target);
}

/// A device writes.
/// @param in  not across a 4K boundary
template <class Context, byte_memory M>
[[nodiscard]] constexpr auto dma_write(Context& ctx, M& memory, const dma_path& path, device_address address,
                                       std::span<const std::uint8_t> in) -> std::expected<void, dma_abort> {
  Expects(page_offset(address, page_size::k4k) + in.size() <= 4096);
  const auto target = route_dma(ctx, memory, path, address, true);
  if (!target) return std::unexpected{target.error()};
  return detail::answered(memory.write(target->where, target->key, in), address, *target);
}

}  // namespace sevspec::inline v0::memory

#endif
