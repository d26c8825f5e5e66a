// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_MMIO_HPP
#define SEVSPEC_MEMORY_MMIO_HPP

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/forwarding.hpp>

namespace sevspec::inline v0::memory {

/// The registers of a device. Offsets are from the start of its window.
template <class D>
concept mmio_device =
    requires(D& device, std::uint64_t offset, std::span<std::uint8_t> out, std::span<const std::uint8_t> in) {
      { device.read(offset, out) } -> std::same_as<void>;
      { device.write(offset, in) } -> std::same_as<void>;
    };

/// A memory with a window of sPAs that is a device, not DRAM: there the key of a reference does not count, whatever
/// C-bit chose it (ENC-KEYSEL-13).   APM vol. 2, 7.10.5
template <byte_memory M, mmio_device Device>
class mmio_window : public forwarding_bytes<mmio_window<M, Device>, M> {
 public:
  /// @param first  start of the window
  /// @param bytes  its length, at least 1; its end is inside the 64-bit range
  constexpr mmio_window(M& memory, Device& device, spa first, std::uint64_t bytes)
      : forwarding_bytes<mmio_window<M, Device>, M>(memory), device_(&device), first_(first), bytes_(bytes) {
    Expects(bytes >= 1 && first.value + (bytes - 1) >= first.value);
  }

  /// Asking a device nothing.
  [[nodiscard]] constexpr auto status_of(spa where, memory_key key, std::size_t bytes) const -> memory_status {
    switch (place_of(where, bytes)) {
      case place::inside:  return memory_status::ok;
      case place::across:  return memory_status::no_memory;
      case place::outside: return status_at(this->underlying(), where, key, bytes);
    }
    return memory_status::no_memory;
  }

  /// A reference that is partly in the window is answered by nothing: hardware would split it, software does not make
  /// it.
  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    switch (place_of(where, out.size())) {
      case place::inside:  device_->read(where.value - first_.value, out); return memory_status::ok;
      case place::across:  return memory_status::no_memory;
      case place::outside: return this->underlying().read(where, key, out);
    }
    return memory_status::no_memory;
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const
      -> memory_status {
    switch (place_of(where, in.size())) {
      case place::inside:  device_->write(where.value - first_.value, in); return memory_status::ok;
      case place::across:  return memory_status::no_memory;
      case place::outside: return this->underlying().write(where, key, in);
    }
    return memory_status::no_memory;
  }

 private:
  enum class place : std::uint8_t { inside, outside, across };

  [[nodiscard]] constexpr auto place_of(spa where, std::uint64_t bytes) const noexcept -> place {
    const auto in_window = [&](std::uint64_t address) { return address - first_.value < bytes_; };
    if (bytes == 0) return place::outside;
    const std::uint64_t last = where.value + (bytes - 1);
    if (in_window(where.value) && in_window(last) && last >= where.value) return place::inside;
    const bool touches = in_window(where.value) || in_window(last) || first_.value - where.value < bytes;
    return touches ? place::across : place::outside;
  }

  Device* device_;
  spa first_;
  std::uint64_t bytes_;
};

}  // namespace sevspec::inline v0::memory

#endif
