// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_RMP_RESULT_HPP
#define SEVSPEC_LAYOUT_RMP_RESULT_HPP

#include <cstdint>
#include <utility>

#include <sevspec/layout/codes/rmp_codes.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>

namespace sevspec::inline v0::layout {

/// What an RMP instruction leaves in registers when it completes: EAX and, for PVALIDATE, CF. An instruction that
/// faults leaves neither; functions return `outcome<rmp_result>`, so that a fault cannot be taken for a status.
/// LAY-RMP-04; APM vol. 3, PVALIDATE, RMPADJUST, RMPUPDATE, PSMASH
struct rmp_result {
  rmp_instruction_status status{};  ///< EAX: unsigned, 0 is success, anything else a failure
  bool cf = false;  ///< PVALIDATE with EAX=0: the Validated bit had the wanted value already. Undefined on failure.

  /// Whether EAX says success.   LAY-RMP-04
  [[nodiscard]] constexpr auto succeeded() const noexcept -> bool { return status == rmp_instruction_status::success; }

  /// Whether PVALIDATE succeeded and changed the Validated bit. Success without a change is the sign of a page that is
  /// validated twice, so it must never be read as plain success.   LAY-RMP-04
  [[nodiscard]] constexpr auto changed() const noexcept -> bool { return succeeded() && !cf; }

  /// CF counts only where it is defined.
  friend constexpr auto operator==(const rmp_result& a, const rmp_result& b) noexcept -> bool {
    return a.status == b.status && (!a.succeeded() || a.cf == b.cf);
  }
};

/// How an SVSM passes on what PVALIDATE said: 0, 8000_1010h for success without a change, or 8000_1000h plus EAX.
/// @param ignore_cf  the request's ignore_cf: no change counts as success
/// LAY-SVSM-03
[[nodiscard]] constexpr auto svsm_result_of(rmp_result pvalidate, bool ignore_cf = false) noexcept -> std::uint64_t {
  constexpr std::uint64_t base = 0x8000'1000;
  constexpr std::uint64_t no_change = 0x8000'1010;
  if (!pvalidate.succeeded()) return base + std::to_underlying(pvalidate.status);
  if (pvalidate.cf && !ignore_cf) return no_change;
  return std::to_underlying(svsm_result_codes::success);
}

}  // namespace sevspec::inline v0::layout

#endif
