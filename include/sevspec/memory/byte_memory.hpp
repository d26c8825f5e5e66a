// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_BYTE_MEMORY_HPP
#define SEVSPEC_MEMORY_BYTE_MEMORY_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0::memory {

/// How a memory answers a reference.
enum class memory_status : std::uint8_t {
  ok,
  no_memory,  ///< nothing answers at some of the addresses
  no_key,     ///< the slot holds no key, or there is no such slot
};

/// One phrase for people.
[[nodiscard]] constexpr auto text_of(memory_status status) noexcept -> const char* {
  switch (status) {
    case memory_status::ok:        return "ok";
    case memory_status::no_memory: return "no memory answers at this address";
    case memory_status::no_key:    return "no key is installed for this ASID";
  }
  return "?";
}

/// Memory whose bytes are read and written through a key: what agents use once an address is translated.
///
/// `read(where, key, out)` and `write(where, key, in)` take any address and any length; what does not answer `ok` has
/// neither read nor written a byte.
template <class M>
concept byte_memory =
    requires(M& memory, spa where, memory_key key, std::span<std::uint8_t> out, std::span<const std::uint8_t> in) {
      { memory.read(where, key, out) } -> std::same_as<memory_status>;
      { memory.write(where, key, in) } -> std::same_as<memory_status>;
    };

/// Whether a memory would answer a reference, without making it: its own `status_of(where, key, bytes)` if it has one.
/// Else the bytes are read to see, so a memory whose reads have effects must have one.
template <class M>
[[nodiscard]] constexpr auto status_at(M& memory, spa where, memory_key key, std::size_t bytes) -> memory_status {
  if constexpr (requires {
                  { memory.status_of(where, key, bytes) } -> std::same_as<memory_status>;
                }) {
    return memory.status_of(where, key, bytes);
  } else {
    std::array<std::uint8_t, 64> unused{};
    for (std::size_t done = 0; done < bytes; done += unused.size()) {
      const auto part = std::span{unused}.first(bytes - done < unused.size() ? bytes - done : unused.size());
      if (const auto status = memory.read(where + done, key, part); status != memory_status::ok) return status;
    }
    return memory_status::ok;
  }
}

/// `read_qword` of a memory of bytes, as walks want it: nothing if the memory does not answer. Reading alone is needed.
/// @param where  a multiple of 8
template <class M>
[[nodiscard]] constexpr auto qword_at(M& memory, spa where, memory_key key) -> std::optional<std::uint64_t> {
  std::array<std::uint8_t, 8> bytes{};
  if (memory.read(where, key, bytes) != memory_status::ok) return {};
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}

/// Writes a qword, little-endian.
template <byte_memory M>
constexpr auto write_qword_at(M& memory, spa where, memory_key key, std::uint64_t value) -> memory_status {
  std::array<std::uint8_t, 8> bytes{};
  for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
  return memory.write(where, key, bytes);
}

/// `compare_exchange_qword` of a memory of bytes.
template <byte_memory M>
[[nodiscard]] constexpr auto compare_exchange_at(M& memory, spa where, memory_key key, std::uint64_t expected,
                                                 std::uint64_t desired) -> bool {
  if (qword_at(memory, where, key) != expected) return false;
  return write_qword_at(memory, where, key, desired) == memory_status::ok;
}

}  // namespace sevspec::inline v0::memory

#endif
