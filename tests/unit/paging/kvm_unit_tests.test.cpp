// SPDX-License-Identifier: MIT
// The hand-picked cases of kvm-unit-tests: the special cases of x86/access.c and the table of x86/svm_npt.c. Tests of
// features that the library does not translate (GMET) and of devices are left out.
#include <support/catch.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// A host with a second mapping beside its own.
struct two_mappings : host_machine {
  hva first;
  hva second;
  std::uint64_t second_slot{};

  two_mappings(unsigned leaf, std::uint64_t second_rights)
      : host_machine(4, leaf), first(where), second{0xffff'e666'0000'0000 | (linear_4 & 0xfff)} {
    tables.map(memory, second.value, data_page(leaf), leaf, second_rights);
    second_slot = tables.slot(memory, second.value, leaf);
  }
  auto access(hva target, const memory_access& why) -> std::optional<fault> {
    where = target;
    return fault_of(why);
  }
};

}  // namespace

TEST_CASE("access.c: corrupt_hugepage_trigger", "[paging][kvm-unit-tests]") {
  two_mappings host(2, present | user);
  host.memory[host.slot(2)] &= ~(accessed | dirty);
  const std::uint64_t first_slot = host.slot(2);
  CHECK_FALSE(host.access(host.second, kernel_read));
  CHECK_FALSE(host.access(host.first, kernel_read));
  CHECK((host.memory[first_slot] & dirty) == 0);
  CHECK_FALSE(host.access(host.first, kernel_write));
  CHECK((host.memory[first_slot] & dirty) != 0);
  CHECK(host.access(host.second, kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, host.second.value));
  CHECK((host.memory[host.second_slot] & (accessed | dirty)) == accessed);
}

TEST_CASE("access.c: check_pfec_on_prefetch_pte", "[paging][kvm-unit-tests][PAG-RSV-08]") {
  two_mappings host(1, present | user | no_execute);
  host.leaf() &= ~writable;
  host.regs.efer &= ~efer_nxe;
  CHECK_FALSE(host.access(host.first, kernel_read));
  CHECK(host.access(host.second, kernel_read) == page_fault(rule::PAG_RSV_08, 0x9, host.second.value));
}

TEST_CASE("access.c: check_large_pte_dirty_for_nowp", "[paging][kvm-unit-tests][PAG-AD-07]") {
  two_mappings host(2, present);
  const std::uint64_t first_slot = host.slot(2);
  host.memory[first_slot] &= ~(writable | user | accessed | dirty);
  host.regs.cr0 &= ~cr0_wp;
  CHECK_FALSE(host.access(host.second, kernel_read));
  CHECK((host.memory[host.second_slot] & dirty) == 0);
  CHECK_FALSE(host.access(host.first, kernel_write));
  CHECK((host.memory[first_slot] & dirty) != 0);
  CHECK((host.memory[host.second_slot] & dirty) == 0);
  CHECK_FALSE(host.access(host.second, kernel_write));
  CHECK((host.memory[host.second_slot] & dirty) != 0);
}

TEST_CASE("access.c: check_smep_andnot_wp", "[paging][kvm-unit-tests]") {
  host_machine host;
  host.leaf() &= ~writable;
  host.regs.cr4 |= cr4_smep;
  host.regs.efer &= ~efer_nxe;
  CHECK(host.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, host.where.value));
  CHECK(host.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_04, 0x11, host.where.value));
}

TEST_CASE("access.c: check_toggle_cr0_wp", "[paging][kvm-unit-tests][PAG-PERM-02][PAG-AD-07]") {
  host_machine host;
  host.leaf() &= ~(writable | user | accessed | dirty);
  for (unsigned round = 0; round < 2; ++round) {
    host.regs.cr0 &= ~cr0_wp;
    CHECK_FALSE(host.fault_of(kernel_write));
    CHECK((host.leaf() & dirty) != 0);
    host.leaf() &= ~dirty;
    host.regs.cr0 |= cr0_wp;
    CHECK(host.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, host.where.value));
    CHECK((host.leaf() & dirty) == 0);
  }
}

