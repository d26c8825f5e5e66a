// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SERVE_LEVELS_HPP
#define SEVSPEC_GHCB_SERVE_LEVELS_HPP

#include <cstdint>
#include <utility>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/page_exit.hpp>

/// VMPLs and what software at VMPL 0 arranges for the others.   GHCB 4.1.14 and later
namespace sevspec::inline v0::ghcb {

/// Whether a processor can go on at a VMPL: it has a VMSA there, or one was left there for INIT. The one that runs has
/// one in any case.
[[nodiscard]] constexpr auto can_run(const vcpu& cpu, std::uint64_t level) noexcept -> bool {
  if (level >= cpu.at.size()) return false;
  const vmpl_context& there = cpu.at[level];
  return level == cpu.current.value || there.has_vmsa() || there.vmsa_on_init.has_value();
}

/// The processor goes on at a VMPL. A VMSA that waits there for INIT is installed first: so a guest is started by the
/// software at VMPL 0 of the same processor, which never sees an INIT.   multi-VMPL KVM; coconut-svsm/svsm
/// @param level  as `can_run` takes it
constexpr void switch_to(vcpu& cpu, std::uint64_t level) noexcept {
  vmpl_context& there = cpu.at[level];
  if (there.vmsa_on_init) there.install(there.vmsa_on_init);
  cpu.current = {static_cast<std::uint8_t>(level)};
}

/// Run VMPL (GHCB-NAE-27): another VMPL of the same processor runs. The caller's answer is written before the switch,
/// since it is read when the caller runs again.   GHCB 4.1.14
template <class Context>
[[nodiscard]] constexpr auto serve_run_vmpl(Context& ctx, vcpu& cpu, const snapshot& request) -> page_answer {
  const std::uint64_t level = request.info_1();
  const bool possible = can_run(cpu, level);
  if (ctx.denies(rule::GHCB_NAE_27, !possible))
    return {.info_1 = std::to_underlying(layout::ghcb_result_codes::malformed_input), .decided_by = rule::GHCB_NAE_27};
  if (!possible || level == cpu.current.value) return {};
  switch_to(cpu, level);
  return {.next = next_step::switch_vmpl};
}

/// Secure AVIC (GHCB-NAE-28): registers the backing page of a processor, or ends that and tells where it was.
/// GHCB 2.04
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_secure_avic(Context& ctx, machine& vm, vcpu& cpu, Environment& env,
                                               const snapshot& request) -> page_answer {
  using enum layout::ghcb_secure_avic_ops;
  const auto bad = [] { return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_28); };
  const std::uint64_t which = request.page.rax();
  const bool own = which == std::to_underlying(self);
  vcpu* const target = own ? &cpu : which >> 32 == 0 ? find_vcpu(vm, static_cast<std::uint32_t>(which)) : nullptr;
  const std::uint64_t operation = request.info_1();
  if (ctx.denies(rule::GHCB_NAE_28, target == nullptr || operation > std::to_underlying(unregister_gpa))) return bad();
  if (target == nullptr) return {};
  std::optional<gpa>& page = target->here().secure_avic;
  if (operation == std::to_underlying(unregister_gpa)) {
    const std::uint64_t old = page.value_or(gpa{0}).value;
    page.reset();
    return {.rbx = old};
  }
  const gpa where{request.value(ghcb_field::rbx)};
  if (ctx.denies(rule::GHCB_NAE_28, !is_aligned(where, page_size::k4k) || !env.has_page(where))) return bad();
  page = where;
  return {};
}

/// Configure interrupt injection (GHCB-NAE-29): the vector that VMPL 0 gets when events for other VMPLs are queued.
template <class Context>
[[nodiscard]] constexpr auto serve_notification(Context& ctx, machine& vm, const vcpu& cpu, const snapshot& request)
    -> page_answer {
  const std::uint64_t vector = request.info_1();
  if (ctx.denies(rule::GHCB_NAE_29, vector > 0xff || cpu.current != vmpl{0}))
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_29);
  vm.notification_vector = static_cast<std::uint8_t>(vector);
  return {};
}

/// End of alternate injection, and specific EOI (GHCB-NAE-30, GHCB-NAE-31): VMPL 0 about a VMPL below it.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_for_level(Context& ctx, const vcpu& cpu, Environment& env, const snapshot& request,
                                             rule about) -> page_answer {
  const std::uint64_t level = bits<23, 16>::get(request.info_1());
  if (ctx.denies(about, level == 0 || level > 3 || cpu.current != vmpl{0}))
    return malformed(layout::ghcb_error_codes::invalid_input, about);
  env.perform(plain_event{.code = request.page.sw_exit_code(), .info_1 = request.info_1()});
  return {};
}

}  // namespace sevspec::inline v0::ghcb

#endif
