// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_TWO_STAGE_REGIME_HPP
#define SEVSPEC_PAGING_TWO_STAGE_REGIME_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/memory_type.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging {

/// What VMRUN knows when it starts a guest with nested paging: the VMM's registers, the guest's, and the VMCB fields
/// that address translation depends on.
struct guest_entry_state {
  control_registers host{};                     ///< the VMM's CR0, CR4, EFER at VMRUN; `cr3` is not used
  std::uint64_t syscfg{};                       ///< MSR C001_0010
  control_registers guest{};                    ///< the guest's CR0, CR3, CR4, EFER
  std::uint64_t ncr3{};                         ///< VMCB 0B0h
  std::uint64_t np_control = 1;                 ///< VMCB 090h
  asid id{1};                                   ///< VMCB 058h
  std::uint64_t sev_features{};                 ///< VMSA 3B0h
  std::uint64_t virtual_tom{};                  ///< VMSA 0xF8 / MSR C001_0135: counts with SEV_FEATURES.vTOM
  vmpl level{};                                 ///< VMSA 0CAh: counts for SNP-active guests
  std::uint64_t g_pat = 0x0007'0406'0007'0406;  ///< save area 268h: the guest's PAT

  friend constexpr auto operator==(const guest_entry_state&, const guest_entry_state&) -> bool = default;
};

/// Both stages of a guest's translation, and who the guest is.
struct two_stage_regime {
  guest_regime guest;
  nested_regime nested;
  std::uint64_t guest_c_mask{};  ///< the guest's C-bit if SEV is active, else 0, with guest paging on or off
  bool sev_active{};             ///< PAG-SEVEN-02
  bool sev_es_active{};
  bool snp_active{};
  bool snp_capable{};           ///< the part has SEV-SNP
  bool snp_enabled{};           ///< SYSCFG.SecureNestedPagingEn: pages have owners, whoever the guest is
  bool in_use_write_allowed{};  ///< the part lets pages of the hypervisor be written while VMRUN holds them
  asid id{};
  vmpl level{};

  /// True if none of the features below is in force, the guest is in long mode or has paging off, and the VMM is in
  /// long mode: the walk of nearly every guest, which then does not look at them.
  bool ordinary{};
  bool gmet{};                  ///< guest mode execute trap
  bool sss_check{};             ///< supervisor shadow-stack checks
  bool vte{};                   ///< virtual transparent encryption
  bool rogpt{};                 ///< read-only guest page tables
  bool pml{};                   ///< page-modification logging
  bool vmpl_sss{};              ///< VMPL permissions have a bit for supervisor shadow stacks
  bool vtom{};                  ///< virtual TOM instead of the C-bit
  std::uint64_t virtual_tom{};  ///< gPAs below it are private

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
  if (ctx.denies(rule::PAG_NPT_02,
                 np_control::sss_check::test(state.np_control) && !np_control::np_enable::test(state.np_control)))
    return refuse(reserved, rule::PAG_NPT_02, "VMCB 090h", "SSSCheckEn (bit 4) needs NP_ENABLE (bit 0)",
                  state.np_control);
  if (!np_control::np_enable::test(state.np_control))
    return refuse(not_modelled, rule::none, "VMCB 090h", "a guest without nested paging", state.np_control);
  if (const auto sound = check_syscfg(part, state.syscfg); !sound) return std::unexpected{sound.error()};
  const bool sev_es = sev && np_control::sev_es::test(state.np_control);
  if (sev_es && !part.sev_es)
    return refuse(reserved, rule::none, "VMCB 090h", "the part has no SEV-ES (bit 2)", state.np_control);
  const bool snp_enabled = syscfg::secure_nested_paging_en::test(state.syscfg);
  const bool snp = sev_es && snp_enabled && sev_features::snp_active::test(state.sev_features);
  if (ctx.denies(rule::RMP_VPL_03, snp && sev_features::vmpl_sss::test(state.sev_features) &&
                                       np_control::sss_check::test(state.np_control)))
    return refuse(reserved, rule::RMP_VPL_03, "VMSA 3B0h", "VmplSSS (bit 8) excludes SSSCheckEn (VMCB 090h bit 4)",
                  state.sev_features);
  if (snp && state.level.value >= 4)
    return refuse(inconsistent, rule::none, "VMSA 0CAh", "there are four VMPLs", state.level.value);
  const bool vtom = snp && sev_features::vtom::test(state.sev_features);
  if (ctx.denies(rule::PAG_NPT_02, !is_pat(state.g_pat)))
    return refuse(reserved, rule::PAG_NPT_02, "G_PAT", "a memory type that does not exist", state.g_pat);

