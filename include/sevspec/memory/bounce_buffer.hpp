// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_BOUNCE_BUFFER_HPP
#define SEVSPEC_MEMORY_BOUNCE_BUFFER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/cache.hpp>

/// How encrypted guests do DMA: through shared memory, which their own processor fills and empties (ENC-DMA-06).
namespace sevspec::inline v0::memory {

/// Size of Linux's pool, in bytes: 6 % of memory, at least 64 MiB, at most 1 GiB.   arch/x86/mm/mem_encrypt.c
[[nodiscard]] constexpr auto bounce_pool_bytes(std::uint64_t memory_bytes) noexcept -> std::uint64_t {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20;
  // The same as memory_bytes * 6 / 100, without overflow.
  const std::uint64_t share = memory_bytes / 100 * 6 + memory_bytes % 100 * 6 / 100;
  return std::clamp(share, 64 * mib, 1024 * mib);
}

/// Part of the pool, and the private memory it stands for during one transfer.
struct bounce_buffer {
  spa private_page{};   ///< the guest's memory
  memory_key guest{};   ///< the guest's key
  spa shared_page{};    ///< the buffer, which the device reaches
  memory_key shared{};  ///< key of the guest's shared references: the host's, or none
  std::size_t bytes{};

  friend constexpr auto operator==(const bounce_buffer&, const bounce_buffer&) -> bool = default;
};

namespace detail {

template <byte_memory M>
[[nodiscard]] constexpr auto copy_bytes(M& memory, spa from, memory_key from_key, spa to, memory_key to_key,
                                        std::size_t bytes) -> memory_status {
  std::array<std::uint8_t, line_bytes> chunk{};
  for (std::size_t done = 0; done < bytes;) {
    const auto part = std::span{chunk}.first(std::min(chunk.size(), bytes - done));
    if (const auto status = memory.read(from + done, from_key, part); status != memory_status::ok) return status;
    if (const auto status = memory.write(to + done, to_key, part); status != memory_status::ok) return status;
    done += part.size();
  }
  return memory_status::ok;
}

}  // namespace detail

/// Before the device reads: the guest's processor copies private to shared. (Linux: map for DMA_TO_DEVICE)
/// @return what memory says where it does not answer; the bytes before have been copied
template <byte_memory M>
[[nodiscard]] constexpr auto bounce_to_device(M& memory, const bounce_buffer& buffer) -> memory_status {
  return detail::copy_bytes(memory, buffer.private_page, buffer.guest, buffer.shared_page, buffer.shared, buffer.bytes);
}

/// After the device has written: the guest's processor copies shared to private. (Linux: unmap for DMA_FROM_DEVICE)
///
/// What arrives is what the buffer holds at that instant, which device and host may change until then and after; and it
/// becomes ciphertext at an sPA that the host knows (ENC-DMA-07).
template <byte_memory M>
[[nodiscard]] constexpr auto bounce_from_device(M& memory, const bounce_buffer& buffer) -> memory_status {
  return detail::copy_bytes(memory, buffer.shared_page, buffer.shared, buffer.private_page, buffer.guest, buffer.bytes);
}

}  // namespace sevspec::inline v0::memory

#endif
