// SPDX-License-Identifier: MIT
// SEV_STATUS, SYSCFG and VIRTUAL_TOM as instructions reach them.
#include <cstdint>
#include <set>
#include <utility>

#include <sevspec/cpu/sev_registers.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/tlb_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

auto machine_of(bool sev, bool es, bool snp, bool vtom = false) -> paging::two_stage_regime {
  paging::two_stage_regime machine{};
  machine.sev_active = sev;
  machine.sev_es_active = es;
  machine.snp_active = snp;
  machine.vtom = vtom;
  machine.id = flushed_asid;
  return machine;
}

}  // namespace

TEST_CASE("PAG-SEVST-01: what kind of guest reads it", "[cpu][PAG-SEVST-01]") {
  constexpr layout::sev_features snp{1};
  CHECK(cpu::sev_status_of(machine_of(false, false, false), snp).raw == 0);
  CHECK(cpu::sev_status_of(machine_of(true, false, false), snp).raw == 1);
  CHECK(cpu::sev_status_of(machine_of(true, true, false), {}).raw == 3);
  CHECK(cpu::sev_status_of(machine_of(true, true, false), snp).raw == 3);  // SNP is not enabled
  CHECK(cpu::sev_status_of(machine_of(true, true, true), snp).raw == 7);
  // Without SEV-ES there is no VMSA to take features from.
  CHECK(cpu::sev_status_of(machine_of(true, false, false), {~std::uint64_t{0}}).raw == 1);
  CHECK(cpu::sev_status_of(machine_of(false, false, false), {~std::uint64_t{0}}).raw == 0);
}

TEST_CASE("PAG-SEVST-01: bit by bit", "[cpu][PAG-SEVST-01]") {
  using layout::msr_sev_status;
  const std::pair<unsigned, bool (msr_sev_status::*)() const noexcept> rows[] = {
      {1, &msr_sev_status::vtom},
      {2, &msr_sev_status::reflect_vc},
      {3, &msr_sev_status::restricted_injection},
      {4, &msr_sev_status::alternate_injection},
      {5, &msr_sev_status::debug_swap},
      {6, &msr_sev_status::prevent_host_ibs},
      {7, &msr_sev_status::btb_isolation},
      {8, &msr_sev_status::vmpl_sss},
      {9, &msr_sev_status::secure_tsc},
      {10, &msr_sev_status::vmgexit_parameter},
      {11, &msr_sev_status::pmc_virtualization},
      {12, &msr_sev_status::ibs_virtualization},
      {13, &msr_sev_status::guest_intercept_ctl},
      {14, &msr_sev_status::vmsa_reg_prot},
      {15, &msr_sev_status::smt_protection},
      {16, &msr_sev_status::secure_avic},
      {21, &msr_sev_status::ibpb_on_entry},
  };
  for (const auto& [feature, shown] : rows) {
    INFO("SEV_FEATURES bit " << feature);
    const auto status = cpu::sev_status_of(machine_of(true, true, true, feature == 1), {1 | bit_at(feature)});
    CHECK((status.*shown)());
    CHECK(status.raw == (7 | bit_at(feature + 2)));
  }
}

TEST_CASE("PAG-SEVST-01: virtual TOM shows where it is in force alone", "[cpu][PAG-SEVST-01][PAG-VTOM-01]") {
  constexpr layout::sev_features vtom{2};
  CHECK(cpu::sev_status_of(machine_of(true, true, false), vtom).raw == 3);  // SEV-ES without SNP
  CHECK(cpu::sev_status_of(machine_of(true, false, false), vtom).raw == 1);
  CHECK(cpu::sev_status_of(machine_of(true, true, true, true), {3}).raw == 0xf);
  // As a regime made of such features has it.
  for (const bool snp : {false, true}) {
    guest_machine guest;
    guest.make_sev(true);
    if (snp) guest.state.syscfg |= bit_at(24);
    guest.state.sev_features = 3;
    context<> ctx;
    const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
    CHECK(cpu::sev_status_of(machine, {3}).raw == (snp ? 0xfU : 3U));
  }
}