  two_stage_regime regime{};
  regime.sev_active = sev;
  regime.sev_es_active = sev_es;
  regime.snp_active = snp;
  regime.snp_capable = part.snp_capable;
  regime.snp_enabled = snp_enabled;
  regime.in_use_write_allowed = snp_enabled && part.hv_in_use_write;
  regime.id = state.id;
  regime.level = snp ? state.level : vmpl{};
  regime.vmpl_sss = snp && sev_features::vmpl_sss::test(state.sev_features);
  regime.vtom = vtom;
  regime.virtual_tom = vtom ? bits<51, 21>::get(state.virtual_tom) << 21 : 0;  // PAG-VTOM-01
  regime.pml = part.pml && np_control::pml::test(state.np_control);            // PAG-NPT-17
  regime.gmet = part.gmet && np_control::gmet::test(state.np_control);         // PAG-GMET-01
  regime.rogpt = part.rogpt && np_control::rogpt::test(state.np_control);      // PAG-NPT-14
  // PAG-SSS-01: ignored where the VMM's tables have no NX bits.
  regime.sss_check = part.sss_check && np_control::sss_check::test(state.np_control) &&
                     cr4::pae::test(state.host.cr4) && efer::nxe::test(state.host.efer);
  // PAG-KEY-14: ignored without SEV and with SEV-ES.
  regime.vte = part.vte && sev && !sev_es && np_control::vte::test(state.np_control);

  if (ctx.denies(rule::PAG_NPT_02, !cr0::pg::test(state.host.cr0)))
    return refuse(reserved, rule::PAG_NPT_02, "host CR0", "nested paging needs paging in the host", state.host.cr0);
  if (ctx.denies(rule::PAG_NPT_02, state.id == host_asid))
    return refuse(reserved, rule::PAG_NPT_02, "VMCB 058h", "ASID 0 is the host's", state.id.value);  // PAG-ASID-01
  if (ctx.denies(rule::PAG_SEVEN_01, sev && !sev_es && state.id.value < part.min_sev_no_es_asid))
    return refuse(reserved, rule::PAG_SEVEN_01, "VMCB 058h", "an ASID for SEV-ES guests alone", state.id.value);
  if (ctx.denies(rule::PAG_SEVEN_01, sev && state.id.value > part.encrypted_guests))
    return refuse(reserved, rule::PAG_SEVEN_01, "VMCB 058h", "above the ASIDs of encrypted guests", state.id.value);

  control_registers nested = state.host;
  nested.cr3 = state.ncr3;
  const auto nested_stage = make_regime<nested_regime>(ctx, part, nested, host_entry_width(part, encryption));
  if (!nested_stage) return std::unexpected{nested_stage.error()};
  if (nested_stage->levels == 0)  // with PAG-NPT-02 switched off: there is no table format to walk
    return refuse(not_modelled, rule::none, "host CR0", "nested tables of a host without paging", state.host.cr0);
  regime.nested = *nested_stage;

  const entry_width guest_width = guest_entry_width(part, sev, vtom);
  if (vtom && ctx.choices.vtom_root_c == vtom_root_c_bit::reserved && (state.guest.cr3 & guest_width.reserved) != 0)
    return refuse(reserved, rule::PAG_RSV_07, "guest CR3", "the C-bit is reserved with virtual TOM", state.guest.cr3);
  const auto guest_stage = make_regime<guest_regime>(ctx, part, state.guest, guest_width);
  if (!guest_stage) return std::unexpected{guest_stage.error()};
  regime.guest = *guest_stage;
  regime.guest_c_mask = sev ? std::uint64_t{1} << part.c_bit : 0;  // also with virtual TOM (PAG-NPT-19)
  regime.ordinary = (regime.guest.levels == 0 || regime.guest.levels >= 4) && regime.nested.levels >= 4 &&
                    !regime.gmet && !regime.sss_check && !regime.vte && !regime.rogpt && !regime.pml &&
                    !regime.vmpl_sss && !regime.vtom;
  return regime;
}

}  // namespace sevspec::inline v0::paging

#endif
