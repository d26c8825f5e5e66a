// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CALL_HPP
#define SEVSPEC_SVSM_CALL_HPP

#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>

/// What guest and SVSM pass in registers, and what a call comes to.   SVSM (58019), chapter 5
namespace sevspec::inline v0::svsm {

using result_code = layout::svsm_result_codes;

/// The registers of a call. RAX, RCX, RDX and R8 come back; R9 is never written (SVSM-CA-06).
struct call_registers {
  std::uint64_t rax{};  ///< in: protocol and call; out: the result
  std::uint64_t rcx{};
  std::uint64_t rdx{};
  std::uint64_t r8{};
  std::uint64_t r9{};

  friend constexpr auto operator==(const call_registers&, const call_registers&) -> bool = default;
};

/// The protocol that RAX names: bits 63:32 (SVSM-DSP-01).
[[nodiscard]] constexpr auto protocol_of(std::uint64_t rax) noexcept -> std::uint32_t {
  return static_cast<std::uint32_t>(rax >> 32);
}
/// The call that RAX names: bits 31:0 (SVSM-DSP-01).
[[nodiscard]] constexpr auto call_of(std::uint64_t rax) noexcept -> std::uint32_t {
  return static_cast<std::uint32_t>(rax & 0xffff'ffff);
}
/// RAX of a call (SVSM-DSP-01).
[[nodiscard]] constexpr auto rax_of(std::uint32_t protocol, std::uint32_t call) noexcept -> std::uint64_t {
  return std::uint64_t{protocol} << 32 | call;
}
[[nodiscard]] constexpr auto rax_of(layout::svsm_core_calls call) noexcept -> std::uint64_t {
  return rax_of(0, std::to_underlying(call));
}

/// A result that belongs to a protocol: 8000_1000h + n.
[[nodiscard]] constexpr auto protocol_result(std::uint32_t n) noexcept -> result_code {
  return static_cast<result_code>(std::to_underlying(result_code::protocol_base) + n);
}

/// What a call comes to.
struct call_result {
  result_code code = result_code::success;
  rule decided_by = rule::none;    ///< of a failure
  std::optional<fault> blocked{};  ///< the hypervisor keeps VMPL 0 from going on: there is no answer
  bool waits = false;              ///< another call runs that this one cannot run beside: it begins again, or goes on

  [[nodiscard]] constexpr auto succeeded() const noexcept -> bool {
    return code == result_code::success && !blocked && !waits;
  }
  /// There is an answer for RAX.
  [[nodiscard]] constexpr auto answered() const noexcept -> bool { return !blocked && !waits; }

  friend constexpr auto operator==(const call_result&, const call_result&) -> bool = default;
};

/// What a step of a call gives, or what the call comes to instead.
template <class T = void>
using checked = std::expected<T, call_result>;

/// A call that ends with a code.
[[nodiscard]] constexpr auto ends(result_code code, rule why) noexcept -> call_result {
  return {.code = code, .decided_by = why};
}
[[nodiscard]] constexpr auto refuse(result_code code, rule why) noexcept -> std::unexpected<call_result> {
  return std::unexpected{ends(code, why)};
}

/// What becomes of a call when an instruction or a reference of the SVSM's faults: what it can catch is a result code;
/// #NPF and memory that does not answer are the hypervisor's, which can keep VMPL 0 from going on and do nothing else.
/// @param soft  the code of what can be caught
[[nodiscard]] constexpr auto after_fault(const fault& raised, result_code soft) noexcept -> call_result {
  const bool caught = vector_of(raised.kind) != 0;
  if (caught) return ends(soft, raised.decided_by);
  return {.code = result_code::busy, .decided_by = raised.decided_by, .blocked = raised};
}

}  // namespace sevspec::inline v0::svsm

#endif
