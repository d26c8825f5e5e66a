// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMRUN_FEATURES_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMRUN_FEATURES_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>

/// What VMRUN asks of SEV_FEATURES, and of the machine because of them.   APM vol. 2, 15.36
namespace sevspec::inline v0::cpu {

/// Bits of SEV_FEATURES that have a meaning.   LAY-VMSA-07
inline constexpr std::uint64_t known_sev_features = 0x21'ffff;

/// Features that exclude each other, and controls of the VMCB (WSW-RUN-13).
[[nodiscard]] constexpr auto features_exclude_each_other(layout::sev_features features,
                                                         layout::vmcb_control_area_const_view controls) noexcept
    -> bool {
  const bool restricted = features.restricted_injection();
  const bool alternate = features.alternate_injection();
  const bool secure_avic = features.secure_avic();
  const bool avic = controls.vintr_control().avic_enable();
  return (restricted && alternate) || (secure_avic && (restricted || alternate || avic)) || (restricted && avic) ||
         (alternate && avic) || (features.vmpl_sss() && controls.np_control().sss_check_enable());
}

/// Which features VMRUN accepts: those that the hypervisor allows (WSW-RUN-12), that exist (WSW-RUN-11), that go together
/// (WSW-RUN-13), and whose conditions hold (WSW-RUN-14, WSW-RUN-17).
/// @param state  the VMSA, in plain
/// @return why VMRUN ends with VMEXIT_INVALID, if it does
template <class Context>
[[nodiscard]] constexpr auto check_features(Context& ctx, const logical_processor& core,
                                            layout::vmcb_control_area_const_view controls, const layout::vmsa& state)
    -> std::optional<vmrun_refusal> {
  const auto refuse = [](rule why) { return vmrun_refusal{.decided_by = why}; };
  const layout::sev_features features = state.sev_features();
  const auto allowed = controls.allowed_sev_features();
  const std::uint64_t asked = features.raw & bits<61, 0>::mask;
  if (ctx.denies(rule::WSW_RUN_12, allowed.enable() && (asked & ~allowed.mask()) != 0))
    return vmrun_refusal{.decided_by = rule::WSW_RUN_12, .features = features};
  if (ctx.denies(rule::WSW_RUN_12, features.secure_avic() && !allowed.enable())) return refuse(rule::WSW_RUN_12);
  if (ctx.denies(rule::WSW_RUN_11, (features.raw & ~(known_sev_features & core.sev_features)) != 0))
    return refuse(rule::WSW_RUN_11);
  if (ctx.denies(rule::WSW_RUN_13, features_exclude_each_other(features, controls))) return refuse(rule::WSW_RUN_13);
  if (ctx.denies(rule::WSW_RUN_14, features.prevent_host_ibs() && (core.ibs_fetch || core.ibs_op)))
    return refuse(rule::WSW_RUN_14);
  const auto avic = state.secure_avic_control();
  const bool reachable = avic.backing_page() < std::uint64_t{1} << (core.part.pa_bits - 12);
  if (ctx.denies(rule::WSW_RUN_17, features.secure_avic() && avic.secure_avic_en() && !reachable))
    return refuse(rule::WSW_RUN_17);
  return std::nullopt;
}

/// The conditions that have exit codes of their own: VMEXIT_BUSY (-2), VMEXIT_IDLE_REQUIRED (-3), VMEXIT_INVALID_PMC (-4).
/// These exits show the features like every other (WSW-RUN-12).
template <class Context>
[[nodiscard]] constexpr auto check_readiness(Context& ctx, const logical_processor& core, const layout::vmsa& state)
    -> std::optional<vmrun_refusal> {
  using enum layout::svm_exit_codes;
  const layout::sev_features features = state.sev_features();
  const bool part_has_secure_avic = layout::sev_features{core.sev_features}.secure_avic();
  const bool busy_counts = features.alternate_injection() || features.secure_avic() || part_has_secure_avic;
  if (ctx.denies(rule::WSW_RUN_15, busy_counts && state.vintr_ctrl().busy()))
    return vmrun_refusal{.code = busy, .decided_by = rule::WSW_RUN_15, .features = features};
  if (ctx.denies(rule::WSW_RUN_16, features.smt_protection() && !core.sibling_idle))
    return vmrun_refusal{.code = idle_required, .decided_by = rule::WSW_RUN_16, .features = features};
  if (ctx.denies(rule::WSW_RUN_16, features.pmc_virtualization() && !core.counters_legal))
    return vmrun_refusal{.code = invalid_pmc, .decided_by = rule::WSW_RUN_16, .features = features};
  return std::nullopt;
}

}  // namespace sevspec::inline v0::cpu

#endif
