// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_WALKABLE_HPP
#define SEVSPEC_MEMORY_WALKABLE_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/forwarding.hpp>

namespace sevspec::inline v0::memory {

/// A memory of bytes with the qwords that walks ask for: `readable_memory` and `physical_memory`.
template <byte_memory M>
class walkable : public forwarding_bytes<walkable<M>, M> {
 public:
  constexpr explicit walkable(M& memory) noexcept : forwarding_bytes<walkable<M>, M>(memory) {}

  /// Writes a qword, little-endian: for filling tables.
  constexpr auto put_qword(spa where, memory_key key, std::uint64_t value) const -> memory_status {
    return write_qword_at(this->underlying(), where, key, value);
  }
};

}  // namespace sevspec::inline v0::memory

#endif
