// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_INTRUDED_HPP
#define SEVSPEC_TESTS_SUPPORT_INTRUDED_HPP

#include <cstdint>
#include <optional>

#include <support/cells.hpp>

namespace sevspec::test {

/// A memory in which another agent writes one entry just before the walk's first update of it: after the walk read it,
/// and before its compare-exchange.
struct intruded {
  cells& memory;
  std::uint64_t where;
  std::uint64_t replacement;
  unsigned exchanges = 0;  ///< of that entry
  unsigned reads = 0;      ///< of that entry

  [[nodiscard]] auto read_qword(spa at, memory_key key) -> std::optional<std::uint64_t> {
    if (at.value == where) ++reads;
    return memory.read_qword(at, key);
  }
  auto compare_exchange_qword(spa at, memory_key key, std::uint64_t expected, std::uint64_t desired) -> bool {
    if (at.value == where && exchanges++ == 0) memory[where] = replacement;
    return memory.compare_exchange_qword(at, key, expected, desired);
  }
};

}  // namespace sevspec::test

#endif
