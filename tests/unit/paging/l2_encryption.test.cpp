// SPDX-License-Identifier: MIT
// VMCB12, the C-bit in L1's nested tables, and keys.
#include <support/l2_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum paging::shadow_decision::kind;

constexpr std::uint64_t c_bit = bit_at(51);

auto refused_field(const l2_machine& machine) -> std::string {
  context<> ctx{.choices = machine.choices};
  const auto regime = machine.l2_regime(ctx);
  return regime ? std::string("accepted") : std::string(regime.error().field);
}

}  // namespace

TEST_CASE("PAG-L2-09: VMCB12's controls", "[paging][PAG-L2-09]") {
  context<> ctx;
  const auto accepted = [&](paging::vmcb12_controls vmcb, paging::l1_offers offers = {}) {
    const auto checked = paging::check_vmcb12(ctx, vmcb, offers);
    if (!checked) {
      CHECK(checked.error().what == paging::register_error::kind::reserved);
      CHECK(checked.error().decided_by == rule::PAG_L2_09);
    }
    return checked.has_value();
  };
  CHECK(accepted({.id = {1}, .np_control = 1}));
  CHECK_FALSE(accepted({.id = host_asid, .np_control = 1}));
  CHECK_FALSE(accepted({.id = {1}, .np_control = 1}, {.nested_paging = false}));
  CHECK(accepted({.id = {1}, .np_control = 0}, {.nested_paging = false}));
  for (unsigned value = 0; value < 256; ++value) {
    CHECK(accepted({.id = {1}, .tlb_control = value}) == (value == 0 || value == 1 || value == 3 || value == 7));
    CHECK(accepted({.id = {1}, .tlb_control = value}, {.flush_by_asid = false}) == (value <= 1));
  }
}

TEST_CASE("PAG-L2-10: nCR3 is a legal address of L1", "[paging][PAG-L2-10]") {
  for (unsigned bit = 12; bit < 64; ++bit) {
    l2_machine machine;
    machine.l1_part.pa_bits = 44;  // narrower than the real part
    machine.vmcb12.ncr3 = bit_at(bit);
    CHECK(refused_field(machine) == (bit < 44 ? "accepted" : "nCR3"));
    machine.make_l1_sev();
    CHECK(refused_field(machine) == (bit < 44 || bit == 51 ? "accepted" : "nCR3"));
    machine.choices.npt12_cbit = npt12_c_bit::reserved;
    CHECK(refused_field(machine) == (bit < 44 ? "accepted" : "nCR3"));
  }
  l2_machine machine;
  machine.vmcb12.ncr3 = bit_at(50);
  context<> ctx;
  CHECK(machine.l2_regime(ctx).error().decided_by == rule::PAG_L2_10);
  // The other fields are checked as for every guest.
  machine = l2_machine();
  machine.vmcb12.id = host_asid;
  CHECK(refused_field(machine) == "VMCB 058h");
  machine = l2_machine();
  machine.l1_part.pml = true;
  machine.vmcb12.np_control |= bit_at(11);
  CHECK(refused_field(machine) == "VMCB 090h");
}

TEST_CASE("PAG-L2C-01: L0 reads L1's tables through its own key", "[paging][PAG-L2C-01]") {
  l2_machine machine;
  machine.make_l1_sev();
  context<> ctx;
  CHECK(machine.resolve(on_final | by_read).what == install);
  // L1 keeps nPT12 in private memory: L0 sees ciphertext, and what it makes of it is not what L1 wrote.
  sealed memory{machine.memory, 0x8100'0000, 0x8110'0000, memory_key::guest({5})};
  const auto decision = machine.resolve(ctx, memory, {.where = machine.data, .exit_info_1 = on_final | by_read});
  CHECK(decision.what == reflect_to_l1);  // the bits of this ciphertext happen to be reserved
}

TEST_CASE("PAG-L2C-02: L1's tables in shared memory can be read", "[paging][PAG-L2C-02]") {
  for (const bool host_key : {false, true}) {
    l2_machine machine;
    machine.make_l1_sev();
    // What L1 shares is plaintext, or has the host's key where L0 chose so with nPT01's C-bit.
    if (host_key)
      for (unsigned level = 1; level <= 4; ++level) machine.in_npt01(machine.npt12_gpa(level), 1) |= c_bit;
    sealed memory{machine.memory, 0x8100'0000, 0x8110'0000, host_key ? memory_key::host() : memory_key::none()};
    for (unsigned level = 1; level <= 4; ++level) machine.in_npt12(level) &= ~(accessed | dirty);
    context<> ctx;
    const auto decision = machine.resolve(ctx, memory, {.where = machine.data, .exit_info_1 = on_final | by_write});
    CHECK(decision.what == install);
    CHECK(decision.leaf.where == page_base(machine.data_in_memory(), page_size::k4k));
    CHECK((machine.in_npt12(1) & dirty) != 0);
  }
}

