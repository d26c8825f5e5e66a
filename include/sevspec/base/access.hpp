// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_ACCESS_HPP
#define SEVSPEC_BASE_ACCESS_HPP

#include <cstdint>

#include <sevspec/base/identity.hpp>

namespace sevspec::inline v0 {

/// What a reference does to memory. A read-modify-write instruction makes a `write`; shadow-stack references are those
/// of CALL, RET, INCSSP, WRSS and their like (PAG-PERM-07).
enum class access_kind : std::uint8_t { read, write, execute, shadow_stack_read, shadow_stack_write };

/// Whether a reference of this kind stores.
[[nodiscard]] constexpr auto writes(access_kind kind) noexcept -> bool {
  return kind == access_kind::write || kind == access_kind::shadow_stack_write;
}

/// Whether a reference of this kind is one to a shadow stack.
[[nodiscard]] constexpr auto is_shadow_stack(access_kind kind) noexcept -> bool {
  return kind == access_kind::shadow_stack_read || kind == access_kind::shadow_stack_write;
}

/// One memory reference as the execution core presents it to address translation. Everything here may differ from one
/// reference to the next; what changes only with a control-register write is in `paging_regime`.
struct memory_access {
  access_kind kind = access_kind::read;
  cpl level = kernel_mode;           ///< current privilege level
  bool implicit_supervisor = false;  ///< descriptor-table, TSS and similar references: supervisor at any CPL
  bool compatibility = false;        ///< compatibility mode, CS.L=0 in long mode: linear addresses have 32 bits
  bool wruss = false;                ///< a shadow-stack write by WRUSS: a user access at CPL 0
  bool through_ss = false;           ///< push, pop, or an address based on RSP/RBP: non-canonical is #SS
  bool through_ds_or_es = false;     ///< an explicit reference through DS or ES, where upper address ignore applies
  bool alignment_check = false;      ///< RFLAGS.AC, which lifts SMAP for explicit supervisor accesses
  std::uint32_t pkru = 0;            ///< protection-key rights: bit 2k access-disable, bit 2k+1 write-disable
  std::uint32_t bytes = 1;           ///< length of the reference, at least 1

  friend constexpr auto operator==(const memory_access&, const memory_access&) -> bool = default;

  [[nodiscard]] constexpr auto is_write() const noexcept -> bool { return writes(kind); }
  [[nodiscard]] constexpr auto is_fetch() const noexcept -> bool { return kind == access_kind::execute; }
  [[nodiscard]] constexpr auto is_shadow_stack() const noexcept -> bool { return sevspec::is_shadow_stack(kind); }
  /// A user access is one made at CPL 3 that is not implicitly supervisor, or by WRUSS; every other is a supervisor
  /// access.
  [[nodiscard]] constexpr auto is_user() const noexcept -> bool {
    return wruss || (level == user_mode && !implicit_supervisor);
  }
};

}  // namespace sevspec::inline v0

#endif