TEST_CASE("PAG-SEVST-01: undefined features are not copied", "[cpu][PAG-SEVST-01]") {
  for (const unsigned feature : {17U, 18U, 19U, 20U, 22U, 23U, 32U, 60U, 61U, 62U, 63U}) {
    INFO("SEV_FEATURES bit " << feature);
    CHECK(cpu::sev_status_of(machine_of(true, true, true), {1 | bit_at(feature)}).raw == 7);
    CHECK(cpu::sev_status_of(machine_of(true, true, false), {bit_at(feature)}).raw == 3);
  }
  CHECK(cpu::sev_status_of(machine_of(true, true, true, true), {~std::uint64_t{0}}).raw == 0x87'ffff);
  CHECK(cpu::sev_status_of(machine_of(true, true, false), {~std::uint64_t{0}}).raw == 0x87'fff3);
}

TEST_CASE("PAG-SYSCFG-01: once SNP is on, SYSCFG does not change", "[cpu][PAG-SYSCFG-01][RMP-GEO-06]") {
  context<> ctx;
  CHECK(cpu::write_syscfg(ctx, 0, encryption_on) == encryption_on);
  CHECK(cpu::write_syscfg(ctx, encryption_on, 0) == 0);
  for (const unsigned bit : {18U, 23U, 24U, 25U, 26U}) CHECK(cpu::write_syscfg(ctx, 0, bit_at(bit)) == bit_at(bit));
  const std::uint64_t snp = encryption_on | bit_at(24);
  CHECK(cpu::write_syscfg(ctx, encryption_on, snp) == snp);
  for (unsigned bit = 0; bit < 64; ++bit) {
    CHECK(cpu::write_syscfg(ctx, snp, snp ^ bit_at(bit)) == snp);
    CHECK(cpu::write_syscfg(ctx, bit_at(24), bit_at(bit)) == bit_at(24));
  }
  // The bits by their names.
  CHECK(layout::msr_syscfg{bit_at(23)}.mem_encryption_mode_en());
  CHECK(layout::msr_syscfg{bit_at(24)}.snp_en());
  CHECK(layout::msr_syscfg{bit_at(25)}.vmpl_en());
}

TEST_CASE("PAG-VTOM-04: VIRTUAL_TOM is there while it is in force", "[cpu][PAG-VTOM-04][PAG-VTOM-01]") {
  context<> ctx;
  const fault refused{fault_kind::gp, rule::PAG_VTOM_04, 0, 0};
  CHECK(cpu::virtual_tom_fault(ctx, machine_of(true, true, true, true)) == std::nullopt);
  CHECK(cpu::virtual_tom_fault(ctx, machine_of(true, true, true)) == refused);
  CHECK(cpu::virtual_tom_fault(ctx, machine_of(false, false, false)) == refused);

  // A write that is refused changes nothing and drops nothing.
  auto machine = machine_of(true, true, true);
  auto before = machine;
  small_tlb tlb = filled_tlb();
  CHECK(cpu::write_virtual_tom(ctx, tlb, machine, 0x4000'0000) == refused);
  CHECK(machine == before);
  CHECK(held(tlb) == held_all);

  // One that is not stores bits 51:21 and drops the translations of this ASID, global or not.
  machine = machine_of(true, true, true, true);
  before = machine;
  CHECK(cpu::write_virtual_tom(ctx, tlb, machine, ~std::uint64_t{0}) == std::nullopt);
  before.virtual_tom = 0x000f'ffff'ffe0'0000;
  CHECK(machine == before);
  CHECK(held(tlb) == held_but_asid);
  tlb = filled_tlb();
  CHECK(cpu::write_virtual_tom(ctx, tlb, machine, machine.virtual_tom) == std::nullopt);  // also the same value again
  CHECK(held(tlb) == held_but_asid);
}

TEST_CASE("RMP-GEO-06: registers that say where memory lies are frozen with SNP", "[cpu][RMP-GEO-06]") {
  context<> ctx;
  std::set<std::uint32_t> frozen{0x250, 0x258, 0x259};
  for (std::uint32_t i = 0; i < 8; ++i) frozen.insert(0x268 + i);
  for (const std::uint32_t i : {0x16U, 0x17U, 0x18U, 0x19U, 0x1aU, 0x1dU, 0x119U, 0x136U})
    frozen.insert(0xc001'0000 | i);
  const auto visit = [&](std::uint32_t msr) {
    INFO("MSR " << hex(msr));
    const auto raised = cpu::frozen_msr_fault(ctx, msr, true);
    CHECK(raised.has_value() == frozen.contains(msr));
    if (raised) CHECK(*raised == fault{fault_kind::gp, rule::RMP_GEO_06, 0, 0});
    CHECK_FALSE(cpu::frozen_msr_fault(ctx, msr, false).has_value());
  };
  // Around all of them: variable MTRRs, SYSCFG (which is ignored instead), RMP_BASE and VM_HSAVE_PA are not.
  for (std::uint32_t msr = 0x200; msr < 0x300; ++msr) visit(msr);
  for (std::uint32_t msr = 0xc001'0000; msr < 0xc001'0200; ++msr) visit(msr);
  CHECK(frozen.size() == 19);
}
