// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_GUEST_CALL_HPP
#define SEVSPEC_SVSM_GUEST_CALL_HPP

#include <concepts>
#include <cstdint>
#include <optional>
#include <variant>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/page_guest.hpp>
#include <sevspec/svsm/call.hpp>

/// The guest's side of a call.   torvalds/linux arch/x86/coco/sev; tianocore/edk2 AmdSvsmLib
namespace sevspec::inline v0::svsm {

/// What the hypervisor has left where the guest asked it to run VMPL 0: the GHCB MSR, or the check of the GHCB's
/// answer.
using switch_answer = std::variant<std::uint64_t, ghcb::answer_verdict>;

/// What a guest calls with.
/// - `interrupts_enabled()`
/// - `set_pending()`: CALL_PENDING = 1, the last store before VMGEXIT
/// - `vmgexit(registers)`: asks for VMPL 0; the registers are as the guest finds them when it runs again
/// - `exchange_pending()`: CALL_PENDING becomes 0; what it was
template <class P>
concept calling_processor = requires(P& cpu, call_registers& registers) {
  { cpu.interrupts_enabled() } -> std::convertible_to<bool>;
  cpu.set_pending();
  { cpu.vmgexit(registers) } -> std::same_as<switch_answer>;
  { cpu.exchange_pending() } -> std::same_as<std::uint8_t>;
};

/// What a guest makes of a call.
enum class call_verdict : std::uint8_t {
  done,          ///< RAX is 0
  repeat,        ///< the same call again, with the same arguments (SVSM-CA-04)
  failed,        ///< the SVSM has refused it
  not_served,    ///< the hypervisor has not run the SVSM (SVSM-CA-02)
  answer_wrong,  ///< the hypervisor's answer is not one to run VMPL 0, whatever the SVSM did (SVSM-CA-03)
  not_made,      ///< the guest may not call now (SVSM-CA-01)
};

/// A call, as the guest sees it.
struct call_outcome {
  call_verdict what = call_verdict::done;
  rule decided_by = rule::none;
  call_registers registers{};  ///< as they came back

  friend constexpr auto operator==(const call_outcome&, const call_outcome&) -> bool = default;
};

/// Whether an answer is one to run VMPL 0: MSR 017h without error; a GHCB that passes its checks (SVSM-CA-03).
[[nodiscard]] constexpr auto is_switch_answer(const switch_answer& answer) noexcept -> bool {
  if (const auto* const msr = std::get_if<std::uint64_t>(&answer)) return *msr == 0x17;
  const auto* const verdict = std::get_if<ghcb::answer_verdict>(&answer);
  return verdict != nullptr && verdict->what == ghcb::answer_kind::taken;
}

/// The guest's check of what came back.
/// @param pending  CALL_PENDING after VMGEXIT, as the exchange found it
/// @param answer   the hypervisor's
/// @param rax      as the guest finds it
template <class Context>
[[nodiscard]] constexpr auto check_answer(Context& ctx, std::uint8_t pending, const switch_answer& answer,
                                          std::uint64_t rax) -> call_outcome {
  using enum call_verdict;
  if (ctx.denies(rule::SVSM_CA_02, pending != 0)) return {.what = not_served, .decided_by = rule::SVSM_CA_02};
  if (ctx.denies(rule::SVSM_CA_03, !is_switch_answer(answer)))
    return {.what = answer_wrong, .decided_by = rule::SVSM_CA_03};
  const bool again = rax == std::to_underlying(result_code::incomplete) || rax == std::to_underlying(result_code::busy);
  if (ctx.applies(rule::SVSM_CA_04, again)) return {.what = repeat, .decided_by = rule::SVSM_CA_04};
  return {.what = rax == 0 ? done : failed};
}

/// One call (SVSM-CA-01).
template <class Context, calling_processor Processor>
[[nodiscard]] constexpr auto call_once(Context& ctx, Processor& cpu, const call_registers& arguments) -> call_outcome {
  if (ctx.denies(rule::SVSM_CA_01, cpu.interrupts_enabled()))
    return {.what = call_verdict::not_made, .decided_by = rule::SVSM_CA_01, .registers = arguments};
  call_registers registers = arguments;
  cpu.set_pending();
  const switch_answer answer = cpu.vmgexit(registers);
  call_outcome outcome = check_answer(ctx, cpu.exchange_pending(), answer, registers.rax);
  outcome.registers = registers;
  return outcome;
}

/// A call, repeated while the SVSM asks for it (SVSM-CA-04).
/// @param most  how often at most; 1 or more
template <class Context, calling_processor Processor>
[[nodiscard]] constexpr auto call(Context& ctx, Processor& cpu, const call_registers& arguments, unsigned most = 1000)
    -> call_outcome {
  call_outcome outcome = call_once(ctx, cpu, arguments);
  for (unsigned made = 1; made < most && outcome.what == call_verdict::repeat; ++made)
    outcome = call_once(ctx, cpu, arguments);
  return outcome;
}

}  // namespace sevspec::inline v0::svsm

#endif
