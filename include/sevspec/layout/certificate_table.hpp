// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CERTIFICATE_TABLE_HPP
#define SEVSPEC_LAYOUT_CERTIFICATE_TABLE_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/layout/certificate.hpp>

/// The table of certificates that the hypervisor returns with an extended guest request. It is the hypervisor's word
/// alone, so nothing in it is trusted.   LAY-CERT-01; GHCB 4.1.8.1
namespace sevspec::inline v0::layout {

/// Why bytes are no certificate table.
struct certificate_table_error {
  enum class kind : std::uint8_t {
    unterminated,  ///< the bytes end before an entry of zeros
    out_of_range,  ///< an entry's certificate does not lie inside the bytes
    in_entries,    ///< an entry's certificate overlaps the entries themselves
  };
  kind what{};
  std::size_t offset = 0;  ///< of the entry, from the start of the table

  friend constexpr auto operator==(const certificate_table_error&, const certificate_table_error&) -> bool = default;
};

/// Calls `sink(guid, certificate)` for every entry, both as spans of bytes, up to the entry whose GUID is zero. GUIDs
/// are in the order of their text. Offsets count from the start of the table.
/// @return the number of certificates; on an error the sink has seen none
template <class Sink>
constexpr auto for_each_certificate(std::span<const std::uint8_t> table, Sink&& sink)
    -> std::expected<std::size_t, certificate_table_error> {
  constexpr std::size_t entry_size = size_of<cert_table_entry>;
  const auto entry_at = [&](std::size_t index) {
    return cert_table_entry_const_view{table.subspan(index * entry_size).template first<entry_size>()};
  };
  std::size_t count = 0;
  for (;; ++count) {
    const std::size_t offset = count * entry_size;
    if (table.size() < entry_size || offset > table.size() - entry_size)
      return std::unexpected{certificate_table_error{certificate_table_error::kind::unterminated, offset}};
    const auto entry = entry_at(count);
    bool last = true;
    for (const std::uint8_t byte : entry.guid()) last = last && byte == 0;
    if (last) break;
    if (entry.offset() > table.size() || entry.length() > table.size() - entry.offset())
      return std::unexpected{certificate_table_error{certificate_table_error::kind::out_of_range, offset}};
  }
  const std::size_t end_of_entries = (count + 1) * entry_size;
  for (std::size_t i = 0; i < count; ++i)
    if (entry_at(i).offset() < end_of_entries)
      return std::unexpected{certificate_table_error{certificate_table_error::kind::in_entries, i * entry_size}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = entry_at(i);
    sink(entry.guid(), table.subspan(entry.offset(), entry.length()));
  }
  return count;
}

}  // namespace sevspec::inline v0::layout

#endif
