// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_IMAGE_GUEST_IMAGE_HPP
#define SEVSPEC_FIRMWARE_GUEST_IMAGE_GUEST_IMAGE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/layout/guid.hpp>
#include <sevspec/layout/image.hpp>

/// The image of a guest's firmware (OVMF, an SVSM) and what it says of itself to whoever launches it.
/// FW-LD-24; tianocore/edk2, OvmfPkg/ResetVector
///
/// ```
///   end - 32      end of the table; behind it lies the reset vector
///   end - 50      last entry: u16 size of the whole table, GUID of the table
///   below         entries, each { data, u16 size with these 18 bytes, GUID }, read from the last to the first
/// ```
namespace sevspec::inline v0::firmware {

namespace image_guids {
/// The table itself: 96b582de-1fb2-45f7-baea-a366c55a082d.
inline constexpr layout::guid table{
    {0x96, 0xb5, 0x82, 0xde, 0x1f, 0xb2, 0x45, 0xf7, 0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d}};
/// u32 gPA and u32 size of the table of a kernel's hashes: 7255371f-3a3b-4b04-927b-1da6efa8d454.
inline constexpr layout::guid hash_table{
    {0x72, 0x55, 0x37, 0x1f, 0x3a, 0x3b, 0x4b, 0x04, 0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54}};
/// u32 address at which other processors start: 00f771de-1a7e-4fcb-890e-68c77e2fb44e.
inline constexpr layout::guid reset_block{
    {0x00, 0xf7, 0x71, 0xde, 0x1a, 0x7e, 0x4f, 0xcb, 0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e}};
/// u32 distance of the metadata from the image's end: dc886566-984a-4798-a75e-5585a7bf67cc.
inline constexpr layout::guid metadata{
    {0xdc, 0x88, 0x65, 0x66, 0x98, 0x4a, 0x47, 0x98, 0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc}};
/// u32 entry of an SVSM, from the image's start: a789a612-0597-4c4b-a49f-cbb1fe9d1ddd.
inline constexpr layout::guid svsm_entry{
    {0xa7, 0x89, 0xa6, 0x12, 0x05, 0x97, 0x4c, 0x4b, 0xa4, 0x9f, 0xcb, 0xb1, 0xfe, 0x9d, 0x1d, 0xdd}};
}  // namespace image_guids

/// What a section of the metadata is to become in the guest's memory.   FW-LD-21
enum class section_type : std::uint32_t {
  memory = 1,   ///< memory that is accepted before the guest starts
  secrets = 2,  ///< the secrets page
  cpuid = 3,    ///< the CPUID page
  svsm_calling_area = 4,
  kernel_hashes = 0x10,
};

/// A section of the metadata.
struct image_section {
  std::uint32_t where = 0;  ///< gPA
  std::uint32_t size = 0;   ///< bytes
  section_type type{};

  friend constexpr auto operator==(const image_section&, const image_section&) -> bool = default;
};

/// Where the table of a kernel's hashes is to lie.
struct hash_table_place {
  std::uint32_t where = 0;  ///< gPA; 0 if the firmware does not look at hashes
  std::uint32_t size = 0;   ///< bytes

  friend constexpr auto operator==(const hash_table_place&, const hash_table_place&) -> bool = default;
};

/// An image, and what its table says. What is not there the image does not say.
struct guest_image {
  std::span<const std::uint8_t> bytes{};
  bool has_table = false;
  std::optional<hash_table_place> hash_table{};
  std::optional<std::uint32_t> reset_eip{};   ///< where processors other than the first start
  std::optional<std::uint32_t> svsm_entry{};  ///< from the image's start
  std::optional<std::vector<image_section>> sections{};
};

/// Why an image's table makes no sense.
struct image_error {
  enum class kind : std::uint8_t {
    table_size,          ///< less than its last entry, or more than the image has
    entry_size,          ///< less than 18, or more than the table has left
    entry_data,          ///< fewer data than entries with this GUID have
    metadata_place,      ///< not inside the image
    metadata_signature,  ///< not "ASEV"
    metadata_version,    ///< not 1
    metadata_size,       ///< not as long as its sections, or not inside the image
  };
  kind what{};
  std::size_t offset = 0;  ///< of the field, from the image's start

