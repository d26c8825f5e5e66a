// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_SERVE_PROCESSORS_HPP
#define SEVSPEC_GHCB_SERVE_PROCESSORS_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/ghcb/machine.hpp>
#include <sevspec/ghcb/page_exit.hpp>
#include <sevspec/layout/ghcb_request.hpp>

/// How a guest starts, parks and ends its processors.   GHCB 4.1.3, 4.1.9, 4.1.12
namespace sevspec::inline v0::ghcb {

/// AP jump table: where parked processors go on (GHCB-NAE-18). SNP guests use the secrets page instead.   GHCB 4.1.3
template <class Context>
[[nodiscard]] constexpr auto serve_ap_jump_table(Context& ctx, machine& vm, const snapshot& request) -> page_answer {
  using enum layout::ghcb_ap_jump_table_ops;
  const std::uint64_t operation = request.info_1();
  if (ctx.denies(rule::GHCB_NAE_18, operation > std::to_underlying(get)))
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_18);
  if (operation == std::to_underlying(set)) {
    vm.ap_jump_table = gpa{request.info_2()};
    return {};
  }
  return {.info_2 = vm.ap_jump_table.value_or(gpa{0}).value};
}

/// AP reset hold: the processor waits for a SIPI, and is told by SW_EXITINFO2 whether one came (GHCB-NAE-17).
/// GHCB 4.1.4
[[nodiscard]] constexpr auto serve_ap_reset_hold(vcpu& cpu) -> page_answer {
  cpu.held = true;
  cpu.hold_by_msr = false;
  return {.next = next_step::hold};
}

/// AP creation (GHCB-NAE-22): gives a processor a VMSA, now or at its next INIT, or takes it away.   GHCB 4.1.9
///
/// Everything is checked before anything changes: a refused request leaves the machine as it was.
/// @param caller  the processor that asks
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_ap_creation(Context& ctx, machine& vm, const vcpu& caller, Environment& env,
                                               const snapshot& request) -> page_answer {
  using enum layout::ghcb_ap_creation_ops;
  const auto bad = [](rule why) { return malformed(layout::ghcb_error_codes::invalid_input, why); };
  const layout::ghcb_ap_creation_info1 word{request.info_1()};
  const auto what = word.request();
  vcpu* const target = find_vcpu(vm, word.apic_id());
  const bool any_level = vm.config.has(layout::ghcb_hv_features::snp_multi_vmpl);
  const bool level_exists = word.vmpl() == 0 || (any_level && word.vmpl() < 4);
  // Bits 31:20 belong to no field: as stock KVM takes them, they make another request.
  const bool known =
      (what == create_on_init || what == create || what == destroy) && bits<31, 20>::get(request.info_1()) == 0;
  if (ctx.denies(rule::GHCB_AP_01, target == nullptr || !level_exists || !known)) return bad(rule::GHCB_AP_01);
  if (target == nullptr || word.vmpl() >= 4 || !known) return {};  // without the rule: nobody to do it to
  vmpl_context& level = target->at[word.vmpl()];
  const bool keeps = word.vmpl() == 0 && (level.has_vmsa() || level.vmsa_on_init);  // has one of VMPL 0 to lose

  if (what == destroy) {
    // To destroy and to create again is to replace.
    if (ctx.denies(rule::GHCB_AP_05, keeps && caller.current != vmpl{0})) return bad(rule::GHCB_AP_05);
    level.install(std::nullopt);
    if (target->current.value == word.vmpl()) target->runnable = false;
    return {};
  }
  constexpr std::uint64_t injection = 0x18;  // SEV_FEATURES: restricted and alternate injection
  const std::uint64_t counts = ctx.choices.ghcb_ap_features == ap_features::exact ? ~std::uint64_t{} : injection;
  if (ctx.denies(rule::GHCB_AP_02, ((request.value(ghcb_field::rax) ^ vm.config.sev_features) & counts) != 0))
    return bad(rule::GHCB_AP_02);
  const gpa where{request.info_2()};
  if (ctx.denies(rule::GHCB_AP_03,
                 !is_aligned(where, page_size::k4k) || is_aligned(where, page_size::k2m) || !env.has_page(where)))
    return bad(rule::GHCB_AP_03);
  const bool may_replace = caller.current == vmpl{0} && caller.apic_id != target->apic_id;
  if (ctx.denies(rule::GHCB_AP_05, keeps && !may_replace)) return bad(rule::GHCB_AP_05);

  if (what == create) {
    level.install(where);
    // A processor that runs at another VMPL goes on there, and comes to this one by run VMPL.
    if (!target->runnable) target->current = {static_cast<std::uint8_t>(word.vmpl())};
    target->runnable = true;
    target->held = false;
  } else {
    level.vmsa_on_init = where;
  }
  return {};
}

