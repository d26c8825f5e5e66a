// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_MSR_HYPERVISOR_HPP
#define SEVSPEC_GHCB_MSR_HYPERVISOR_HPP

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/page_hypervisor.hpp>
#include <sevspec/ghcb/serve_levels.hpp>

/// The hypervisor's side of the MSR protocol, and of VMGEXIT.
namespace sevspec::inline v0::ghcb {

/// The error that hypervisors answer a page state change by MSR with: any but 0 would do (GHCB-MSR-14).
inline constexpr std::uint32_t msr_page_state_error = 0x8000'0000;

/// What a hypervisor makes of a request by MSR.
struct msr_answer {
  next_step next = next_step::resume;
  std::optional<std::uint64_t> msr{};  ///< the new value; nothing: it stays
  rule decided_by = rule::none;        ///< of a refusal

  friend constexpr auto operator==(const msr_answer&, const msr_answer&) -> bool = default;
};

namespace detail {

/// A request that is served; one function per message. What is no request is not known.
template <class Context, hypervisor_environment Environment>
struct msr_server {
  Context& ctx;
  machine& vm;
  vcpu& cpu;
  Environment& env;

  [[nodiscard]] static constexpr auto answer(const msr_message& what, rule why = rule::none) -> msr_answer {
    return {.msr = encode_msr(what), .decided_by = why};
  }
  [[nodiscard]] constexpr auto unknown(rule why = rule::GHCB_MSR_21) const -> msr_answer {
    if (ctx.applies(rule::GHCB_MSR_21, ctx.choices.ghcb_msr_unknown == unknown_msr_request::stops_vm)) {
      vm.stopped = true;
      return {.next = next_step::stop, .decided_by = why};
    }
    return {.decided_by = why};
  }
  /// A request of SNP guests, from another: the machine ends.
  [[nodiscard]] constexpr auto not_for(rule why) const -> bool { return ctx.denies(why, !vm.config.snp); }
  [[nodiscard]] constexpr auto ended(rule why) const -> msr_answer {
    vm.stopped = true;
    return {.next = next_step::stop, .decided_by = why};
  }
  [[nodiscard]] constexpr auto needs_version_2(rule why) const -> bool {
    return ctx.denies(why, vm.config.highest_version < 2);
  }

