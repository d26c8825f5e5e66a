// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PAGE_HYPERVISOR_HPP
#define SEVSPEC_GHCB_PAGE_HYPERVISOR_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/doorbell.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/guest_request.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/ghcb/serve_devices.hpp>
#include <sevspec/ghcb/serve_levels.hpp>
#include <sevspec/ghcb/serve_pages.hpp>
#include <sevspec/ghcb/serve_processors.hpp>
#include <sevspec/ghcb/serve_registers.hpp>

/// The hypervisor's side of the page protocol.
namespace sevspec::inline v0::ghcb {

namespace detail {

/// The event itself; every check that all events share has passed.
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve(Context& ctx, machine& vm, vcpu& cpu, Environment& env, const snapshot& request)
    -> page_answer {
  using enum layout::nae_exit_codes;
  switch (request.page.sw_exit_code()) {
    case dr7_read:
    case dr7_write:
    case invd:
    case wbinvd:
    case monitor:
    case mwait:
    case nmi_complete:
    case hv_ipi:
    case hv_timer:                      return serve_plain(env, request);
    case rdtsc:                         return serve_rdtsc(env);
    case rdtscp:                        return serve_rdtscp(env);
    case rdpmc:                         return serve_rdpmc(ctx, env, request);
    case cpuid:                         return serve_cpuid(ctx, env, request);
    case msr:                           return serve_msr(ctx, env, request);
    case vmmcall:                       return serve_vmmcall(env, request);
    case ioio:                          return serve_ioio(ctx, env, request);
    case mmio_read:                     return serve_mmio(ctx, env, request, false);
    case mmio_write:                    return serve_mmio(ctx, env, request, true);
    case ap_reset_hold:                 return serve_ap_reset_hold(cpu);
    case ap_jump_table:                 return serve_ap_jump_table(ctx, vm, request);
    case snp_page_state_change:         return serve_page_state_change(ctx, env, request);
    case snp_guest_request:             return serve_guest_request(ctx, env, request);
    case snp_ext_guest_request:         return serve_extended_request(ctx, env, request);
    case snp_ap_creation:               return serve_ap_creation(ctx, vm, cpu, env, request);
    case hv_doorbell_page_:             return serve_doorbell(ctx, cpu, env, request);
    case apic_id_list:                  return serve_apic_ids(ctx, vm, env, request);
    case snp_run_vmpl:                  return serve_run_vmpl(ctx, cpu, request);
    case secure_avic:                   return serve_secure_avic(ctx, vm, cpu, env, request);
    case configure_interrupt_injection: return serve_notification(ctx, vm, cpu, request);
    case disable_alternate_injection:   return serve_for_level(ctx, cpu, env, request, rule::GHCB_NAE_30);
    case specific_eoi:                  return serve_for_level(ctx, cpu, env, request, rule::GHCB_NAE_31);
    case hypervisor_features:           return {.info_2 = vm.config.features};
    case termination_request:
      vm.stopped = true;
      vm.why = reason_in_exit_info(request.info_1());
      return {.next = next_step::terminate, .decided_by = rule::GHCB_NAE_33, .why = vm.why};
    case unsupported_event:
      // The guest could not handle a #VC: it does not go on, and says which (GHCB-NAE-34).
      vm.stopped = true;
      return {.next = next_step::stop, .decided_by = rule::GHCB_NAE_34};
    default: return {};
  }
}

}  // namespace detail

/// Judges and serves one request of the page protocol: a function of the snapshot, the machine's state and the
/// environment.   GHCB 2.4 to 2.6, 4.1
/// @param cpu  one of `vm.vcpus`
/// @return the answer; `write_answer` gives it to the guest
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto answer_page(Context& ctx, machine& vm, vcpu& cpu, Environment& env,
                                         const snapshot& request) -> page_answer {
  using enum layout::ghcb_error_codes;
  const bool registered = cpu.here().registered == std::optional{request.where};
  if (ctx.denies(rule::GHCB_PAGE_03, vm.config.snp && !registered)) {
    if (ctx.choices.ghcb_unregistered == unregistered_ghcb::reason_1)
      return malformed(not_registered, rule::GHCB_PAGE_03);
    vm.stopped = true;
    return {.next = next_step::stop, .decided_by = rule::GHCB_PAGE_03};
  }
  if (ctx.denies(rule::GHCB_PAGE_04, request.page.ghcb_usage() != 0))
    return malformed(invalid_usage, rule::GHCB_PAGE_04);
  const field_set given = valid_fields(request.page);
  if (ctx.denies(rule::GHCB_PAGE_05, !given.includes(always_required)))
    return malformed(missing_input, rule::GHCB_PAGE_05);
  const std::uint16_t version = request.page.protocol_version();
  const bool odd_version = version < vm.config.lowest_version || version > vm.config.highest_version;
  if (ctx.denies(rule::GHCB_NEG_06, odd_version && ctx.choices.ghcb_check_version))
    return malformed(invalid_input, rule::GHCB_NEG_06);

  const event_info* const event = find_event(request.page.sw_exit_code());
  if (ctx.denies(rule::GHCB_PAGE_07, event == nullptr)) return malformed(invalid_event, rule::GHCB_PAGE_07);
  if (event == nullptr) return {};
  // Who may use the event at all.
  if (ctx.denies(rule::GHCB_PAGE_07, event->version > vm.config.highest_version))
    return malformed(invalid_event, rule::GHCB_PAGE_07);
  const bool is_psc = event->code == layout::nae_exit_codes::snp_page_state_change;
  const rule for_snp = is_psc ? rule::GHCB_PSC_01 : rule::GHCB_PAGE_06;
  if (ctx.denies(for_snp, event->snp && !vm.config.snp)) return malformed(reason_or_4(ctx, invalid_event), for_snp);
  const bool extended = event->code == layout::nae_exit_codes::snp_ext_guest_request;
  const bool unannounced = event->code == layout::nae_exit_codes::apic_id_list && ctx.choices.ghcb_apic_ids_announced &&
                           !vm.config.has(layout::ghcb_hv_features::apic_id_list);
  const bool lacks_it = (event->feature && !vm.config.has(*event->feature)) || unannounced ||
                        (extended && !vm.config.snp_extended_guest_request);
  if (ctx.denies(rule::GHCB_PAGE_07, lacks_it)) return malformed(invalid_event, rule::GHCB_PAGE_07);
  // What it needs. Each event has its own rule.
  const bool missing = !given.includes(required_fields(*event, request.page, vm.config.shadow_stacks));
  if (has_requirements(*event) && ctx.denies(event->about, missing)) return malformed(missing_input, event->about);
  return detail::serve(ctx, vm, cpu, env, request);
}

/// VMGEXIT with the address of a GHCB in the MSR.   GHCB 2.4
/// @return what becomes of the guest; if the page cannot be read, it goes on and nothing was written (GHCB-PAGE-02)
template <class Context, hypervisor_environment Environment>
constexpr auto serve_page_exit(Context& ctx, machine& vm, vcpu& cpu, Environment& env, gpa where) -> page_answer {
  const bool none = where == gpa{0};
  const auto request = none ? std::nullopt : take_snapshot(env, where);
  if (ctx.denies(rule::GHCB_PAGE_02, !request)) return {.decided_by = rule::GHCB_PAGE_02};
  if (!request) {  // without the rule a hypervisor has nothing to go on with
    vm.stopped = true;
    return {.next = next_step::stop};
  }
  const page_answer answer = answer_page(ctx, vm, cpu, env, *request);
  if (answer.next != next_step::stop && answer.next != next_step::terminate)
    (void)write_answer(ctx, env, where, answer);
  return answer;
}

}  // namespace sevspec::inline v0::ghcb

#endif
