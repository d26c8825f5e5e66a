// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_IO_PAGE_TABLE_HPP
#define SEVSPEC_MEMORY_IO_PAGE_TABLE_HPP

#include <bit>
#include <cstdint>
#include <expected>
#include <optional>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/key_selection.hpp>

/// The I/O page tables that an IOMMU walks for devices, in the format of host tables, "v1".   AMD IOMMU spec, 2.2.3
namespace sevspec::inline v0::memory {

/// An address as a device sends it.
struct device_physical {};
using device_address = address<device_physical>;

/// An entry of an I/O page table, at any level.
///
///     0      PR          present
///     11:9   next level  0: a page of the level's own size; 7: a page of another size; else the level it points to
///     51:12  address     with the C-bit among them; for next level 7 the size, too: see `leaf_bytes`
///     60     FC          force coherent: not modelled
///     61     IR          reads allowed
///     62     IW          writes allowed
struct io_entry {
  std::uint64_t raw{};

  static constexpr std::uint64_t present = 1;
  static constexpr std::uint64_t read = std::uint64_t{1} << 61;
  static constexpr std::uint64_t write = std::uint64_t{1} << 62;
  static constexpr std::uint64_t address_mask = 0x000f'ffff'ffff'f000;

  [[nodiscard]] constexpr auto is_present() const noexcept -> bool { return (raw & present) != 0; }
  [[nodiscard]] constexpr auto next_level() const noexcept -> unsigned { return static_cast<unsigned>(raw >> 9 & 7); }
  [[nodiscard]] constexpr auto allows_read() const noexcept -> bool { return (raw & read) != 0; }
  [[nodiscard]] constexpr auto allows_write() const noexcept -> bool { return (raw & write) != 0; }
  [[nodiscard]] constexpr auto c(unsigned c_bit) const noexcept -> bool { return (raw >> c_bit & 1) != 0; }

  friend constexpr auto operator==(io_entry, io_entry) -> bool = default;
};

/// log2 of the bytes that one entry of a level stands for: 12, 21, 30, ...
[[nodiscard]] constexpr auto io_level_shift(unsigned level) noexcept -> unsigned { return 12 + 9 * (level - 1); }

/// What the device-table entry says of a device's translations.
struct io_page_table {
  spa root{};                       ///< a multiple of 4096
  bool root_c = false;              ///< C-bit of the pointer to the root
  unsigned levels = 4;              ///< "mode", 1 to 6; 0: addresses are not translated
  bool read = true;                 ///< IR
  bool write = true;                ///< IW
  std::optional<unsigned> c_bit{};  ///< position of the C-bit while memory encryption is on

  friend constexpr auto operator==(const io_page_table&, const io_page_table&) -> bool = default;
};

/// Why an address does not translate.
enum class io_walk_error : std::uint8_t {
  address_too_high,  ///< bits of the address lie above what the tables index, or in levels that an entry skips
  not_present,       ///< PR=0
  bad_level,         ///< an entry points to its own level or a higher one
  bad_page_size,     ///< next level 7 with a size that is not between the level's own and the next one's
  not_readable,      ///< IR=0 at some level
  not_writable,      ///< IW=0 at some level
  no_memory,         ///< memory does not answer at an entry
};

/// One phrase for people.
[[nodiscard]] constexpr auto text_of(io_walk_error error) noexcept -> const char* {
  switch (error) {
    case io_walk_error::address_too_high: return "the address has bits that no table indexes";
    case io_walk_error::not_present:      return "an entry is not present (PR=0)";
    case io_walk_error::bad_level:        return "an entry points to a level that is not below its own";
    case io_walk_error::bad_page_size:    return "the page size of an entry does not belong to its level";
    case io_walk_error::not_readable:     return "the tables forbid reads (IR=0)";
    case io_walk_error::not_writable:     return "the tables forbid writes (IW=0)";
    case io_walk_error::no_memory:        return "no memory answers at an entry";
  }
  return "?";
}

/// Where a device's address leads.
struct io_mapping {
  spa where{};
  bool c = false;         ///< C-bit of the leaf
  unsigned log2_bytes{};  ///< size of the page, 12 to 63
  io_entry leaf{};

