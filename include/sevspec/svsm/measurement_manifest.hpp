// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MEASUREMENT_MANIFEST_HPP
#define SEVSPEC_SVSM_MEASUREMENT_MANIFEST_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include <sevspec/base/identity.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/svsm/measurement_request.hpp>

/// What a measurement says, byte for byte: what is signed. The lengths of digests are those of the hash.
///
///   00h  16  "SVSM-MEAS", zeros
///   10h   4  version, 1
///   14h   2  hash
///   16h   2  flags
///   18h   8  counter: from 1 on, each answer has a higher one
///   20h   2  VMPL of who asked, as its VMSA says
///   22h   2  number of ranges
///   24h   4  0
///   28h      for each range: gPA (8), bytes (8), digest
namespace sevspec::inline v0::svsm {

inline constexpr std::array<std::uint8_t, 16> manifest_magic{'S', 'V', 'S', 'M', '-', 'M', 'E', 'A', 'S'};
inline constexpr std::size_t manifest_header_bytes = 0x28;

/// A range and its digest.
struct measured_digest {
  measured_range range{};
  std::vector<std::uint8_t> digest{};

  friend constexpr auto operator==(const measured_digest&, const measured_digest&) -> bool = default;
};

/// A manifest.
struct measurement_manifest {
  measurement_hash hash = measurement_hash::sha384;
  std::uint16_t flags = 0;
  std::uint64_t counter = 0;
  std::uint16_t level = 0;  ///< VMPL of who asked
  std::vector<measured_digest> ranges{};

  friend constexpr auto operator==(const measurement_manifest&, const measurement_manifest&) -> bool = default;
};

/// Bytes of a manifest.
[[nodiscard]] constexpr auto manifest_bytes(std::size_t ranges, measurement_hash hash) noexcept -> std::size_t {
  return manifest_header_bytes + ranges * (16 + digest_bytes(hash));
}

/// The bytes that are signed.
[[nodiscard]] constexpr auto write_manifest(const measurement_manifest& manifest) -> std::vector<std::uint8_t> {
  using layout::write_le;
  std::vector<std::uint8_t> made(manifest_header_bytes, 0);
  std::copy(manifest_magic.begin(), manifest_magic.end(), made.begin());
  write_le<std::uint32_t>(made.data() + 0x10, 1);
  write_le(made.data() + 0x14, static_cast<std::uint16_t>(manifest.hash));
  write_le(made.data() + 0x16, manifest.flags);
  write_le(made.data() + 0x18, manifest.counter);
  write_le(made.data() + 0x20, manifest.level);
  write_le(made.data() + 0x22, static_cast<std::uint16_t>(manifest.ranges.size()));
  for (const measured_digest& one : manifest.ranges) {
    std::array<std::uint8_t, 16> where{};
    write_le(where.data(), one.range.first.value);
    write_le(where.data() + 8, one.range.bytes);
    made.insert(made.end(), where.begin(), where.end());
    made.insert(made.end(), one.digest.begin(), one.digest.end());
  }
  return made;
}

/// Why bytes are no manifest.
struct measurement_manifest_error {
  enum class kind : std::uint8_t {
    size,      ///< not as long as the number of ranges says
    magic,     ///< of something else
    version,   ///< not 1
    hash,      ///< not known
    reserved,  ///< a byte that must be zero is not
  };
  kind what{};
  std::size_t offset = 0;

  friend constexpr auto operator==(const measurement_manifest_error&, const measurement_manifest_error&)
      -> bool = default;
};

/// Reads a manifest.
/// @param bytes  from outside: any bytes are a manifest, the only one that is written so, or an error
[[nodiscard]] constexpr auto parse_manifest(std::span<const std::uint8_t> bytes)
    -> std::expected<measurement_manifest, measurement_manifest_error> {
  using enum measurement_manifest_error::kind;
  using layout::read_le;
  const auto wrong = [](measurement_manifest_error::kind what, std::size_t at) {
    return std::unexpected{measurement_manifest_error{what, at}};
  };
  if (bytes.size() < manifest_header_bytes) return wrong(size, bytes.size());
  if (!std::equal(manifest_magic.begin(), manifest_magic.end(), bytes.begin())) return wrong(magic, 0);
  if (read_le<std::uint32_t>(bytes.data() + 0x10) != 1) return wrong(version, 0x10);
  const auto which = read_le<std::uint16_t>(bytes.data() + 0x14);
  if (which > 2) return wrong(hash, 0x14);
  if (read_le<std::uint32_t>(bytes.data() + 0x24) != 0) return wrong(reserved, 0x24);
  measurement_manifest made{.hash = static_cast<measurement_hash>(which),
                            .flags = read_le<std::uint16_t>(bytes.data() + 0x16),
                            .counter = read_le<std::uint64_t>(bytes.data() + 0x18),
                            .level = read_le<std::uint16_t>(bytes.data() + 0x20)};
  const std::size_t count = read_le<std::uint16_t>(bytes.data() + 0x22);
  if (bytes.size() != manifest_bytes(count, made.hash)) return wrong(size, 0x22);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* const at = bytes.data() + manifest_header_bytes + i * (16 + digest_bytes(made.hash));
    made.ranges.push_back({.range = {gpa{read_le<std::uint64_t>(at)}, read_le<std::uint64_t>(at + 8)},
                           .digest = std::vector<std::uint8_t>(at + 16, at + 16 + digest_bytes(made.hash))});
  }
  return made;
}

}  // namespace sevspec::inline v0::svsm

#endif