  friend constexpr auto operator==(const image_error&, const image_error&) -> bool = default;
};

/// "an entry's size is ..."
[[nodiscard]] constexpr auto text_of(image_error::kind what) noexcept -> const char* {
  switch (what) {
    case image_error::kind::table_size: return "the footer table is shorter than one entry or longer than the image";
    case image_error::kind::entry_size:
      return "an entry of the footer table is shorter than its header or longer than the table";
    case image_error::kind::entry_data:         return "an entry of the footer table has less data than its GUID says";
    case image_error::kind::metadata_place:     return "the SEV metadata do not lie inside the image";
    case image_error::kind::metadata_signature: return "the SEV metadata do not start with ASEV";
    case image_error::kind::metadata_version:   return "the SEV metadata are not of version 1";
    case image_error::kind::metadata_size:
      return "the size of the SEV metadata does not fit their number of sections or the image";
  }
  return "?";
}

namespace detail {

[[nodiscard]] inline auto parse_sections(std::span<const std::uint8_t> image, std::size_t place)
    -> std::expected<std::vector<image_section>, image_error> {
  using enum image_error::kind;
  constexpr std::size_t head_bytes = 16;
  constexpr std::size_t section_bytes = 12;
  const auto wrong = [](image_error::kind what, std::size_t offset) {
    return std::unexpected{image_error{what, offset}};
  };
  const auto metadata = image.subspan(place);
  if (metadata.size() < head_bytes) return wrong(metadata_place, place);
  constexpr std::array<std::uint8_t, 4> signature{'A', 'S', 'E', 'V'};
  if (!std::equal(signature.begin(), signature.end(), metadata.begin())) return wrong(metadata_signature, place);
  const auto word = [&](std::size_t at) { return layout::read_le<std::uint32_t>(metadata.data() + at); };
  if (word(8) != 1) return wrong(metadata_version, place + 8);
  const std::size_t size = word(4);
  const std::size_t count = word(12);
  if (size < head_bytes || size > metadata.size() || count > (size - head_bytes) / section_bytes)
    return wrong(metadata_size, place + 4);
  std::vector<image_section> sections;
  for (std::size_t i = 0, at = head_bytes; i < count; ++i, at += section_bytes)
    sections.push_back({.where = word(at), .size = word(at + 4), .type = static_cast<section_type>(word(at + 8))});
  return sections;
}

}  // namespace detail

/// Reads the table at the end of an image. An image without one is an image that says nothing.   FW-LD-24
/// @param bytes  the image; the result refers to them
[[nodiscard]] inline auto parse_guest_image(std::span<const std::uint8_t> bytes)
    -> std::expected<guest_image, image_error> {
  using enum image_error::kind;
  constexpr std::size_t behind_table = 32;
  constexpr std::size_t guid_bytes = 16;
  constexpr std::size_t head_bytes = guid_bytes + 2;
  const auto wrong = [](image_error::kind what, std::size_t offset) {
    return std::unexpected{image_error{what, offset}};
  };
  const auto names = [bytes](const layout::guid& name, std::size_t at) {
    const auto expected = name.mixed_endian();
    return std::equal(expected.begin(), expected.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const auto size_at = [bytes](std::size_t at) -> std::size_t {
    return layout::read_le<std::uint16_t>(bytes.data() + at);
  };

  guest_image image;
  image.bytes = bytes;
  if (bytes.size() < behind_table + head_bytes) return image;
  const std::size_t end = bytes.size() - behind_table;
  if (!names(image_guids::table, end - guid_bytes)) return image;
  image.has_table = true;
  const std::size_t table_bytes = size_at(end - head_bytes);
  if (table_bytes < head_bytes || table_bytes > end) return wrong(table_size, end - head_bytes);

  std::optional<std::size_t> metadata;
  const std::size_t first = end - table_bytes;
  for (std::size_t at = end - head_bytes; at > first;) {  // `at`: behind the entry
    if (at - first < head_bytes) return wrong(entry_size, first);
    const std::size_t entry_bytes = size_at(at - head_bytes);
    if (entry_bytes < head_bytes || entry_bytes > at - first) return wrong(entry_size, at - head_bytes);
    const std::size_t data = at - entry_bytes;
    const std::size_t data_bytes = entry_bytes - head_bytes;
    const auto word = [&](std::size_t index) {
      return layout::read_le<std::uint32_t>(bytes.data() + data + 4 * index);
    };
    const std::size_t name = at - guid_bytes;
    if (names(image_guids::hash_table, name)) {
      if (data_bytes < 8) return wrong(entry_data, data);
      image.hash_table = hash_table_place{.where = word(0), .size = word(1)};
    } else if (names(image_guids::reset_block, name)) {
      if (data_bytes < 4) return wrong(entry_data, data);
      image.reset_eip = word(0);
    } else if (names(image_guids::svsm_entry, name)) {
      if (data_bytes < 4) return wrong(entry_data, data);
      image.svsm_entry = word(0);
    } else if (names(image_guids::metadata, name)) {
      if (data_bytes < 4) return wrong(entry_data, data);
      if (word(0) > bytes.size()) return wrong(metadata_place, data);
      metadata = bytes.size() - word(0);
    }
    at = data;
  }
  if (metadata) {
    auto sections = detail::parse_sections(bytes, *metadata);
    if (!sections) return std::unexpected{sections.error()};
    image.sections = std::move(*sections);
  }
  return image;
}

}  // namespace sevspec::inline v0::firmware

#endif
