// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_IMAGE_MAKER_HPP
#define SEVSPEC_TESTS_SUPPORT_IMAGE_MAKER_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <support/bytes.hpp>

namespace sevspec::test {

/// An image of a guest's firmware with a table at its end, made byte by byte.
struct image_maker {
  struct section {
    std::uint32_t where;
    std::uint32_t size;
    std::uint32_t type;
  };

  std::size_t size = 0x4000;
  bool with_hash_table = true;
  std::uint32_t hash_table = 0x810C00;
  bool with_reset_block = true;
  std::uint32_t reset_eip = 0x80B004;
  bool with_svsm_entry = false;
  std::uint32_t svsm_entry = 0;
  bool with_metadata = true;
  std::vector<section> sections{{0x800000, 0x9000, 1}, {0x80D000, 0x1000, 2},  {0x80E000, 0x1000, 3},
                                {0x80F000, 0x1000, 4}, {0x810000, 0x1000, 16}, {0x811000, 0x2000, 1}};

  static constexpr std::size_t metadata_at = 0x100;

  /// The bytes of a GUID in mixed order.
  [[nodiscard]] static auto guid(std::string text) -> byte_vector {
    std::erase(text, '-');
    const byte_vector plain = from_hex(text);
    byte_vector mixed;
    for (const std::size_t from : {3U, 2U, 1U, 0U, 5U, 4U, 7U, 6U, 8U, 9U, 10U, 11U, 12U, 13U, 14U, 15U})
      mixed.push_back(plain[from]);
    return mixed;
  }

  [[nodiscard]] auto make() const -> byte_vector {
    byte_vector table;
    const auto entry = [&table](const std::string& name, const std::vector<std::uint32_t>& data) {
      const std::size_t first = table.size();
      table.resize(first + 4 * data.size() + 18);
      for (std::size_t i = 0; i < data.size(); ++i) put_le(table, first + 4 * i, 4, data[i]);
      put_le(table, table.size() - 18, 2, 4 * data.size() + 18);
      const byte_vector bytes = guid(name);
      std::copy(bytes.begin(), bytes.end(), table.end() - 16);
    };
    entry("00000000-1111-2222-3333-444444444444", {1, 2, 3});  // nobody knows what it is
    if (with_metadata) entry("dc886566-984a-4798-a75e-5585a7bf67cc", {static_cast<std::uint32_t>(size - metadata_at)});
    if (with_svsm_entry) entry("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd", {svsm_entry});
    if (with_reset_block) entry("00f771de-1a7e-4fcb-890e-68c77e2fb44e", {reset_eip});
    if (with_hash_table) entry("7255371f-3a3b-4b04-927b-1da6efa8d454", {hash_table, 0x400});
    entry("96b582de-1fb2-45f7-baea-a366c55a082d", {});
    put_le(table, table.size() - 18, 2, table.size());

    byte_vector image(size);
    for (std::size_t i = 0; i < size; i += 4096) image[i] = static_cast<std::uint8_t>(1 + i / 4096);
    std::copy(table.begin(), table.end(), image.end() - 32 - static_cast<std::ptrdiff_t>(table.size()));
    if (with_metadata) {
      put_le(image, metadata_at, 4, 0x56455341);  // ASEV
      put_le(image, metadata_at + 4, 4, 16 + 12 * sections.size());
      put_le(image, metadata_at + 8, 4, 1);
      put_le(image, metadata_at + 12, 4, sections.size());
      std::size_t at = metadata_at + 16;
      for (const section& one : sections) {
        put_le(image, at, 4, one.where);
        put_le(image, at + 4, 4, one.size);
        put_le(image, at + 8, 4, one.type);
        at += 12;
      }
    }
    return image;
  }
};

}  // namespace sevspec::test

#endif
