// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_PHYSICAL_MEMORY_HPP
#define SEVSPEC_BASE_PHYSICAL_MEMORY_HPP

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0 {

/// Memory that page walks can read. This is all a caller has to supply.
///
/// `read_qword(where, key)` returns the little-endian 8 bytes at `where` (a multiple of 8) as seen through `key`, or
/// nothing if no memory answers there. A memory without encryption ignores `key`.
///
/// A walk over memory that is only readable makes no accessed/dirty updates: it answers what *would* happen.
template <class M>
concept readable_memory = requires(M& memory, spa where, memory_key key) {
  { memory.read_qword(where, key) } -> std::same_as<std::optional<std::uint64_t>>;
};

/// Memory in which walks also set accessed and dirty bits.
///
/// `compare_exchange_qword(where, key, expected, desired)` stores `desired` and returns true if the qword equals
/// `expected`; otherwise it changes nothing and returns false. Atomic with respect to every other agent (PAG-AD-04).
/// It must not fail while the qword equals `expected`: a walk reads the entry again and retries.
template <class M>
concept physical_memory = readable_memory<M> && requires(M& memory, spa where, memory_key key, std::uint64_t expected,
                                                         std::uint64_t desired) {
  { memory.compare_exchange_qword(where, key, expected, desired) } -> std::same_as<bool>;
};

/// A memory that has a `compare_exchange_qword` which does not fit: a mistake to be told, not a memory to be treated as
/// read-only. (A const memory is read-only by intent.)
template <class M>
concept misfitting_memory = requires { &M::compare_exchange_qword; } && !std::is_const_v<M> && !physical_memory<M>;

/// A view of `memory` that cannot be written, for walks without side effects (debuggers, software walks, what-if).
template <readable_memory M>
class read_only {
 public:
  constexpr explicit read_only(M& memory) noexcept : memory_(&memory) {}
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
    return memory_->read_qword(where, key);
  }
  /// A memory that knows whose pages are whose still does.
  template <class Context, class Query>
  [[nodiscard]] constexpr auto check_ownership(Context& ctx, const Query& query) const
    requires requires(M& memory) { memory.check_ownership(ctx, query); }
  {
    return memory_->check_ownership(ctx, query);
  }

 private:
  M* memory_;
};

}  // namespace sevspec::inline v0

#endif
