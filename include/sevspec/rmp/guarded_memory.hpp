// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_GUARDED_MEMORY_HPP
#define SEVSPEC_RMP_GUARDED_MEMORY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// A memory and the Reverse Map Table of its pages: what walks need while SNP is enabled.
template <readable_memory M, entry_store Store>
class guarded_memory {
 public:
  constexpr guarded_memory(M& memory, const Store& rmp) noexcept : memory_(&memory), rmp_(&rmp) {}

  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    return memory_->read_qword(where, key);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired)
      -> bool
    requires physical_memory<M>
  {
    return memory_->compare_exchange_qword(where, key, expected, desired);
  }

  [[nodiscard]] constexpr auto status_of(spa where, memory_key key, std::size_t bytes) -> memory::memory_status
    requires memory::byte_memory<M>
  {
    return memory::status_at(*memory_, where, key, bytes);
  }
  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status
    requires memory::byte_memory<M>
  {
    return memory_->read(where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in)
      -> memory::memory_status
    requires memory::byte_memory<M>
  {
    return memory_->write(where, key, in);
  }

  template <class Context>
  [[nodiscard]] constexpr auto check_ownership(Context& ctx, const memory::ownership_query& query) const
      -> memory::ownership_verdict {
    return check_access(ctx, *rmp_, query);
  }

 private:
  M* memory_;
  const Store* rmp_;
};

}  // namespace sevspec::inline v0::rmp

#endif
