// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SECRET_TABLE_HPP
#define SEVSPEC_FIRMWARE_SECRET_TABLE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/layout/guid.hpp>
#include <sevspec/layout/image.hpp>

/// What owners put into LAUNCH_SECRET, by agreement with the guest's firmware; the AMD-SP does not look at it.
/// FW-CRY-22; OVMF, SecretPei
namespace sevspec::inline v0::firmware {

/// The GUID that a table of secrets starts with: 1e74f542-71dd-4d66-963e-ef4287ff173b.
inline constexpr layout::guid secret_table_guid{
    {0x1e, 0x74, 0xf5, 0x42, 0x71, 0xdd, 0x4d, 0x66, 0x96, 0x3e, 0xef, 0x42, 0x87, 0xff, 0x17, 0x3b}};

/// Bytes before the first entry, and before the data of an entry: a GUID and a length.
inline constexpr std::size_t secret_header_bytes = 20;

/// A secret and what it is.
struct guest_secret {
  layout::guid name;
  std::span<const std::uint8_t> data;
};

/// The table of these secrets, padded with zeros to a multiple of 16 bytes.   FW-CRY-22
[[nodiscard]] inline auto make_secret_table(std::span<const guest_secret> secrets) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> table;
  const auto header = [&](const layout::guid& name, std::size_t length) {
    Expects(length <= std::numeric_limits<std::uint32_t>::max());
    const auto bytes = name.mixed_endian();
    table.insert(table.end(), bytes.begin(), bytes.end());
    table.resize(table.size() + 4);
    layout::write_le(table.data() + table.size() - 4, static_cast<std::uint32_t>(length));
  };
  std::size_t total = secret_header_bytes;
  for (const guest_secret& one : secrets) total += secret_header_bytes + one.data.size();
  header(secret_table_guid, total);
  for (const guest_secret& one : secrets) {
    header(one.name, secret_header_bytes + one.data.size());
    table.insert(table.end(), one.data.begin(), one.data.end());
  }
  table.resize((table.size() + 15) / 16 * 16);
  return table;
}

/// Why bytes are no table of secrets.
struct secret_table_error {
  enum class kind : std::uint8_t {
    truncated,     ///< the bytes end before the table or an entry does
    wrong_name,    ///< the table's GUID is another
    table_length,  ///< less than a header
    entry_length,  ///< less than a header, or more than the table has left
  };
  kind what{};
  std::size_t offset = 0;  ///< of what is wrong, from the start of the table

  friend constexpr auto operator==(const secret_table_error&, const secret_table_error&) -> bool = default;
};

/// Calls `sink(GUID in mixed order, data)` for every secret of a table.   FW-CRY-22
/// @param bytes  the table; padding behind it is not looked at
/// @return how many there are; on an error the sink may have seen some
template <class Sink>
auto for_each_secret(std::span<const std::uint8_t> bytes, Sink&& sink)
    -> std::expected<std::size_t, secret_table_error> {
  using enum secret_table_error::kind;
  const auto wrong = [](secret_table_error::kind what, std::size_t offset) {
    return std::unexpected{secret_table_error{what, offset}};
  };
  if (bytes.size() < secret_header_bytes) return wrong(truncated, bytes.size());
  const auto name = secret_table_guid.mixed_endian();
  if (!std::equal(name.begin(), name.end(), bytes.begin())) return wrong(wrong_name, 0);
  const std::size_t total = layout::read_le<std::uint32_t>(bytes.data() + 16);
  if (total < secret_header_bytes) return wrong(table_length, 16);
  if (total > bytes.size()) return wrong(truncated, bytes.size());
  std::size_t count = 0;
  for (std::size_t at = secret_header_bytes; at < total; ++count) {
    if (total - at < secret_header_bytes) return wrong(truncated, at);
    const std::size_t length = layout::read_le<std::uint32_t>(bytes.data() + at + 16);
    if (length < secret_header_bytes || length > total - at) return wrong(entry_length, at + 16);
    const auto entry = bytes.subspan(at, length);
    sink(entry.first<16>(), entry.subspan(secret_header_bytes));
    at += length;
  }
  return count;
}

}  // namespace sevspec::inline v0::firmware

#endif
