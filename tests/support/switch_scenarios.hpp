// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SWITCH_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_SWITCH_SCENARIOS_HPP

#include <functional>
#include <vector>

#include <support/switch_world.hpp>

namespace sevspec::test {

using layout::svm_exit_codes;

/// One thing that is wrong with a VMRUN that would work otherwise.
struct broken_vmrun {
  const char* what;
  rule decided_by;
  cpu::guest_kind kind;
  std::function<void(switch_world&)> change;
  svm_exit_codes code = svm_exit_codes::invalid;
  bool gp = false;                                ///< #GP(0) instead
  bool host_snp = true;                           ///< SNP is enabled
  std::function<void(switch_world&)> after = {};  ///< once everything is in memory
};

inline auto set_features(switch_world& w, std::uint64_t bits) -> void {
  w.vmsa.set_sev_features({w.vmsa.sev_features().raw | bits});
}
inline auto vmsa_entry(switch_world& w) -> rmp::entry& { return w.rmp.entries[switch_world::vmsa_at.value >> 12]; }
inline auto entry_at(switch_world& w, spa where) -> rmp::entry& { return w.rmp.entries[where.value >> 12]; }
inline auto enable_avic(switch_world& w) -> void {
  auto controls = w.vmcb.controls();
  controls.set_vintr_control(controls.vintr_control().set_avic_enable(true));
  controls.set_avic_backing_page(
      layout::vmcb_control_area_avic_backing_page{}.set_pa(switch_world::avic_at.value >> 12));
}
/// The feature mask of the VMCB, with everything allowed: secure AVIC needs it.
inline auto allow_everything(switch_world& w) -> void {
  w.vmcb.controls().set_allowed_sev_features({std::uint64_t{1} << 63 | 0x21'ffff});
}

/// Every precondition of VMRUN, broken alone.
inline auto broken_vmruns() -> std::vector<broken_vmrun> {
  using enum cpu::guest_kind;
  using w_ref = switch_world&;
  const auto event = [](std::uint64_t raw) { return [raw](w_ref w) { w.vmcb.controls().set_event_inj({raw}); }; };
  const auto features = [](std::uint64_t raw) { return [raw](w_ref w) { set_features(w, raw); }; };
  const auto mode = [](std::uint64_t raw) { return [raw](w_ref w) { w.vmcb.controls().set_np_control({raw}); }; };
  const auto id = [](std::uint32_t value) { return [value](w_ref w) { w.vmcb.controls().set_guest_asid(value); }; };
  const auto state = [](auto change) {
    return [change](w_ref w) {
      change(w.vmsa);
      for (std::size_t i = 0; i < 0x2e8; ++i) w.vmcb.bytes[0x400 + i] = w.vmsa.data()[i];
    };
  };
  std::vector<broken_vmrun> all{
      {"no host save area", rule::RMP_VMR_06, snp, [](w_ref w) { w.core.vm_hsave_pa = {}; }, {}, true},
      {"the VMCB is a guest's page",
       rule::RMP_VMR_01,
       snp,
       [](w_ref w) { entry_at(w, switch_world::vmcb_at).assigned = true; },
       {},
       true},
      {"VMRUN is not intercepted", rule::WSW_RUN_10, snp, [](w_ref w) { w.vmcb.controls().set_intercept_misc2({}); }},
      {"SEV-ES without SEV", rule::WSW_RUN_01, snp, mode(5)},
      {"SEV-ES without nested paging", rule::WSW_RUN_01, snp, mode(6)},
      {"SEV without nested paging", rule::PAG_SEVEN_01, sev, mode(2)},
      {"an ASID without a key", rule::PAG_SEVEN_01, sev, id(510)},
      {"ASID 0, SNP", rule::WSW_RUN_02, snp, id(0)},
      {"ASID 0, no SEV", rule::WSW_RUN_10, plain, id(0)},
      {"an ASID of SEV guests, SEV-ES", rule::WSW_RUN_02, sev_es, id(100)},
      {"an ASID of SEV-ES guests, SEV", rule::WSW_RUN_02, sev, id(99)},
      {"TLB_CONTROL 2", rule::PAG_ASID_02, plain, [](w_ref w) { w.vmcb.bytes[0x5c] = 2; }},
      {"the I/O map ends beyond memory", rule::WSW_RUN_10, snp,
       [](w_ref w) {
         w.vmcb.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_ioio_prot(true));
         w.vmcb.controls().set_iopm_base_pa(w.core.address_limit() - 0x2000);
       }},
      {"the MSR map ends beyond memory", rule::WSW_RUN_10, plain,
       [](w_ref w) {
         w.vmcb.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_msr_prot(true));
         w.vmcb.controls().set_msrpm_base_pa(w.core.address_limit() - 0x1000);
       }},
      {"AVIC's page is a guest's", rule::RMP_VMR_01, sev_es,
       [](w_ref w) { enable_avic(w), entry_at(w, switch_world::avic_at).assigned = true; }},
      {"the log of modifications is a guest's page", rule::RMP_VMR_01, snp,
       [](w_ref w) { w.core.pml_buffer = switch_world::pml_at, entry_at(w, switch_world::pml_at).assigned = true; }},
      {"the buffer of IBS is a guest's page", rule::RMP_VMR_01, plain,
       [](w_ref w) { w.core.ibs_buffer = switch_world::ibs_at, entry_at(w, switch_world::ibs_at).assigned = true; }},
      {"the VMSA's address is not aligned", rule::WSW_RUN_04, snp,
       [](w_ref w) { layout::write_le(w.vmcb.bytes.data() + 0x108, std::uint64_t{0x3008}); }},
      {"the VMSA's address is beyond the width", rule::WSW_RUN_04, snp,
       [](w_ref w) { layout::write_le(w.vmcb.bytes.data() + 0x108, switch_world::vmsa_at.value | one_at(43)); }},
      {"the VMSA's address has the C-bit", rule::WSW_RUN_04, snp,
       [](w_ref w) { layout::write_le(w.vmcb.bytes.data() + 0x108, switch_world::vmsa_at.value | one_at(51)); }},
      {"no memory at the VMSA", rule::WSW_RUN_04, snp,
       [](w_ref w) { layout::write_le(w.vmcb.bytes.data() + 0x108, std::uint64_t{0x20'0000}); }},
      {"the VMSA's page has no VMSA bit", rule::RMP_VMR_02, snp, [](w_ref w) { vmsa_entry(w).vmsa = false; }},
      {"the VMSA's page is another guest's", rule::RMP_VMR_02, snp, [](w_ref w) { vmsa_entry(w).id = {6}; }},
      {"the VMSA's page is immutable", rule::RMP_VMR_02, snp, [](w_ref w) { vmsa_entry(w).immutable = true; }},
      {"the VMSA's page is the hypervisor's", rule::RMP_VMR_02, snp, [](w_ref w) { vmsa_entry(w) = {}; }},
      {"a SEV-ES guest's VMSA is a guest's page", rule::RMP_VMR_01, sev_es,
       [](w_ref w) { vmsa_entry(w).assigned = true; }},
      {"SNP is not enabled", rule::WSW_RUN_09, snp, [](w_ref) {}, svm_exit_codes::invalid, false, false},
      {"the VMSA runs already", rule::WSW_RUN_18, snp, [](w_ref w) { vmsa_entry(w).in_use = true; }},
      {"the VMSA was changed", rule::WSW_RUN_05, sev_es, [](w_ref) {}, svm_exit_codes::invalid, false, true,
       [](w_ref w) {
         const std::array<std::uint8_t, 1> byte{0x42};
         (void)w.memory.write(switch_world::vmsa_at + 0x1f8, memory_key::none(), byte);
       }},
      {"a feature that is not allowed", rule::WSW_RUN_12, snp,
       [](w_ref w) { set_features(w, one_at(5)), w.vmcb.controls().set_allowed_sev_features({one_at(63) | 1}); }},
      {"secure AVIC without the mask", rule::WSW_RUN_12, snp, features(one_at(16))},
      {"a reserved feature", rule::WSW_RUN_11, snp, features(one_at(17))},
      {"bit 63 of the features", rule::WSW_RUN_11, snp, features(one_at(63))},
      {"a feature that the part does not have", rule::WSW_RUN_11, snp,
       [](w_ref w) { set_features(w, one_at(5)), w.core.sev_features &= ~one_at(5); }},
      {"restricted and alternate injection", rule::WSW_RUN_13, snp, features(one_at(3) | one_at(4))},
      {"secure AVIC and restricted injection", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(16) | one_at(3)), allow_everything(w); }},
      {"secure AVIC and alternate injection", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(16) | one_at(4)), allow_everything(w); }},
      {"secure AVIC and the VMCB's AVIC", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(16)), allow_everything(w), enable_avic(w); }},
      {"restricted injection and AVIC", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(3)), enable_avic(w); }},
      {"alternate injection and AVIC", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(4)), enable_avic(w); }},
      {"VmplSSS and SSSCheckEn", rule::WSW_RUN_13, snp,
       [](w_ref w) { set_features(w, one_at(8)), w.vmcb.controls().set_np_control({7 | 16}); }},
      {"the host samples operations", rule::WSW_RUN_14, snp,
       [](w_ref w) { set_features(w, one_at(6)), w.core.ibs_op = true; }},
      {"the host samples fetches", rule::WSW_RUN_14, snp,
       [](w_ref w) { set_features(w, one_at(6)), w.core.ibs_fetch = true; }},
      {"secure AVIC's page is nowhere", rule::WSW_RUN_17, snp,
       [](w_ref w) {
         set_features(w, one_at(16)), allow_everything(w);
         w.vmsa.set_secure_avic_control({one_at(48) | 1});
       }},
      {"BUSY, alternate injection", rule::WSW_RUN_15, snp,
       [](w_ref w) {
         set_features(w, one_at(4)), w.core.sev_features &= ~one_at(16);
         w.vmsa.set_vintr_ctrl({one_at(63)});
       },
       svm_exit_codes::busy},
      {"BUSY on a part with secure AVIC", rule::WSW_RUN_15, sev_es,
       [](w_ref w) { w.vmsa.set_vintr_ctrl({one_at(63)}); }, svm_exit_codes::busy},
      {"the sibling runs", rule::WSW_RUN_16, snp,
       [](w_ref w) { set_features(w, one_at(15)), w.core.sibling_idle = false; }, svm_exit_codes::idle_required},
      {"counters do not suit", rule::WSW_RUN_16, snp,
       [](w_ref w) { set_features(w, one_at(11)), w.core.counters_legal = false; }, svm_exit_codes::invalid_pmc},
      {"bits 63:52 of nCR3", rule::PAG_CR3_01, snp, [](w_ref w) { w.vmcb.controls().set_nested_cr3(one_at(60)); }},
      {"a memory type that does not exist", rule::PAG_NPT_02, snp, state([](auto& s) { s.set_g_pat(2); })},
      {"four VMPLs", rule::none, snp, state([](auto& s) { s.set_vmpl(4); })},
      {"a software interrupt", rule::WSW_INJ_02, snp, event(0x8000'0480)},
      {"#BP as an exception", rule::WSW_INJ_02, sev_es, event(0x8000'0303)},
      {"#HV without restricted injection", rule::WSW_INJ_04, snp, event(0x8000'031c)},
      {"#HV from VMPL 0 without restricted injection", rule::WSW_INJ_04, snp,
       [](w_ref w) { set_features(w, one_at(4)), w.vmsa.set_event_inj({0x8000'031c}); }},
      {"a vector with restricted injection", rule::WSW_INJ_04, snp,
       [](w_ref w) { set_features(w, one_at(3)), w.vmcb.controls().set_event_inj({0x8000'0030}); }},
      {"an exception with vector 32", rule::WSW_RUN_10, plain, event(0x8000'0320)},
      {"NMI as an exception", rule::WSW_RUN_10, snp, event(0x8000'0302)},
      {"an event of type 1", rule::WSW_RUN_10, sev, event(0x8000'0130)},
      {"VMPL 0 injects an event of type 7", rule::WSW_RUN_10, snp,
       [](w_ref w) { set_features(w, one_at(4)), w.vmsa.set_event_inj({0x8000'0730}); }},
  };
  // The list of illegal states, for state in a VMSA and in a VMCB.
  const std::pair<const char*, std::function<void(layout::vmsa&)>> illegal[] = {
      {"EFER.SVME=0", [](layout::vmsa& s) { s.set_efer(0xd01); }},
      {"CD=0 with NW=1", [](layout::vmsa& s) { s.set_cr0(s.cr0() | 0x2000'0000); }},
      {"bits 63:32 of CR0", [](layout::vmsa& s) { s.set_cr0(s.cr0() | 0x1'0000'0000); }},
      {"bits 63:52 of CR3", [](layout::vmsa& s) { s.set_cr3(s.cr3() | std::uint64_t{1} << 63); }},
      {"a reserved bit of CR4", [](layout::vmsa& s) { s.set_cr4(s.cr4() | 0x8000); }},
      {"bits 63:32 of DR6", [](layout::vmsa& s) { s.set_dr6(s.dr6() | 0x1'0000'0000); }},
      {"bits 63:32 of DR7", [](layout::vmsa& s) { s.set_dr7(s.dr7() | 0x1'0000'0000); }},
      {"a reserved bit of EFER", [](layout::vmsa& s) { s.set_efer(s.efer() | 0x2); }},
      {"long mode without PAE", [](layout::vmsa& s) { s.set_cr4(0); }},
      {"long mode without PE", [](layout::vmsa& s) { s.set_cr0(0x8000'0000); }},
      {"CS.L with CS.D",
       [](layout::vmsa& s) { s.cs().set_attrib(layout::segment_attrib{s.cs().attrib()}.set_db(true)); }},
      {"shadow stacks without WP", [](layout::vmsa& s) { s.set_cr4(0x80'0020); }},
  };
  for (const auto& [what, change] : illegal)
    for (const cpu::guest_kind kind : {plain, sev, sev_es, snp})
      all.push_back({what, rule::WSW_RUN_10, kind, state(change)});
  return all;
}

/// The world before VMRUN, with one thing broken.
inline auto world_of(const broken_vmrun& one) -> switch_world {
  switch_world world(one.kind, one.host_snp);
  one.change(world);
  world.write();
  if (one.after) one.after(world);
  return world;
}

}  // namespace sevspec::test

#endif
