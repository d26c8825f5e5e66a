// SPDX-License-Identifier: MIT
#include "tour_image.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/guest_image/guest_image.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::tool {

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::size_t image_bytes = 0x4000;
constexpr std::size_t metadata_at = 0x100;

template <class Number>
void append(bytes& to, Number value) {
  to.resize(to.size() + sizeof(Number));
  layout::write_le(to.data() + to.size() - sizeof(Number), value);
}

/// An entry of the footer table: data, size, GUID.
void append_entry(bytes& table, std::initializer_list<std::uint32_t> data, const layout::guid& name) {
  for (const std::uint32_t word : data) append(table, word);
  append(table, static_cast<std::uint16_t>(4 * data.size() + 18));
  const auto text = name.mixed_endian();
  table.insert(table.end(), text.begin(), text.end());
}

/// The table that ends 32 bytes before the image does.
[[nodiscard]] auto footer() -> bytes {
  bytes table;
  append_entry(table, {image_bytes - metadata_at}, firmware::image_guids::metadata);
  append_entry(table, {}, firmware::image_guids::table);
  layout::write_le(table.data() + table.size() - 18, static_cast<std::uint16_t>(table.size()));
  return table;
}

[[nodiscard]] auto metadata() -> bytes {
  using enum firmware::section_type;
  constexpr std::array<firmware::image_section, 4> sections{{{0x80'0000, 0x2000, memory},
                                                             {0x80'd000, 0x1000, secrets},
                                                             {0x80'e000, 0x1000, cpuid},
                                                             {0x80'f000, 0x1000, svsm_calling_area}}};
  constexpr std::string_view signature = "ASEV";
  bytes made(signature.begin(), signature.end());
  append(made, static_cast<std::uint32_t>(16 + 12 * sections.size()));
  append(made, std::uint32_t{1});
  append(made, static_cast<std::uint32_t>(sections.size()));
  for (const firmware::image_section& one : sections) {
    append(made, one.where);
    append(made, one.size);
    append(made, static_cast<std::uint32_t>(one.type));
  }
  return made;
}

}  // namespace

auto make_guest_image() -> std::vector<std::uint8_t> {
  bytes image(image_bytes);
  crypto::repeatable_random random{16};
  random(image);
  std::ranges::copy(metadata(), image.begin() + metadata_at);
  const bytes table = footer();
  std::ranges::copy(table, image.end() - 32 - static_cast<std::ptrdiff_t>(table.size()));
  return image;
}

}  // namespace sevspec::tool