TEST_CASE("PAG-L2C-03: the C-bit in nPT12 of an L1 with SEV", "[paging][PAG-L2C-03]") {
  for (unsigned level = 1; level <= 4; ++level) {
    l2_machine machine;
    machine.make_l1_sev();
    const auto plain = machine.resolve(on_final | by_read);
    machine.in_npt12(level) |= c_bit;
    CHECK(machine.resolve(on_final | by_read) == plain);  // removed; and the leaf of nPT02 has no C-bit by it
    CHECK_FALSE(plain.leaf.c);

    machine.choices.npt12_cbit = npt12_c_bit::reserved;
    const auto refused = machine.resolve(on_final | by_read);
    CHECK(refused.what == reflect_to_l1);
    CHECK(refused.exit_info_1 == (on_final | 0xd));
    CHECK(refused.because == rule::PAG_L2C_03);
  }
  l2_machine root;
  root.make_l1_sev();
  root.vmcb12.ncr3 |= c_bit;
  CHECK(root.resolve(on_final | by_read).what == install);
  // A C-bit below L1's address width takes the address bit's place.
  l2_machine low;
  low.make_l1_sev();
  low.l1_part.c_bit = 47;
  low.in_npt12(1) |= bit_at(47);
  CHECK(low.resolve(on_final | by_read).leaf.where == page_base(low.data_in_memory(), page_size::k4k));
  low.l1_part.c_bit = 64;
  CHECK(refused_field(low) == "c_bit");
}

TEST_CASE("PAG-L2C-04: whose key", "[paging][PAG-L2C-04]") {
  for (unsigned bits = 0; bits < 16; ++bits) {
    const paging::l2_key_query about{.effective_c = (bits & 1) != 0,
                                     .l2 = {7},
                                     .l1_sev_active = (bits & 2) != 0,
                                     .l1 = {5},
                                     .npt12_c = (bits & 4) != 0,
                                     .npt01_c = (bits & 8) != 0};
    const auto by_l0 = about.npt01_c ? memory_key::host() : memory_key::none();
    const auto in_hardware = about.effective_c ? memory_key::guest({7}) : by_l0;
    CHECK(paging::key_for_l2(l2_key_model::shadow_hw, about) == in_hardware);
    const bool l1_key = !about.effective_c && about.l1_sev_active && about.npt12_c;
    CHECK(paging::key_for_l2(l2_key_model::three_stage, about) == (l1_key ? memory_key::guest({5}) : in_hardware));
  }
}

TEST_CASE("PAG-L2C-04: the shadow leaf has L0's C-bit", "[paging][PAG-L2C-04]") {
  l2_machine machine;
  machine.make_l1_sev();
  machine.in_npt12(1) |= c_bit;
  machine.in_npt01(1) |= c_bit;
  CHECK(machine.resolve(on_final | by_read).leaf.c);
  machine.in_npt12(1) &= ~c_bit;
  CHECK(machine.resolve(on_final | by_read).leaf.c);
}

TEST_CASE("PAG-L2C-05: without SEV in L1 its C-bit is an address bit", "[paging][PAG-L2C-05]") {
  // Reserved above the width that L1 sees ...
  for (const unsigned width : {40U, 44U, 48U}) {
    l2_machine machine;
    machine.l1_part.pa_bits = width;
    for (unsigned bit = 40; bit < 52; ++bit) {
      l2_machine other = machine;
      other.in_npt12(1) |= bit_at(bit);
      const auto decision = other.resolve(on_final | by_read);
      CHECK(decision.what == (bit < width ? no_memory : reflect_to_l1));
      if (bit < width) CHECK(decision.l1_address.value == (other.data_in_l1().value | bit_at(bit)));
      else CHECK(decision.exit_info_1 == (on_final | 0xd));
    }
  }
  // ... whatever the choice for an L1 with SEV is, and although the real part has reduced its own addresses.
  l2_machine machine;
  machine.vmcb01.syscfg |= encryption_on;
  machine.choices.npt12_cbit = npt12_c_bit::reserved;
  machine.in_npt12(1) |= bit_at(46);
  CHECK(machine.resolve(on_final | by_read).l1_address.value == (machine.data_in_l1().value | bit_at(46)));
  machine.in_npt12(1) |= c_bit;
  CHECK(machine.resolve(on_final | by_read).because == rule::PAG_RSV_02);
}

TEST_CASE("PAG-L2C-06: L1 that believes in SME", "[paging][PAG-L2C-06]") {
  l2_machine machine;
  machine.vmcb12.syscfg |= encryption_on;
  const auto plain = machine.resolve(on_final | by_read);
  for (unsigned level = 1; level <= 4; ++level) machine.in_npt12(level) |= c_bit;
  machine.vmcb12.ncr3 |= c_bit;
  CHECK(machine.resolve(on_final | by_read) == plain);
  CHECK(plain.what == install);
  CHECK_FALSE(plain.leaf.c);
  // Addresses are as narrow as L1 was told.
  machine.in_npt12(1) |= bit_at(machine.l1_part.pa_bits - 1);
  CHECK(machine.resolve(on_final | by_read).because == rule::PAG_RSV_02);
}
