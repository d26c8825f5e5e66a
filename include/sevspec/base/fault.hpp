// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_FAULT_HPP
#define SEVSPEC_BASE_FAULT_HPP

#include <cstdint>

#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0 {

/// What the processor raises instead of completing an operation.
enum class fault_kind : std::uint8_t {
  ud,      ///< invalid opcode, vector 6
  ss,      ///< stack fault, vector 12
  gp,      ///< general protection, vector 13
  pf,      ///< page fault, vector 14
  vc,      ///< VMM communication exception, vector 29
  npf,     ///< nested page fault: #VMEXIT 400h
  vmexit,  ///< another #VMEXIT of the hardware's: `code` is EXITCODE
  /// No fault of the architecture: physical memory did not answer at `address`. What a machine does then (all ones,
  /// a machine check) belongs to the platform, so the memory's owner decides; the walk only reports where.
  no_memory,
  /// No fault of the architecture, either: the key of the reference's ASID is not installed. VMRUN refuses such an ASID
  /// (ENC-ASID-12), so no reference of a guest gets this far on hardware.
  no_key,
};

/// A fault as a value.   APM vol. 2, 8.2, 15.25.6
struct fault {
  fault_kind kind{};
  rule decided_by = rule::none;  ///< the rule that raised it
  std::uint64_t code{};          ///< the error code; for #NPF, EXITINFO1; for `vmexit`, EXITCODE
  std::uint64_t address{};       ///< #PF: CR2; #NPF: EXITINFO2; no_memory, no_key: the sPA; otherwise 0

  friend constexpr auto operator==(const fault&, const fault&) -> bool = default;
};

/// Exception vector, or 0 for #VMEXITs, `no_memory` and `no_key`.
[[nodiscard]] constexpr auto vector_of(fault_kind kind) noexcept -> unsigned {
  switch (kind) {
    case fault_kind::ud:        return 6;
    case fault_kind::ss:        return 12;
    case fault_kind::gp:        return 13;
    case fault_kind::pf:        return 14;
    case fault_kind::vc:        return 29;
    case fault_kind::npf:
    case fault_kind::vmexit:
    case fault_kind::no_memory:
    case fault_kind::no_key:    return 0;
  }
  return 0;
}

/// "#PF", "#NPF", ...
[[nodiscard]] constexpr auto name_of(fault_kind kind) noexcept -> const char* {
  switch (kind) {
    case fault_kind::ud:        return "#UD";
    case fault_kind::ss:        return "#SS";
    case fault_kind::gp:        return "#GP";
    case fault_kind::pf:        return "#PF";
    case fault_kind::vc:        return "#VC";
    case fault_kind::npf:       return "#NPF";
    case fault_kind::vmexit:    return "#VMEXIT";
    case fault_kind::no_memory: return "no memory";
    case fault_kind::no_key:    return "no key";
  }
  return "?";
}

}  // namespace sevspec::inline v0

#endif
