// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_IMAGE_KERNEL_HASHES_HPP
#define SEVSPEC_FIRMWARE_GUEST_IMAGE_KERNEL_HASHES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/layout/guid.hpp>
#include <sevspec/layout/image.hpp>

/// The hashes through which a measurement covers a kernel that is loaded beside the firmware.   FW-LD-25; QEMU,
/// target/i386/sev.c
namespace sevspec::inline v0::firmware {

/// What the firmware of the guest checks before it starts a kernel.
struct kernel_hashes {
  crypto::sha256_value cmdline{};  ///< of the text and a terminating zero
  crypto::sha256_value initrd{};   ///< of nothing if there is none
  crypto::sha256_value kernel{};

  friend constexpr auto operator==(const kernel_hashes&, const kernel_hashes&) -> bool = default;
};

/// The hashes of a kernel, its initrd and its command line.   FW-LD-25
/// @param initrd   empty if there is none
/// @param cmdline  without its terminator
[[nodiscard]] inline auto hashes_of_kernel(std::span<const std::uint8_t> kernel, std::span<const std::uint8_t> initrd,
                                           std::string_view cmdline) -> kernel_hashes {
  crypto::sha256 text;
  for (const char c : cmdline) {
    const std::array<std::uint8_t, 1> byte{static_cast<std::uint8_t>(c)};
    text.update(byte);
  }
  constexpr std::array<std::uint8_t, 1> terminator{0};
  text.update(terminator);
  return {.cmdline = text.take(), .initrd = crypto::sha256_of(initrd), .kernel = crypto::sha256_of(kernel)};
}

/// The table as it lies in memory: 168 bytes and 8 of padding.
using kernel_hash_table = std::array<std::uint8_t, 176>;

namespace kernel_guids {
/// The table: 9438d606-4f22-4cc9-b479-a793d411fd21.
inline constexpr layout::guid table{
    {0x94, 0x38, 0xd6, 0x06, 0x4f, 0x22, 0x4c, 0xc9, 0xb4, 0x79, 0xa7, 0x93, 0xd4, 0x11, 0xfd, 0x21}};
/// The command line: 97d02dd8-bd20-4c94-aa78-e7714d36ab2a.
inline constexpr layout::guid cmdline{
    {0x97, 0xd0, 0x2d, 0xd8, 0xbd, 0x20, 0x4c, 0x94, 0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a}};
/// The initrd: 44baf731-3a2f-4bd7-9af1-41e29169781d.
inline constexpr layout::guid initrd{
    {0x44, 0xba, 0xf7, 0x31, 0x3a, 0x2f, 0x4b, 0xd7, 0x9a, 0xf1, 0x41, 0xe2, 0x91, 0x69, 0x78, 0x1d}};
/// The kernel: 4de79437-abd2-427f-b835-d5b172d2045b.
inline constexpr layout::guid kernel{
    {0x4d, 0xe7, 0x94, 0x37, 0xab, 0xd2, 0x42, 0x7f, 0xb8, 0x35, 0xd5, 0xb1, 0x72, 0xd2, 0x04, 0x5b}};
}  // namespace kernel_guids

/// The table of these hashes.   FW-LD-25
[[nodiscard]] constexpr auto table_of(const kernel_hashes& hashes) -> kernel_hash_table {
  kernel_hash_table table{};
  std::size_t at = 0;
  const auto put = [&](const auto& bytes) {
    for (const std::uint8_t byte : bytes) table[at++] = byte;
  };
  const auto put_size = [&](std::uint16_t size) {
    layout::write_le(table.data() + at, size);
    at += 2;
  };
  const auto entry = [&](const layout::guid& name, const crypto::sha256_value& hash) {
    put(name.mixed_endian());
    put_size(50);
    put(hash);
  };
  put(kernel_guids::table.mixed_endian());
  put_size(168);
  entry(kernel_guids::cmdline, hashes.cmdline);
  entry(kernel_guids::initrd, hashes.initrd);
  entry(kernel_guids::kernel, hashes.kernel);
  return table;
}

}  // namespace sevspec::inline v0::firmware

#endif