  friend constexpr auto operator==(const io_mapping&, const io_mapping&) -> bool = default;
};

/// The page size by which ownership of an I/O page is checked: pages between the processor's sizes count as the next
/// smaller one.
[[nodiscard]] constexpr auto ownership_size(const io_mapping& page) noexcept -> page_size {
  return page.log2_bytes >= 30 ? page_size::k1g : page.log2_bytes >= 21 ? page_size::k2m : page_size::k4k;
}

/// log2 of the size of a page whose entry has next level 7: the position of the lowest clear bit of the address field,
/// plus 1. 8K has bit 12 clear, 16K bits 13:12 = 01b, and so on; bits up to there are not part of the address.
[[nodiscard]] constexpr auto io_encoded_size(io_entry leaf) noexcept -> unsigned {
  return static_cast<unsigned>(std::countr_one(leaf.raw | 0xfff)) + 1;
}

/// Walks I/O page tables.   AMD IOMMU specification, 2.2.3
///
/// Tables are read through the key that the C-bit of the pointer to them selects. Accessed and dirty bits are not
/// modelled.
/// @param tables  1 to 6 levels; the C-bit, if there is one, is a bit from 32 to 51
/// @param write   the device writes; otherwise it reads
template <byte_memory M>
[[nodiscard]] constexpr auto walk_io_page_table(M& memory, const io_page_table& tables, device_address where,
                                                bool write) -> std::expected<io_mapping, io_walk_error> {
  Expects(tables.levels >= 1 && tables.levels <= 6 && (!tables.c_bit || (*tables.c_bit >= 32 && *tables.c_bit <= 51)));
  const auto failed = [](io_walk_error why) { return std::unexpected{why}; };
  const std::uint64_t c_mask = tables.c_bit ? std::uint64_t{1} << *tables.c_bit : 0;
  // Bits [63:shift] of the address, whatever the shift.
  const auto above = [&](unsigned shift) { return shift >= 64 ? 0 : where.value >> shift; };

  if (above(io_level_shift(tables.levels) + 9) != 0) return failed(io_walk_error::address_too_high);

  bool readable = tables.read;
  bool writable = tables.write;
  spa table = tables.root;
  memory_key key = key_for_pointer(tables.root_c);
  for (unsigned level = tables.levels;;) {
    const unsigned shift = io_level_shift(level);
    const auto raw = qword_at(memory, table + 8 * (where.value >> shift & 0x1ff), key);
    if (!raw) return failed(io_walk_error::no_memory);
    const io_entry entry{*raw};

    if (!entry.is_present()) return failed(io_walk_error::not_present);
    readable = readable && entry.allows_read();
    writable = writable && entry.allows_write();
    const unsigned next = entry.next_level();
    const std::uint64_t address = entry.raw & io_entry::address_mask & ~c_mask;
    const bool c = (entry.raw & c_mask) != 0;

    if (next == 0 || next == 7) {
      const unsigned size = next == 0 ? shift : io_encoded_size({address});
      if (next == 7 && (size <= shift || size >= shift + 9)) return failed(io_walk_error::bad_page_size);
      if (!write && !readable) return failed(io_walk_error::not_readable);
      if (write && !writable) return failed(io_walk_error::not_writable);
      const std::uint64_t inside = (std::uint64_t{1} << size) - 1;
      return io_mapping{
          .where = {(address & ~inside) | (where.value & inside)}, .c = c, .log2_bytes = size, .leaf = entry};
    }
    if (next >= level) return failed(io_walk_error::bad_level);
    // The address bits of levels that the entry skips must be zero.
    const unsigned below = io_level_shift(next) + 9;
    if ((where.value & ((std::uint64_t{1} << shift) - 1)) >> below != 0) return failed(io_walk_error::address_too_high);
    table = {address};
    key = key_for_pointer(c);
    level = next;
  }
}

}  // namespace sevspec::inline v0::memory

#endif
