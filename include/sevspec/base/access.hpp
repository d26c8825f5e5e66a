// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_ACCESS_HPP
#define SEVSPEC_BASE_ACCESS_HPP

#include <cstdint>

#include <sevspec/base/identity.hpp>

namespace sevspec::inline v0 {

/// What a reference does to memory. A read-modify-write instruction makes a `write`.
enum class access_kind : std::uint8_t { read, write, execute };

/// One memory reference as the execution core presents it to address translation. Everything here may differ from one
/// reference to the next; what changes only with a control-register write is in `paging_regime`.
struct memory_access {
  access_kind kind = access_kind::read;
  cpl level = kernel_mode;           ///< current privilege level
  bool implicit_supervisor = false;  ///< descriptor-table, TSS and similar references: supervisor at any CPL
  bool through_ss = false;           ///< push, pop, or an address based on RSP/RBP: non-canonical is #SS
  bool alignment_check = false;      ///< RFLAGS.AC, which lifts SMAP for explicit supervisor accesses
  std::uint32_t pkru = 0;            ///< protection-key rights: bit 2k access-disable, bit 2k+1 write-disable
  std::uint32_t bytes = 1;           ///< length of the reference, at least 1

  friend constexpr auto operator==(const memory_access&, const memory_access&) -> bool = default;

  [[nodiscard]] constexpr auto is_write() const noexcept -> bool { return kind == access_kind::write; }
  [[nodiscard]] constexpr auto is_fetch() const noexcept -> bool { return kind == access_kind::execute; }
  /// A user access is one made at CPL 3 that is not implicitly supervisor; every other is a supervisor access.
  [[nodiscard]] constexpr auto is_user() const noexcept -> bool { return level == user_mode && !implicit_supervisor; }
};

}  // namespace sevspec::inline v0

#endif
