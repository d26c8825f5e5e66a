// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMRUN_CONTROLS_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMRUN_CONTROLS_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

/// What VMRUN asks of the control area of a VMCB.   APM vol. 2, 15.5.1, 15.35.2, 15.36.12
namespace sevspec::inline v0::cpu {

/// The kind of guest that the control area names: SEV-ES and SEV-SNP are not told apart there. Without memory encryption
/// no guest has SEV (PAG-SEVEN-02).
[[nodiscard]] constexpr auto kind_in_vmcb(const logical_processor& core,
                                          layout::vmcb_control_area_np_control control) noexcept -> guest_kind {
  if (core.c_mask() == 0) return guest_kind::plain;
  if (control.sev_es_enable()) return guest_kind::sev_es;
  return control.sev_enable() ? guest_kind::sev : guest_kind::plain;
}

/// Whether an ASID is one for this kind of guest (WSW-RUN-02). SEV-ES and SNP guests have those below the lowest of SEV
/// guests without SEV-ES. That there are keys of ASIDs up to the highest one alone is PAG-SEVEN-01.
template <class Context>
[[nodiscard]] constexpr auto asid_suits(Context& ctx, const cpu_part& part, guest_kind kind, asid id) -> bool {
  if (kind == guest_kind::sev) return id.value >= part.min_sev_no_es_asid;
  if (kind == guest_kind::plain) return true;
  return id.value >= 1 && (!ctx.choices.es_asid_check || id.value < part.min_sev_no_es_asid);
}

/// The order: intercept, mode bits, ASID, TLB_CONTROL, permission maps.
/// @return why VMRUN ends with VMEXIT_INVALID, if it does
template <class Context>
[[nodiscard]] constexpr auto check_controls(Context& ctx, const logical_processor& core,
                                            layout::vmcb_control_area_const_view controls)
    -> std::optional<vmrun_refusal> {
  const auto refuse = [](rule why) { return vmrun_refusal{.decided_by = why}; };
  const auto mode = controls.np_control();
  const asid id{controls.guest_asid()};
  if (ctx.denies(rule::WSW_RUN_10, !controls.intercept_misc2().vmrun())) return refuse(rule::WSW_RUN_10);
  if (ctx.denies(rule::WSW_RUN_01, mode.sev_es_enable() && (!mode.sev_enable() || !mode.np_enable())))
    return refuse(rule::WSW_RUN_01);
  if (ctx.denies(rule::WSW_RUN_10, kind_in_vmcb(core, mode) == guest_kind::plain && id == host_asid))
    return refuse(rule::WSW_RUN_10);
  if (ctx.denies(rule::WSW_RUN_02, !asid_suits(ctx, core.part, kind_in_vmcb(core, mode), id)))
    return refuse(rule::WSW_RUN_02);
  if (!paging::tlb_control_of(ctx, core.part, static_cast<unsigned>(controls.tlb_control())))
    return refuse(rule::PAG_ASID_02);
  const auto beyond = [&](std::uint64_t base, std::uint64_t bytes) {
    return (base & ~std::uint64_t{0xfff} & ~core.c_mask()) > core.address_limit() - bytes;
  };
  if (ctx.denies(rule::WSW_RUN_10, controls.intercept_misc1().ioio_prot() && beyond(controls.iopm_base_pa(), 0x3000)))
    return refuse(rule::WSW_RUN_10);
  if (ctx.denies(rule::WSW_RUN_10, controls.intercept_misc1().msr_prot() && beyond(controls.msrpm_base_pa(), 0x2000)))
    return refuse(rule::WSW_RUN_10);
  return std::nullopt;
}

/// The pages that hardware uses on its own while the guest runs, beside VMCB and VMSA: the hypervisor's, or
/// VMEXIT_INVALID (RMP-VMR-01). Of the permission maps, the AVIC tables and nCR3 nobody asks (RMP-VMR-03). Their C-bit
/// does not count (RMP-GEO-12).
/// @param hold  `hold(spa)` is told of each page, without the C-bit
template <class Context, class Store, class Hold>
[[nodiscard]] constexpr auto check_hardware_pages(Context& ctx, const Store& rmp, const logical_processor& core,
                                                  layout::vmcb_control_area_const_view controls, Hold&& hold)
    -> std::optional<vmrun_refusal> {
  using rmp::vmrun_page;
  bool foreign = false;
  const auto ask = [&](vmrun_page what, spa address) {
    const spa where{address.value & ~core.c_mask()};
    if (rmp::check_vmrun_page(ctx, rmp, what, where) != rmp::page_answer::good) foreign = true;
    else hold(where);
  };
  if (controls.vintr_control().avic_enable()) ask(vmrun_page::avic_backing, {controls.avic_backing_page().pa() << 12});
  if (core.pml_buffer && !foreign) ask(vmrun_page::pml_buffer, *core.pml_buffer);
  if (core.ibs_buffer && !foreign) ask(vmrun_page::ibs_buffer, *core.ibs_buffer);
  if (foreign) return vmrun_refusal{.decided_by = rule::RMP_VMR_01};
  return std::nullopt;
}

}  // namespace sevspec::inline v0::cpu

#endif
