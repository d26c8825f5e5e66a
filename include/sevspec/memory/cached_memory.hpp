// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_CACHED_MEMORY_HPP
#define SEVSPEC_MEMORY_CACHED_MEMORY_HPP

#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/forwarding.hpp>

namespace sevspec::inline v0::memory {

/// Memory as the processors of one core complex use it: through a cache.
/// @tparam M      memory behind the cache, normally a `controller`
/// @tparam Cache  `tagged_cache` or `no_cache`
template <byte_memory M, class Cache>
class cached_memory : public forwarding_bytes<cached_memory<M, Cache>, M> {
 public:
  /// @param cache  stays the caller's, as `memory` does: other core complexes have views of the same cache
  /// @param by     the core complex that makes the references
  constexpr cached_memory(M& memory, Cache& cache, ccx by = {}) noexcept
      : forwarding_bytes<cached_memory<M, Cache>, M>(memory), cache_(&cache), by_(by) {}

  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    return cache_->read(this->underlying(), by_, where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const
      -> memory_status {
    return cache_->write(this->underlying(), by_, where, key, in);
  }

 private:
  Cache* cache_;
  ccx by_;
};

/// Memory as devices use it: past the caches, but coherent with the lines of the same context. Those of other contexts
/// are not asked, whatever EAX[10] says (ENC-COH-02).
template <byte_memory M, class Cache>
class snooping_memory : public forwarding_bytes<snooping_memory<M, Cache>, M> {
 public:
  constexpr snooping_memory(M& memory, Cache& cache) noexcept
      : forwarding_bytes<snooping_memory<M, Cache>, M>(memory), cache_(&cache) {}

  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status {
    cache_->snoop(this->underlying(), where, out.size(), key, false);
    return this->underlying().read(where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const
      -> memory_status {
    cache_->snoop(this->underlying(), where, in.size(), key, true);
    return this->underlying().write(where, key, in);
  }

 private:
  Cache* cache_;
};

}  // namespace sevspec::inline v0::memory

#endif
