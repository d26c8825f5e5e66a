// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_INTERRUPT_STATE_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_INTERRUPT_STATE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>

/// Whose virtual interrupts a guest sees: those in the VMCB, or those in the VMSA.   APM vol. 2, 15.36.16, 15.36.21
namespace sevspec::inline v0::cpu {

/// Whether interrupt state is the guest's own, in its VMSA.
[[nodiscard]] constexpr auto keeps_interrupts_in_vmsa(layout::sev_features features) noexcept -> bool {
  return features.alternate_injection() || features.secure_avic();
}

/// Virtual interrupts and the interrupt shadow as VMRUN takes them: with alternate injection and secure AVIC from the
/// VMSA (WSW-INJ-05, WSW-INJ-06), else from the VMCB; with restricted injection nothing of the virtual interrupt control
/// counts, neither queue nor priority, and the shadow alone is the VMCB's (WSW-INJ-04).
/// @return in the format of VINTR_CTRL, without BUSY
template <class Context>
[[nodiscard]] constexpr auto interrupts_at_entry(Context& ctx, layout::vmcb_control_area_const_view controls,
                                                 const layout::vmsa& state) -> layout::vmsa_vintr_ctrl {
  const layout::sev_features features = state.sev_features();
  const bool alternate = ctx.applies(rule::WSW_INJ_05, features.alternate_injection());
  const bool secure_avic = ctx.applies(rule::WSW_INJ_06, features.secure_avic());
  if (alternate || secure_avic) {
    layout::vmsa_vintr_ctrl own = state.vintr_ctrl();
    own.set_busy(false);
    const bool from_host = secure_avic && state.secure_avic_control().allowed_nmi() && controls.vintr_control().v_nmi();
    if (from_host) own.set_v_nmi(true);
    return own;
  }
  const auto host = controls.vintr_control();
  layout::vmsa_vintr_ctrl taken;
  taken.set_int_shadow(controls.interrupt_state().interrupt_shadow());
  if (ctx.applies(rule::WSW_INJ_04, features.restricted_injection())) return taken;
  taken.set_v_tpr(host.v_tpr()).set_vgif(host.vgif()).set_v_nmi_mask(host.v_nmi_mask());
  taken.set_v_ign_tpr(host.v_ign_tpr()).set_v_nmi_enable(host.v_nmi_enable());
  taken.set_v_irq(host.v_irq()).set_v_nmi(host.v_nmi());
  taken.set_v_intr_prio(host.v_intr_prio()).set_v_intr_vector(host.v_intr_vector());
  return taken;
}

/// What #VMEXIT writes back into VINTR_CTRL: these fields alone (WSW-INJ-05).
[[nodiscard]] constexpr auto interrupts_at_exit(layout::vmsa_vintr_ctrl stored, layout::vmsa_vintr_ctrl now)
    -> layout::vmsa_vintr_ctrl {
  stored.set_v_tpr(now.v_tpr() & 0xf).set_v_irq(now.v_irq()).set_v_nmi(now.v_nmi());
  stored.set_v_nmi_mask(now.v_nmi_mask()).set_int_shadow(now.int_shadow());
  return stored;
}

/// One bit per vector.
using interrupt_vectors = std::array<std::uint32_t, 8>;

/// What a guest's backing page of secure AVIC says at VMRUN.   APM vol. 2, 15.36.21
struct secure_avic_page {
  interrupt_vectors requested{};  ///< IRR
  interrupt_vectors allowed{};    ///< AllowedIRR: what the hypervisor may request
  bool nmi_request{};             ///< NmiReq

  friend constexpr auto operator==(const secure_avic_page&, const secure_avic_page&) -> bool = default;
};

/// VMRUN of a guest with secure AVIC: interrupts that the hypervisor requests and the guest allows go into the backing
/// page, and the page's NMI request is one of V_NMI's sources (WSW-INJ-06).
/// @param page        changed
/// @param interrupts  of `interrupts_at_entry`, changed
template <class Context>
constexpr void enter_secure_avic(Context& ctx, layout::vmcb_control_area_const_view controls, const layout::vmsa& state,
                                 secure_avic_page& page, layout::vmsa_vintr_ctrl& interrupts) {
  const bool on = state.sev_features().secure_avic() && state.secure_avic_control().secure_avic_en();
  if (!ctx.applies(rule::WSW_INJ_06, on)) return;
  if (controls.update_irr().update())
    for (std::size_t i = 0; i < page.requested.size(); ++i)
      page.requested[i] |= page.allowed[i] & layout::read_le<std::uint32_t>(controls.requested_irr().data() + 4 * i);
  if (page.nmi_request) interrupts.set_v_nmi(true);
}

}  // namespace sevspec::inline v0::cpu

#endif
