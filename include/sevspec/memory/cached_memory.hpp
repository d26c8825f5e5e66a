// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_CACHED_MEMORY_HPP
#define SEVSPEC_MEMORY_CACHED_MEMORY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/cache.hpp>

namespace sevspec::inline v0::memory {

/// Memory as the processors of one core complex use it: through a cache.
/// @tparam M      memory behind the cache, normally a `controller`
/// @tparam Cache  `tagged_cache` or `no_cache`
template <byte_memory M, class Cache>
class cached_memory {
 public:
  /// @param cache  stays the caller's, as `memory` does: other core complexes have views of the same cache
  /// @param by     the core complex that makes the references
  constexpr cached_memory(M& memory, Cache& cache, ccx by = {}) noexcept : memory_(&memory), cache_(&cache), by_(by) {}

  [[nodiscard]] constexpr auto status_of(spa where, memory_key key, std::size_t bytes) const -> memory_status {
    return status_at(*memory_, where, key, bytes);
  }
  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    return cache_->read(*memory_, by_, where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const
      -> memory_status {
    return cache_->write(*memory_, by_, where, key, in);
  }
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    return qword_at(*this, where, key);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired) const
      -> bool {
    return compare_exchange_at(*this, where, key, expected, desired);
  }

 private:
  M* memory_;
  Cache* cache_;
  ccx by_;
};

/// Memory as devices use it: past the caches, but coherent with the lines of the same context. Those of other contexts
/// are not asked, whatever EAX[10] says (ENC-COH-02).
template <byte_memory M, class Cache>
class snooping_memory {
 public:
  constexpr snooping_memory(M& memory, Cache& cache) noexcept : memory_(&memory), cache_(&cache) {}

  [[nodiscard]] constexpr auto status_of(spa where, memory_key key, std::size_t bytes) const -> memory_status {
    return status_at(*memory_, where, key, bytes);
  }
  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    cache_->snoop(*memory_, where, out.size(), key, false);
    return memory_->read(where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const
      -> memory_status {
    cache_->snoop(*memory_, where, in.size(), key, true);
    return memory_->write(where, key, in);
  }
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    return qword_at(*this, where, key);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired) const
      -> bool {
    return compare_exchange_at(*this, where, key, expected, desired);
  }

 private:
  M* memory_;
  Cache* cache_;
};

}  // namespace sevspec::inline v0::memory

#endif
