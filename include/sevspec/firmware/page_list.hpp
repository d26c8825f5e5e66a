// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_LIST_HPP
#define SEVSPEC_FIRMWARE_PAGE_LIST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/snp_command.hpp>

namespace sevspec::inline v0::firmware {

/// One element of a list of ranges, as its structure holds it: RANGE.
struct page_list_element {
  spa base{};
  std::uint64_t pages{};     ///< of 4K
  std::uint32_t reserved{};  ///< the bytes at 0Ch

  friend constexpr auto operator==(const page_list_element&, const page_list_element&) -> bool = default;
};

[[nodiscard]] constexpr auto element_of(const layout::snp_range_const_view& range) noexcept -> page_list_element {
  std::uint32_t reserved = 0;
  for (unsigned i = 0; i < 4; ++i) reserved |= std::uint32_t{range.bytes()[12 + i]} << (8 * i);
  return {{range.base()}, range.page_count(), reserved};
}

/// A list of ranges: RANGE_LIST.
struct page_list {
  static constexpr std::size_t most = 255;  ///< with its header, what lies in one page of 4K

  std::array<page_list_element, most> elements{};
  std::size_t count{};

  [[nodiscard]] constexpr auto ranges() const noexcept -> std::span<const page_list_element> {
    return std::span{elements}.first(count);
  }
};

/// Takes a list of ranges from its bytes.   SEV-SNP firmware ABI, SNP_INIT_EX; FW-SNP-INIT-22
/// @param bytes  from the list's address to the end of its page of 4K, in which the whole list lies
/// @return INVALID_PARAM if its reserved bytes are not 0, it has more than 255 elements, or does not end in the page
[[nodiscard]] constexpr auto read_page_list(std::span<const std::uint8_t> bytes) noexcept
    -> std::expected<page_list, status> {
  constexpr std::size_t header_bytes = layout::size_of<layout::snp_range_list_header>;
  constexpr std::size_t element_bytes = layout::size_of<layout::snp_range>;
  if (bytes.size() < header_bytes) return std::unexpected{status::invalid_param};
  const layout::snp_range_list_header_const_view header{bytes.first<header_bytes>()};
  bytes = bytes.subspan(header_bytes);
  page_list list{.count = header.num_elements()};
  if (list.count > page_list::most || list.count > bytes.size() / element_bytes)
    return std::unexpected{status::invalid_param};
  for (std::size_t i = 4; i < header_bytes; ++i)
    if (header.bytes()[i] != 0) return std::unexpected{status::invalid_param};
  for (page_list_element& one : std::span{list.elements}.first(list.count)) {
    one = element_of(layout::snp_range_const_view{bytes.first<element_bytes>()});
    bytes = bytes.subspan(element_bytes);
  }
  return list;
}

}  // namespace sevspec::inline v0::firmware

#endif
