// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_FORWARDING_HPP
#define SEVSPEC_MEMORY_FORWARDING_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/ownership.hpp>

namespace sevspec::inline v0::memory {

/// Passes everything that a memory is asked on to another one. A memory that answers one question in its own way
/// derives from this and has a member for that question.
template <class M>
class forwarding {
 public:
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t>
    requires readable_memory<M>
  {
    return memory_->read_qword(where, key);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired) const
      -> bool
    requires physical_memory<M>
  {
    return memory_->compare_exchange_qword(where, key, expected, desired);
  }

  [[nodiscard]] constexpr auto status_of(spa where, memory_key key, std::size_t bytes) const -> memory_status
    requires byte_memory<M>
  {
    return status_at(*memory_, where, key, bytes);
  }
  [[nodiscard]] constexpr auto read(spa where, memory_key key, std::span<std::uint8_t> out) const -> memory_status
    requires byte_memory<M>
  {
    return memory_->read(where, key, out);
  }
  [[nodiscard]] constexpr auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const -> memory_status
    requires byte_memory<M>
  {
    return memory_->write(where, key, in);
  }

  /// Page-modification logging, see `modification_logging_memory`.
  [[nodiscard]] constexpr auto log_modification(gpa page) const -> bool
    requires requires(M& memory) { memory.log_modification(page); }
  {
    return memory_->log_modification(page);
  }
  /// Page ownership, see `guarded_memory`. `surely_owned` is not passed on: who answers `check_ownership` in another way
  /// must not be gone around.
  template <class Context>
    requires guarded_memory<M, Context>
  [[nodiscard, gnu::always_inline]] constexpr auto check_ownership(Context& ctx, const ownership_query& query) const
      -> ownership_verdict {
    return memory_->check_ownership(ctx, query);
  }

 protected:
  constexpr explicit forwarding(M& memory) noexcept : memory_(&memory) {}
  [[nodiscard]] constexpr auto underlying() const noexcept -> M& { return *memory_; }

 private:
  M* memory_;
};

/// The same for a memory that answers bytes in its own way: its qwords are made of them.
/// @tparam Self  the class that derives from this
template <class Self, byte_memory M>
class forwarding_bytes : public forwarding<M> {
 public:
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    return qword_at(static_cast<const Self&>(*this), where, key);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired) const
      -> bool {
    return compare_exchange_at(static_cast<const Self&>(*this), where, key, expected, desired);
  }

 protected:
  using forwarding<M>::forwarding;
};

}  // namespace sevspec::inline v0::memory

#endif