TEST_CASE("access.c: check_effective_sp_permissions", "[paging][kvm-unit-tests][PAG-PERM-08]") {
  // Two PDPEs, one read-write and one read-only, share a page directory whose entry 1 is read-only and 2 read-write.
  host_machine host;
  host.memory = {};
  host.memory.put(0x10000, 0x11000 | all_rights);
  host.memory.put(0x11000, 0x12000 | all_rights);
  host.memory.put(0x11008, 0x12000 | present | user);
  host.memory.put(0x12008, 0x0240'0000 | present | user | large);
  host.memory.put(0x12010, 0x0240'0000 | all_rights | large);
  const auto at = [&](std::uint64_t where, const memory_access& why) {
    host.where = {where};
    return host.fault_of(why);
  };
  CHECK_FALSE(at(0x20'0000, user_read));
  CHECK_FALSE(at(0x40'0000, user_write));
  CHECK_FALSE(at(0x4040'0000, user_read));
  CHECK(at(0x4040'0000, user_write) == page_fault(rule::PAG_PERM_02, 0x7, 0x4040'0000));
}

TEST_CASE("svm_npt.c: npt_nx, npt_np, npt_us, npt_rw", "[paging][kvm-unit-tests][PAG-NPF-13]") {
  guest_machine nx;
  nx.state.guest.efer &= ~efer_nxe;
  nx.for_data(1) |= no_execute;
  CHECK(nx.fault_of(kernel_fetch) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0015, nx.final_gpa.value));
  guest_machine np;
  np.for_data(1) &= ~present;
  CHECK(np.fault_of(kernel_read) == nested_fault(rule::PAG_ENT_02, 0x1'0000'0004, np.final_gpa.value));
  guest_machine us;
  us.for_data(1) &= ~user;
  CHECK(us.fault_of(kernel_read) == nested_fault(rule::PAG_NPT_13, 0x1'0000'0005, us.final_gpa.value));
  guest_machine rw;  // and npt_rw_l1mmio: a read-modify-write is a write
  rw.for_data(1) &= ~writable;
  CHECK(rw.fault_of(kernel_write) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0007, rw.final_gpa.value));
}

TEST_CASE("svm_npt.c: npt_rw_pfwalk", "[paging][kvm-unit-tests][PAG-NPT-11][PAG-NPF-05]") {
  guest_machine guest;
  guest.for_table(4, 1) &= ~writable;
  guest.where = {0x1000};  // the first entry of the root
  for (const auto& why : {kernel_read, kernel_write, kernel_fetch})
    CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, guest_machine::guest_root));
}

TEST_CASE("svm_npt.c: reserved bits under all 16 combinations of NXE and SMEP",
          "[paging][kvm-unit-tests][PAG-NPT-20]") {
  const bool host_nxe = GENERATE(false, true);
  const bool host_smep = GENERATE(false, true);
  const bool guest_nxe = GENERATE(false, true);
  const bool guest_smep = GENERATE(false, true);
  const auto machine = [&] {
    guest_machine guest;
    guest.in_guest(1) &= ~user;  // supervisor code, which the guest's SMEP lets run
    guest.state.host.efer = host_nxe ? 0xd01 : 0x501;
    guest.state.guest.efer = guest_nxe ? 0xd01 : 0x501;
    guest.state.host.cr4 |= host_smep ? cr4_smep : 0;
    guest.state.guest.cr4 |= guest_smep ? cr4_smep : 0;
    return guest;
  };
  const std::uint64_t id = host_nxe || host_smep ? 0x10 : 0;
  const rule address_or_nx = host_nxe ? rule::PAG_RSV_02 : rule::PAG_RSV_08;
  const rule layout_or_nx = host_nxe ? rule::PAG_RSV_01 : rule::PAG_RSV_08;
  {
    for (unsigned n = 48; n < 52; ++n) {
      guest_machine pte = machine();
      pte.for_data(1) |= host_nxe ? bit_at(n) : no_execute;
      CHECK(pte.fault_of(kernel_fetch) == nested_fault(address_or_nx, 0x1'0000'000d | id, pte.final_gpa.value));
    }
  }
  for (unsigned n = 13; n <= 20; ++n) {
    guest_machine pde = machine();
    pde.for_data(2) = 0x4220'0000 | all_rights | large | (host_nxe ? bit_at(n) : no_execute);
    CHECK(pde.fault_of(kernel_fetch) == nested_fault(layout_or_nx, 0x1'0000'000d | id, pde.final_gpa.value));
  }
  for (unsigned n = 13; n <= 29; ++n) {
    guest_machine pdpe = machine();
    const std::uint64_t root_entry = pdpe.gpa_of(4);
    pdpe.for_data(3) = all_rights | large | (host_nxe ? bit_at(n) : no_execute);
    CHECK(pdpe.fault_of(kernel_fetch) == nested_fault(layout_or_nx, 0x2'0000'000f, root_entry));
  }
  guest_machine pml4e = machine();
  const std::uint64_t root_entry = pml4e.gpa_of(4);
  pml4e.for_data(4) |= bit_8;
  CHECK(pml4e.fault_of(kernel_fetch) == nested_fault(rule::PAG_ENT_03, 0x2'0000'000f, root_entry));
}