/// INIT arrives at a processor: VMSAs that were left for it come into force (GHCB-AP-04). A processor that had none to
/// run goes on at the first of their VMPLs, the most privileged one; others stay where they are.
template <class Context>
constexpr void deliver_init(Context& ctx, vcpu& cpu) {
  for (std::uint8_t number = 0; number < cpu.at.size(); ++number) {
    vmpl_context& level = cpu.at[number];
    if (!ctx.applies(rule::GHCB_AP_04, level.vmsa_on_init.has_value())) continue;
    level.install(level.vmsa_on_init);
    if (!cpu.runnable) cpu.current = {number};
    cpu.runnable = true;
    cpu.held = false;
  }
}

/// A SIPI, or something else, arrives at a processor that may be in AP reset hold.
///
/// The first SIPI starts a processor for the first time and answers no hold (GHCB-MSR-08).
/// @return what the processor reads as the result of its hold; nothing if it was not woken from one
template <class Context>
constexpr auto wake(Context& ctx, vcpu& cpu, bool by_sipi) -> std::optional<std::uint64_t> {
  const bool first = by_sipi && !cpu.first_sipi_seen;
  if (by_sipi) cpu.first_sipi_seen = true;
  if (!cpu.held) return std::nullopt;
  cpu.held = false;
  return ctx.applies(rule::GHCB_MSR_08, by_sipi && !first) ? 1 : 0;
}

/// The list of APIC IDs (GHCB-NAE-26): a count, then the IDs, 32 bits each. Who brings no buffer, gPA 0, or too small a
/// one learns how many pages it takes.   GHCB 4.1.12
template <class Context, hypervisor_environment Environment>
[[nodiscard]] constexpr auto serve_apic_ids(Context& ctx, const machine& vm, Environment& env, const snapshot& request)
    -> page_answer {
  const std::uint64_t bytes = 4 + 4 * std::uint64_t{vm.vcpus.size()};
  const std::uint64_t needed = (bytes + 0xfff) / 0x1000;
  const gpa where{request.info_1()};
  if (where == gpa{0} || request.page.rax() < needed) return {.rax = needed};
  bool usable = is_aligned(where, page_size::k4k);
  for (std::uint64_t page = 0; usable && page < needed; ++page) usable = env.has_page(where + page * 0x1000);
  if (ctx.denies(rule::GHCB_NAE_26, !usable))
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_26);
  std::vector<std::uint8_t> list(static_cast<std::size_t>(bytes));
  layout::write_le(list.data(), static_cast<std::uint32_t>(vm.vcpus.size()));
  for (std::size_t i = 0; i < vm.vcpus.size(); ++i) layout::write_le(list.data() + 4 + 4 * i, vm.vcpus[i].apic_id);
  if (ctx.denies(rule::GHCB_NAE_26, !env.write(where, list)))
    return malformed(layout::ghcb_error_codes::invalid_input, rule::GHCB_NAE_26);
  return {.rax = needed};
}

/// A step of a guest that creates or destroys a processor.
enum class ap_step : std::uint8_t {
  fill_vmsa,    ///< writes the page
  make_vmsa,    ///< RMPADJUST with VMSA=1, or SVSM_CREATE_VCPU
  ask_create,   ///< the event
  ask_destroy,  ///< the event, DESTROY
  undo_vmsa,    ///< RMPADJUST with VMSA=0, or SVSM_DELETE_VCPU
  reuse,        ///< the page is used for something else
};
/// How far the life of a VMSA page has come, as its guest sees it.
enum class vmsa_life : std::uint8_t { page, filled, vmsa, created, destroyed };

/// One step in the life of a VMSA page (GHCB-AP-06). Order for a guest:
/// fill, VMSA=1, CREATE; DESTROY, VMSA=0, reuse. Anything else leaves a processor that runs what the guest did not mean.
/// @return the page's next state; or nothing if the step is out of order
template <class Context>
[[nodiscard]] constexpr auto after_step(Context& ctx, vmsa_life now, ap_step step) -> std::optional<vmsa_life> {
  using enum ap_step;
  using enum vmsa_life;
  const auto expected = [&] {
    switch (step) {
      case fill_vmsa:   return now == page || now == filled;
      case make_vmsa:   return now == filled;
      case ask_create:  return now == vmsa;
      case ask_destroy: return now == created;
      case undo_vmsa:   return now == destroyed || now == vmsa;
      case reuse:       return now == page || now == filled;
    }
    return false;
  }();
  if (ctx.denies(rule::GHCB_AP_06, !expected)) return std::nullopt;
  switch (step) {
    case fill_vmsa:   return filled;
    case make_vmsa:   return vmsa;
    case ask_create:  return created;
    case ask_destroy: return destroyed;
    case undo_vmsa:
    case reuse:       return page;
  }
  return std::nullopt;
}

}  // namespace sevspec::inline v0::ghcb

#endif