  constexpr auto operator()(message::version_request) const -> msr_answer {
    return {.msr = msr_after_reset(vm.config)};
  }
  constexpr auto operator()(message::cpuid_request m) const -> msr_answer {
    const auto found = env.cpuid({.function = m.function});
    if (ctx.denies(rule::GHCB_MSR_05, !found)) return {.decided_by = rule::GHCB_MSR_05};
    const cpuid_result all = found.value_or(cpuid_result{});
    const std::uint32_t value = m.which == 0 ? all.eax : m.which == 1 ? all.ebx : m.which == 2 ? all.ecx : all.edx;
    return answer(message::cpuid_response{value, m.which});
  }
  constexpr auto operator()(message::reset_hold_request) const -> msr_answer {
    if (needs_version_2(rule::GHCB_MSR_07)) return unknown(rule::GHCB_MSR_07);
    cpu.held = true;
    cpu.hold_by_msr = true;
    msr_answer held = answer(message::reset_hold_response{0});  // what it reads if no SIPI wakes it
    held.next = next_step::hold;
    return held;
  }
  constexpr auto operator()(message::preferred_request) const -> msr_answer {
    if (not_for(rule::GHCB_MSR_09)) return ended(rule::GHCB_MSR_09);
    return answer(message::preferred_response{vm.config.preferred_frame});
  }
  constexpr auto operator()(message::register_request m) const -> msr_answer {
    if (not_for(rule::GHCB_MSR_11)) return ended(rule::GHCB_MSR_11);
    cpu.here().registered = gpa{m.frame << 12};  // any frame, 0 too; it replaces the one before
    return answer(message::register_response{m.frame});
  }
  constexpr auto operator()(message::page_state_request m) const -> msr_answer {
    if (not_for(rule::GHCB_MSR_13)) return ended(rule::GHCB_MSR_13);
    const bool known = m.operation == layout::ghcb_psc_ops::private_ || m.operation == layout::ghcb_psc_ops::shared;
    if (ctx.denies(rule::GHCB_MSR_13, !known))
      return answer(message::page_state_response{msr_page_state_error}, rule::GHCB_MSR_13);
    const page_progress done =
        env.change_pages({.operation = m.operation, .first = gpa{m.frame << 12}, .pages = 1, .size = page_size::k4k});
    if (ctx.denies(rule::GHCB_MSR_14, done.done == 0))
      return answer(message::page_state_response{msr_page_state_error}, rule::GHCB_MSR_14);
    return answer(message::page_state_response{0});
  }
  constexpr auto operator()(message::run_vmpl_request m) const -> msr_answer {
    if (not_for(rule::GHCB_MSR_15)) return ended(rule::GHCB_MSR_15);
    if (ctx.denies(rule::GHCB_MSR_15, !vm.config.has(layout::ghcb_hv_features::snp_multi_vmpl)))
      return unknown(rule::GHCB_MSR_15);
    const bool possible = can_run(cpu, m.level);
    if (ctx.denies(rule::GHCB_MSR_16, !possible)) return answer(message::run_vmpl_response{1}, rule::GHCB_MSR_16);
    msr_answer done = answer(message::run_vmpl_response{0});  // the caller's, when it runs again
    if (possible && m.level != cpu.current.value) done.next = next_step::switch_vmpl;
    return done;
  }
  constexpr auto operator()(message::features_request) const -> msr_answer {
    if (needs_version_2(rule::GHCB_MSR_17)) return unknown(rule::GHCB_MSR_17);
    return answer(message::features_response{vm.config.features & no_frame});
  }
  constexpr auto operator()(message::termination_request m) const -> msr_answer {
    vm.stopped = true;
    vm.why = m.why;
    return {.next = next_step::terminate, .decided_by = rule::GHCB_MSR_19};
  }
  template <class Other>
  constexpr auto operator()(const Other&) const -> msr_answer {  // the address of a page, or a response
    return unknown();
  }
};

}  // namespace detail

/// Serves a request by MSR: a function of its value, the machine's state and the environment.   GHCB 2.3
///
/// Bits that a request does not define do not count. The state of `cpu` changes, but for its MSR and VMPL: `vmgexit` does
/// that.
/// @param value  bits 11:0 are not 0
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto answer_msr(Context& ctx, machine& vm, vcpu& cpu, Environment& env, std::uint64_t value)
    -> msr_answer {
  const detail::msr_server<Context, Environment> server{ctx, vm, cpu, env};
  const auto decoded = decode_msr(value);
  if (!decoded) return server.unknown();
  return std::visit(server, decoded->what);
}

/// What a VMGEXIT came to.
struct vmgexit_result {
  next_step next = next_step::resume;
  rule decided_by = rule::none;

  friend constexpr auto operator==(const vmgexit_result&, const vmgexit_result&) -> bool = default;
};

/// VMGEXIT, as the hypervisor sees it: the GHCB MSR says which protocol is meant (GHCB 2.2).
/// @param cpu  one of `vm.vcpus`; its MSR, its VMPL and the guest's page hold the answer afterwards
template <class Context, hypervisor_environment Environment>
constexpr auto vmgexit(Context& ctx, machine& vm, vcpu& cpu, Environment& env) -> vmgexit_result {
  vmpl_context& caller = cpu.here();
  const std::uint64_t value = caller.msr;
  if (bits<11, 0>::get(value) == 0) {
    const page_answer done = serve_page_exit(ctx, vm, cpu, env, gpa{value});
    return {done.next, done.decided_by};
  }
  const msr_answer done = answer_msr(ctx, vm, cpu, env, value);
  if (done.msr) caller.msr = *done.msr;  // before another VMPL runs
  if (done.next == next_step::switch_vmpl) switch_to(cpu, bits<39, 32>::get(value));
  return {done.next, done.decided_by};
}

/// A processor in AP reset hold is woken: its answer is written to where it asked.
template <class Context, hypervisor_environment Environment>
constexpr void wake_from_hold(Context& ctx, vcpu& cpu, Environment& env, bool by_sipi) {
  const auto result = wake(ctx, cpu, by_sipi);
  if (!result) return;
  vmpl_context& here = cpu.here();
  if (cpu.hold_by_msr) here.msr = encode_msr(message::reset_hold_response{*result});
  else (void)write_answer(ctx, env, gpa{here.msr}, page_answer{.info_2 = *result});
}

}  // namespace sevspec::inline v0::ghcb

#endif
