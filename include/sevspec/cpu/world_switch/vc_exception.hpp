// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VC_EXCEPTION_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VC_EXCEPTION_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/layout/exit_info.hpp>

namespace sevspec::inline v0::cpu {

/// An exception as the guest's handler sees it. #VC comes with nothing but its error code: what happened, the handler
/// finds out by decoding the instruction (VC-HW-03).
struct guest_exception {
  std::uint8_t vector{};
  std::uint64_t error_code{};
  std::uint64_t rip{};  ///< of the instruction: #VC is a fault

  friend constexpr auto operator==(const guest_exception&, const guest_exception&) -> bool = default;
};

/// The exceptions that combine to #DF, and #PF.   APM vol. 2, 8.2.9
[[nodiscard]] constexpr auto is_contributory(std::uint32_t vector) noexcept -> bool {
  return vector == 0 || (vector >= 10 && vector <= 13) || vector == vector_vc;
}

/// #VC, or what comes of it while another exception is delivered (VC-HW-02): #VC is contributory, so it makes #DF of
/// another contributory exception or of #PF, and a shutdown of #DF. Anything else it interrupts, and is delivered as
/// ever: through the IDT, on private memory, on IST's stack if the gate says so.
/// @param error_code  the exit code of what would have been intercepted
/// @param delivering  the event whose delivery it hit
/// @return nothing for a shutdown
template <class Context>
[[nodiscard]] constexpr auto raise_vc(Context& ctx, std::uint64_t error_code, std::uint64_t rip,
                                      layout::event_injection delivering) -> std::optional<guest_exception> {
  constexpr std::uint8_t vector_df = 8;
  constexpr std::uint8_t vector_pf = 14;
  const bool exception = delivering.valid() && delivering.type() == layout::event_types::exception;
  const std::uint32_t first = delivering.vector();
  if (ctx.applies(rule::VC_HW_02, exception && first == vector_df)) return std::nullopt;
  if (ctx.applies(rule::VC_HW_02, exception && (is_contributory(first) || first == vector_pf)))
    return guest_exception{.vector = vector_df, .error_code = 0, .rip = rip};
  return guest_exception{.vector = vector_vc, .error_code = error_code, .rip = rip};
}

}  // namespace sevspec::inline v0::cpu

#endif
