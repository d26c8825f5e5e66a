// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_CHECKSUM_FORGERY_HPP
#define SEVSPEC_NESTED_CHECKSUM_FORGERY_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

#include <sevspec/base/address.hpp>
#include <sevspec/cpu/world_switch/vmsa_integrity.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmsa.hpp>

/// The checksum of a SEV-ES VMSA as three CRC-32C, and how somebody who can write the VMSA keeps it: by three words that
/// hardware uses at #VMEXIT alone.   NES-ESP-01
///
/// Which bytes each CRC covers is not published. Here they take the VMSA's words of 32 bits in turn: a model in which
/// what the paper reports can be done, not the hardware's.
namespace sevspec::inline v0::nested {

/// CRC-32C, without the inversions at both ends: one word more.
[[nodiscard]] constexpr auto crc32c_step(std::uint32_t crc, std::uint32_t word) noexcept -> std::uint32_t {
  crc ^= word;
  for (unsigned i = 0; i < 32; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f6'3b78U : 0U);
  return crc;
}

/// The same backwards: the value before a word, from the value after it.
[[nodiscard]] constexpr auto crc32c_back(std::uint32_t crc, std::uint32_t word) noexcept -> std::uint32_t {
  for (unsigned i = 0; i < 32; ++i) crc = (crc >> 31) != 0 ? ((crc ^ 0x82f6'3b78U) << 1 | 1) : crc << 1;
  return crc ^ word;
}

using vmsa_sums = std::array<std::uint32_t, 3>;

namespace detail {

inline constexpr std::size_t summed_words = cpu::checksummed_vmsa_bytes / 4;

[[nodiscard]] constexpr auto word_of(const layout::vmsa& page, std::size_t number) noexcept -> std::uint32_t {
  return layout::read_le<std::uint32_t>(page.data() + 4 * number);
}

/// GUEST_EXITINFO1 and the lower half of GUEST_EXITINFO2: hardware writes them at #VMEXIT, and nothing reads them at VMRUN.
inline constexpr std::size_t first_free_word = 0x3c8 / 4;

}  // namespace detail

/// The three sums of a VMSA.
[[nodiscard]] constexpr auto sums_of(const layout::vmsa& page) noexcept -> vmsa_sums {
  vmsa_sums sums{0xffff'ffff, 0xffff'ffff, 0xffff'ffff};
  for (std::size_t i = 0; i < detail::summed_words; ++i)
    sums[i % 3] = crc32c_step(sums[i % 3], detail::word_of(page, i));
  return sums;
}

/// A VMSA with other registers and the checksum of an old one: three words are chosen so.
/// @param wanted  the registers to run
/// @param old     a VMSA whose checksum hardware has recorded
[[nodiscard]] constexpr auto keep_checksums(const layout::vmsa& wanted, const layout::vmsa& old) noexcept
    -> layout::vmsa {
  layout::vmsa made = wanted;
  const vmsa_sums target = sums_of(old);
  for (std::size_t free = detail::first_free_word; free < detail::first_free_word + 3; ++free) {
    const std::size_t turn = free % 3;
    std::uint32_t before = 0xffff'ffff;
    for (std::size_t i = turn; i < free; i += 3) before = crc32c_step(before, detail::word_of(made, i));
    std::uint32_t after = target[turn];
    std::size_t last = turn;
    while (last + 3 < detail::summed_words) last += 3;
    for (std::size_t i = last; i > free; i -= 3) after = crc32c_back(after, detail::word_of(made, i));
    // Which word leads from one to the other.
    layout::write_le(made.data() + 4 * free, before ^ crc32c_back(after, 0));
  }
  return made;
}

/// Such checksums, by page. A `vmsa_integrity`, and a regular value.
class crc_checksums {
 public:
  [[nodiscard]] auto matches(spa where, const layout::vmsa& page) const -> bool {
    const auto found = rows_.find(where.value);
    return found != rows_.end() && found->second == sums_of(page);
  }
  void record(spa where, const layout::vmsa& page) { rows_[where.value] = sums_of(page); }

  friend auto operator==(const crc_checksums&, const crc_checksums&) -> bool = default;

 private:
  std::map<std::uint64_t, vmsa_sums> rows_;
};

}  // namespace sevspec::inline v0::nested

#endif
