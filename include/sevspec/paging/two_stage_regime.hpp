// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TWO_STAGE_REGIME_HPP
#define SEVSPEC_PAGING_TWO_STAGE_REGIME_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging {

/// What VMRUN knows when it starts a guest with nested paging: the VMM's registers, the guest's, and the VMCB fields
/// that address translation depends on.
struct guest_entry_state {
  control_registers host{};      ///< the VMM's CR0, CR4, EFER at VMRUN; `cr3` is not used
  std::uint64_t syscfg{};        ///< MSR C001_0010
  control_registers guest{};     ///< the guest's CR0, CR3, CR4, EFER
  std::uint64_t ncr3{};          ///< VMCB 0B0h
  std::uint64_t np_control = 1;  ///< VMCB 090h
  asid id{1};                    ///< VMCB 058h
  std::uint64_t sev_features{};  ///< VMSA 3B0h

  friend constexpr auto operator==(const guest_entry_state&, const guest_entry_state&) -> bool = default;
};

/// Both stages of a guest's translation, and who the guest is.
struct two_stage_regime {
  guest_regime guest;
  nested_regime nested;
  std::uint64_t guest_c_mask{};  ///< the guest's C-bit if SEV is active, else 0, with guest paging on or off
  bool sev_active{};             ///< PAG-SEVEN-02
  bool sev_es_active{};
  bool snp_capable{};  ///< the part has SEV-SNP
  bool snp_enabled{};  ///< SYSCFG.SecureNestedPagingEn; always false while the RMP is not modelled
  asid id{};

  friend constexpr auto operator==(const two_stage_regime&, const two_stage_regime&) -> bool = default;
};

/// The regime a guest runs under.   APM vol. 2, 15.25.3, 15.34.8
/// @return the regime; or which register or VMCB field is wrong, and why. Reserved values are those that VMRUN answers
///         with VMEXIT_INVALID (PAG-NPT-02).
template <class Context>
[[nodiscard]] constexpr auto make_two_stage_regime(Context& ctx, const cpu_part& part, const guest_entry_state& state)
    -> std::expected<two_stage_regime, register_error> {
  using enum register_error::kind;
  const auto refuse = [](register_error::kind what, rule why, const char* field, const char* reason,
                         std::uint64_t value) {
    return std::unexpected{register_error{what, why, field, reason, value}};
  };

  const bool encryption = syscfg::mem_encryption_mod_en::test(state.syscfg);  // PAG-SYSCFG-02
  if (const auto sound = check_part(part, encryption); !sound) return std::unexpected{sound.error()};

  // Modes whose walks differ and that this version does not have.
  const bool sev = encryption && np_control::sev::test(state.np_control);  // PAG-SEVEN-02
  if (ctx.denies(rule::PAG_SEVEN_01, sev && !np_control::np_enable::test(state.np_control)))
    return refuse(reserved, rule::PAG_SEVEN_01, "VMCB 090h", "SEV (bit 1) needs NP_ENABLE (bit 0)", state.np_control);
  if (!np_control::np_enable::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "a guest without nested paging", state.np_control);
  if (np_control::gmet::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "guest mode execute trap (bit 3)", state.np_control);
  if (np_control::sss_check::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "supervisor shadow-stack checks (bit 4)", state.np_control);
  if (np_control::vte::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "virtual transparent encryption (bit 5)", state.np_control);
  if (np_control::rogpt::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "read-only guest page tables (bit 6)", state.np_control);
  if (np_control::pml::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "page-modification logging (bit 11)", state.np_control);
  if (const auto modelled = check_syscfg(state.syscfg); !modelled) return std::unexpected{modelled.error()};
  const bool sev_es = sev && np_control::sev_es::test(state.np_control);
  if (sev_es && (sev_features::snp_active::test(state.sev_features) || sev_features::vtom::test(state.sev_features)))
    return refuse(not_modelled, rule::none, "VMSA 3B0h", "SNP_ACTIVE and vTOM (bits 1:0)", state.sev_features);

  two_stage_regime regime{};
  regime.sev_active = sev;
  regime.sev_es_active = sev_es;
  regime.snp_capable = part.snp_capable;
  regime.snp_enabled = syscfg::secure_nested_paging_en::test(state.syscfg);
  regime.id = state.id;

  if (ctx.denies(rule::PAG_NPT_02, !cr0::pg::test(state.host.cr0)))
    return refuse(reserved, rule::PAG_NPT_02, "host CR0", "nested paging needs paging in the host", state.host.cr0);
  if (ctx.denies(rule::PAG_NPT_02, state.id == host_asid))
    return refuse(reserved, rule::PAG_NPT_02, "VMCB 058h", "ASID 0 is the host's", state.id.value);  // PAG-ASID-01
  if (ctx.denies(rule::PAG_SEVEN_01, sev && state.id.value > part.encrypted_guests))
    return refuse(reserved, rule::PAG_SEVEN_01, "VMCB 058h", "above the ASIDs of encrypted guests", state.id.value);

  control_registers nested = state.host;
  nested.cr3 = state.ncr3;
  const auto nested_stage = make_regime<nested_regime>(ctx, part, nested, host_entry_width(part, encryption));
  if (!nested_stage) return std::unexpected{nested_stage.error()};
  if (nested_stage->levels == 0)  // with PAG-NPT-02 switched off: there is no table format to walk
    return refuse(not_modelled, rule::none, "host CR0", "nested tables of a host without paging", state.host.cr0);
  regime.nested = *nested_stage;

  const entry_width guest_width = guest_entry_width(part, sev);
  const auto guest_stage = make_regime<guest_regime>(ctx, part, state.guest, guest_width);
  if (!guest_stage) return std::unexpected{guest_stage.error()};
  regime.guest = *guest_stage;
  regime.guest_c_mask = guest_width.c_mask;
  return regime;
}

}  // namespace sevspec::inline v0::paging

#endif
