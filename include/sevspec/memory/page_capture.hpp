// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_PAGE_CAPTURE_HPP
#define SEVSPEC_MEMORY_PAGE_CAPTURE_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <utility>

#include <sevspec/base/address.hpp>
#include <sevspec/memory/sparse_memory.hpp>

namespace sevspec::inline v0::memory {

/// Why a page capture was refused, and at which byte of it.
struct capture_error {
  enum class kind : std::uint8_t {
    truncated,   ///< the last record is incomplete
    misaligned,  ///< a record's page address is not a multiple of 4096
    too_high,    ///< a record's page address has bits above 51
    duplicate,   ///< a page occurs twice with different contents
  };
  kind what{};
  std::size_t offset{};     ///< of the record's first byte
  std::uint64_t address{};  ///< the record's page address, if it was complete

  friend constexpr auto operator==(const capture_error&, const capture_error&) -> bool = default;
};

/// One phrase for people.
[[nodiscard]] constexpr auto text_of(capture_error::kind what) noexcept -> const char* {
  switch (what) {
    case capture_error::kind::truncated:  return "the record is cut short (8 bytes of page address and 4096 of page)";
    case capture_error::kind::misaligned: return "the page address is not a multiple of 0x1000";
    case capture_error::kind::too_high:   return "the page address has bits above bit 51";
    case capture_error::kind::duplicate:  return "the page occurs again with other contents";
  }
  return "?";
}

/// Bytes of one record: the page address (8 bytes, little-endian) and the page.
inline constexpr std::size_t capture_record_bytes = 8 + 4096;

/// Little-endian qword at the start of `bytes`.
[[nodiscard]] constexpr auto load_le64(std::span<const std::byte, 8> bytes) noexcept -> std::uint64_t {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return value;
}

/// Adds captured pages to `memory`: a sequence of records, any order. Nothing is added if any record is wrong.
/// @return the number of records, or the first that is wrong
[[nodiscard]] inline auto load_capture(sparse_memory& memory, std::span<const std::byte> bytes)
    -> std::expected<std::size_t, capture_error> {
  sparse_memory grown = memory;
  std::size_t records = 0;
  for (std::size_t offset = 0; offset < bytes.size(); offset += capture_record_bytes, ++records) {
    const auto rest = bytes.subspan(offset);
    if (rest.size() < capture_record_bytes)
      return std::unexpected{capture_error{capture_error::kind::truncated, offset, 0}};
    const spa where{load_le64(rest.first<8>())};
    if (!is_aligned(where, page_size::k4k))
      return std::unexpected{capture_error{capture_error::kind::misaligned, offset, where.value}};
    if (where.value >> 52 != 0)
      return std::unexpected{capture_error{capture_error::kind::too_high, offset, where.value}};

    sparse_memory::page page{};
    for (std::size_t i = 0; i < page.size(); ++i) page[i] = load_le64(rest.subspan(8 + 8 * i).first<8>());
    if (grown.contains(where) && grown.page_at(where) != page)
      return std::unexpected{capture_error{capture_error::kind::duplicate, offset, where.value}};
    grown.page_at(where) = page;
  }
  memory = std::move(grown);
  return records;
}

}  // namespace sevspec::inline v0::memory

#endif
