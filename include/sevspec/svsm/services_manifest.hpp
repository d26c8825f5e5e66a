// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_SERVICES_MANIFEST_HPP
#define SEVSPEC_SVSM_SERVICES_MANIFEST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include <sevspec/layout/guid.hpp>
#include <sevspec/layout/image.hpp>

/// The services manifest: what the services of an SVSM say of themselves, as one structure that a report binds
/// (SVSM-ATT-12).   SVSM 7.1.1
///
///   00h  16  63849ebb-3d92-4670-a1ff-58f9c94b87bb
///   10h   4  bytes of the whole
///   14h   4  number of services
///   18h      for each: GUID (16), offset (4), length (4); then their data
namespace sevspec::inline v0::svsm {

inline constexpr layout::guid services_manifest_guid{
    {0x63, 0x84, 0x9e, 0xbb, 0x3d, 0x92, 0x46, 0x70, 0xa1, 0xff, 0x58, 0xf9, 0xc9, 0x4b, 0x87, 0xbb}};
/// Data: the public area of the TPM's endorsement key.
inline constexpr layout::guid vtpm_guid{
    {0xc4, 0x76, 0xf1, 0xeb, 0x01, 0x23, 0x45, 0xa5, 0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3}};
/// Data: u32 version 0; u32 flags: bit 0 persistent, bit 1 secure boot, bit 2 database update.
inline constexpr layout::guid uefi_mm_guid{
    {0xa4, 0x45, 0x3a, 0x59, 0x9e, 0x1b, 0x47, 0x87, 0xa0, 0x33, 0x19, 0x86, 0xd6, 0xad, 0xbe, 0x55}};
/// Data: SHA-384 of the session key for measurements; a GUID of this project's own (SVSM-MEAS-22).
inline constexpr layout::guid measurement_guid{
    {0x4d, 0x45, 0x41, 0x53, 0x5e, 0x55, 0x4b, 0x1d, 0x9a, 0x10, 0x53, 0x56, 0x53, 0x4d, 0x00, 0x01}};

/// One service.
struct service {
  layout::guid id{{}};
  std::vector<std::uint8_t> data{};

  friend constexpr auto operator==(const service&, const service&) -> bool = default;
};

/// The manifest of services.
[[nodiscard]] constexpr auto make_services_manifest(std::span<const service> services) -> std::vector<std::uint8_t> {
  constexpr std::size_t header = 24;
  constexpr std::size_t entry = 24;
  std::vector<std::uint8_t> made(header + entry * services.size(), 0);
  const auto put_guid = [&](std::size_t at, const layout::guid& id) {
    const auto bytes = id.mixed_endian();
    for (std::size_t i = 0; i < bytes.size(); ++i) made[at + i] = bytes[i];
  };
  put_guid(0, services_manifest_guid);
  for (std::size_t i = 0; i < services.size(); ++i) {
    put_guid(header + entry * i, services[i].id);
    layout::write_le(made.data() + header + entry * i + 16, static_cast<std::uint32_t>(made.size()));
    layout::write_le(made.data() + header + entry * i + 20, static_cast<std::uint32_t>(services[i].data.size()));
    made.insert(made.end(), services[i].data.begin(), services[i].data.end());
  }
  layout::write_le(made.data() + 16, static_cast<std::uint32_t>(made.size()));
  layout::write_le(made.data() + 20, static_cast<std::uint32_t>(services.size()));
  return made;
}

/// Why bytes are no services manifest.
struct manifest_error {
  enum class kind : std::uint8_t {
    truncated,     ///< shorter than a header, than it says, or than its entries
    guid,          ///< of something else
    out_of_range,  ///< a service's data lie outside
  };
  kind what{};
  std::size_t offset = 0;

  friend constexpr auto operator==(const manifest_error&, const manifest_error&) -> bool = default;
};

/// The data of a service in a manifest; empty if the service is not in it.
/// @param bytes  from outside: any bytes are a manifest or an error
[[nodiscard]] constexpr auto find_service(std::span<const std::uint8_t> bytes, const layout::guid& id)
    -> std::expected<std::span<const std::uint8_t>, manifest_error> {
  using enum manifest_error::kind;
  constexpr std::size_t size = 24;
  const auto wrong = [](manifest_error::kind what, std::size_t at) {
    return std::unexpected{manifest_error{what, at}};
  };
  const auto same = [&](std::size_t at, const layout::guid& wanted) {
    const auto text = wanted.mixed_endian();
    for (std::size_t i = 0; i < text.size(); ++i)
      if (bytes[at + i] != text[i]) return false;
    return true;
  };
  if (bytes.size() < size) return wrong(truncated, bytes.size());
  if (!same(0, services_manifest_guid)) return wrong(guid, 0);
  const std::uint64_t whole = layout::read_le<std::uint32_t>(bytes.data() + 16);
  const std::uint64_t count = layout::read_le<std::uint32_t>(bytes.data() + 20);
  if (whole > bytes.size() || whole < size || count > (whole - size) / size) return wrong(truncated, 16);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = size + size * i;
    const std::uint64_t offset = layout::read_le<std::uint32_t>(bytes.data() + at + 16);
    const std::uint64_t length = layout::read_le<std::uint32_t>(bytes.data() + at + 20);
    if (offset > whole || length > whole - offset) return wrong(out_of_range, at);
    if (same(at, id)) return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
  }
  return std::span<const std::uint8_t>{};
}

}  // namespace sevspec::inline v0::svsm

#endif
