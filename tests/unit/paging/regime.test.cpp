// SPDX-License-Identifier: MIT
#include <functional>
#include <string>
#include <string_view>

#include <support/catch.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using paging::register_error;
using kind = register_error::kind;

auto host_error(const paging::control_registers& regs, const cpu_part& part = part_of(generation::milan),
                std::uint64_t syscfg = 0) -> register_error {
  context<> ctx;
  const auto regime = paging::make_host_regime(ctx, part, regs, syscfg);
  REQUIRE_FALSE(regime.has_value());
  CHECK_FALSE(std::string_view(regime.error().field).empty());
  CHECK_FALSE(std::string_view(regime.error().reason).empty());
  return regime.error();
}

auto guest_error(const std::function<void(paging::guest_entry_state&)>& change) -> register_error {
  context<> ctx;
  paging::guest_entry_state state = guest_machine().state;
  REQUIRE(paging::make_two_stage_regime(ctx, part_of(generation::milan), state).has_value());
  change(state);
  const auto regime = paging::make_two_stage_regime(ctx, part_of(generation::milan), state);
  REQUIRE_FALSE(regime.has_value());
  CHECK_FALSE(std::string_view(regime.error().field).empty());
  CHECK_FALSE(std::string_view(regime.error().reason).empty());
  return regime.error();
}

#define CHECK_ERROR(error, expected_kind, expected_rule, expected_field, expected_value)                               \
  do {                                                                                                                 \
    const register_error e = error;                                                                                    \
    CHECK((e.what == (expected_kind)));                                                                                \
    CHECK(e.decided_by == (expected_rule));                                                                            \
    CHECK(std::string(e.field) == (expected_field));                                                                   \
    CHECK(e.value == (expected_value));                                                                                \
  } while (false)

}  // namespace

TEST_CASE("PAG-MODE-01: CR0.PG=0 translates nothing, whatever the other registers say", "[paging][PAG-MODE-01]") {
  context<> ctx;
  const auto off =
      paging::make_host_regime(ctx, test_part, {.cr0 = 0x11, .cr3 = ~std::uint64_t{}, .cr4 = ~bit_at(24), .efer = 0});
  REQUIRE(off.has_value());
  CHECK(off->levels == 0);
  CHECK(*off == paging::host_regime{});
}

TEST_CASE("PAG-MODE-04: four levels, or five with LA57", "[paging][PAG-MODE-04]") {
  context<> ctx;
  auto regs = paging::long_mode_registers(0x10000);
  CHECK(regs == paging::control_registers{.cr0 = 0x8001'0033, .cr3 = 0x10000, .cr4 = 0xa0, .efer = 0xd01});
  CHECK(paging::make_host_regime(ctx, test_part, regs)->levels == 4);
  regs.cr4 |= cr4_la57;
  CHECK(paging::make_host_regime(ctx, test_part, regs)->levels == 5);
  CHECK_ERROR(host_error(regs), kind::reserved, rule::none, "CR4", regs.cr4);  // no part of Zen 3 has it
  // With LMA=0 the bit is ignored, on parts without it too.
  regs.efer &= ~paging::efer::lma::mask;
  CHECK(paging::make_host_regime(ctx, test_part, regs)->levels == 3);
  CHECK(paging::make_host_regime(ctx, part_of(generation::milan), regs)->levels == 3);
  regs.cr4 &= ~paging::cr4::pae::mask;
  CHECK(paging::make_host_regime(ctx, test_part, regs)->levels == 2);
}

TEST_CASE("what registers give goes into the regime", "[paging][PAG-MODE-04]") {
  context<> ctx;
  const auto plain = paging::make_host_regime(ctx, test_part, paging::long_mode_registers(0x10000));
  REQUIRE(plain.has_value());
  CHECK(plain->nxe);
  CHECK(plain->write_protect);
  CHECK_FALSE(plain->smep);
  CHECK_FALSE(plain->smap);
  CHECK_FALSE(plain->protection_keys);
  const auto with = [&](std::uint64_t cr0, std::uint64_t cr4, std::uint64_t efer) {
    return paging::make_host_regime(ctx, test_part, {.cr0 = cr0, .cr3 = 0x10000, .cr4 = cr4, .efer = efer}).value();
  };
  CHECK_FALSE(with(0x8000'0033, 0xa0, 0xd01).write_protect);
  CHECK_FALSE(with(0x8001'0033, 0xa0, 0x501).nxe);
  CHECK(with(0x8001'0033, 0x0010'00a0, 0xd01).smep);
  CHECK(with(0x8001'0033, 0x0020'00a0, 0xd01).smap);
  CHECK(with(0x8001'0033, 0x0040'00a0, 0xd01).protection_keys);
}

TEST_CASE("PAG-CR3-01: CR3[63:52] must be zero, CR3[11:0] takes no part", "[paging][PAG-CR3-01][PAG-CR3-02]") {
  for (unsigned n = 52; n < 64; ++n) {
    const auto regs = paging::long_mode_registers(0x10000 | bit_at(n));
    CHECK_ERROR(host_error(regs), kind::reserved, rule::PAG_CR3_01, "CR3", regs.cr3);
    CHECK_ERROR(guest_error([&](auto& state) { state.ncr3 |= bit_at(n); }), kind::reserved, rule::PAG_CR3_01, "nCR3",
                0x100'0000 | bit_at(n));
    CHECK_ERROR(guest_error([&](auto& state) { state.guest.cr3 |= bit_at(n); }), kind::reserved, rule::PAG_CR3_01,
                "guest CR3", 0x10000 | bit_at(n));
  }
  for (unsigned n = 0; n < 12; ++n) {
    host_machine host;
    host.regs.cr3 |= bit_at(n);
    const auto found = host.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0234'5cc8});
    host.regs.cr4 |= paging::cr4::pcide::mask;  // a PCID then, and as irrelevant
    CHECK(host.run(user_read).has_value());
    guest_machine guest;
    guest.state.guest.cr3 |= bit_at(n);
    guest.state.ncr3 |= bit_at(n);
    CHECK_FALSE(guest.fault_of(user_read));
  }
}

TEST_CASE("PAG-CR3-03: CR3 above the physical width", "[paging][PAG-CR3-03]") {
  const cpu_part milan = part_of(generation::milan);  // 48 bits, 43 with encryption, C-bit 51
  context<> ctx;
  for (unsigned n = 12; n < 52; ++n) {
    const auto regs = paging::long_mode_registers(0x10000 | bit_at(n));
    if (n >= 48) CHECK_ERROR(host_error(regs, milan), kind::reserved, rule::PAG_CR3_03, "CR3", regs.cr3);
    else CHECK(paging::make_host_regime(ctx, milan, regs).has_value());
    if (n >= 43 && n != 51)
      CHECK_ERROR(host_error(regs, milan, encryption_on), kind::reserved, rule::PAG_CR3_03, "CR3", regs.cr3);
    else CHECK(paging::make_host_regime(ctx, milan, regs, encryption_on).has_value());
    // gCR3 holds a gPA, which is never reduced; nCR3 an sPA, which is.
    const auto with_encryption = [&](bool in_ncr3, bool sev) {
      guest_machine guest;
      guest.state.syscfg = encryption_on;
      guest.state.np_control |= sev ? 2U : 0U;
      (in_ncr3 ? guest.state.ncr3 : guest.state.guest.cr3) |= bit_at(n);
      return paging::make_two_stage_regime(ctx, milan, guest.state).has_value();
    };
    CHECK(with_encryption(true, false) == (n < 43 || n == 51));
    CHECK(with_encryption(false, false) == (n < 48));
    CHECK(with_encryption(false, true) == (n < 48 || n == 51));
  }
}

TEST_CASE("PAG-NPT-02: what VMRUN refuses", "[paging][PAG-NPT-02]") {
  CHECK_ERROR(guest_error([](auto& state) { state.host.cr0 &= ~cr0_pg; }), kind::reserved, rule::PAG_NPT_02, "host CR0",
              0x10033U);
  CHECK_ERROR(guest_error([](auto& state) { state.id = host_asid; }), kind::reserved, rule::PAG_NPT_02, "VMCB 058h",
              0U);
  // Supervisor shadow-stack checks without nested paging; and together with those of VMPLs.
  CHECK_ERROR(guest_error([](auto& state) { state.np_control = 0x10; }), kind::reserved, rule::PAG_NPT_02, "VMCB 090h",
              0x10U);
  CHECK_ERROR(guest_error([](auto& state) {
                state.syscfg = bit_at(24) | encryption_on, state.np_control = 0x17, state.sev_features = 0x101;
              }),
              kind::reserved, rule::RMP_VPL_03, "VMSA 3B0h", 0x101U);
  // Every byte of G_PAT is 0, 1, 4, 5, 6 or 7.
  for (unsigned field = 0; field < 8; ++field) {
    for (std::uint64_t type = 0; type < 256; ++type) {
      INFO("type " << type << " in field " << field);
      const std::uint64_t pat = (0x0007'0406'0007'0406U & ~(std::uint64_t{0xff} << (8 * field))) | type << (8 * field);
      const bool exists = type == 0 || type == 1 || (type >= 4 && type <= 7);
      CHECK(paging::is_pat(pat) == exists);
      if (!exists && (type < 9 || type == 255))
        CHECK_ERROR(guest_error([&](auto& state) { state.g_pat = pat; }), kind::reserved, rule::PAG_NPT_02, "G_PAT",
                    pat);
    }
  }
  // Paging off in the guest is fine.
  context<> ctx;
  guest_machine guest;
  guest.state.guest.cr0 &= ~cr0_pg;
  CHECK(paging::make_two_stage_regime(ctx, test_part, guest.state).has_value());
}

TEST_CASE("modes that are not translated are named", "[paging]") {
  const auto regs = paging::long_mode_registers(0x10000);
  const auto changed = [&](auto change) {
    auto other = regs;
    change(other);
    return host_error(other);
  };
  CHECK_ERROR(changed([](auto& r) { r.cr0 &= ~std::uint64_t{1}; }), kind::inconsistent, rule::none, "CR0",
              0x8001'0032U);
  CHECK_ERROR(changed([](auto& r) { r.cr4 = 0x80; }), kind::inconsistent, rule::none, "CR4", 0x80U);
  CHECK_ERROR(guest_error([](auto& state) { state.np_control = 0; }), kind::not_modelled, rule::none, "VMCB 090h", 0U);
  CHECK_ERROR(guest_error([](auto& state) { state.syscfg = bit_at(26); }), kind::not_modelled, rule::none, "SYSCFG",
              bit_at(26));
  CHECK_ERROR(host_error(regs, test_part, bit_at(26)), kind::not_modelled, rule::none, "SYSCFG", bit_at(26));

  // Each stage's registers are checked, and called by whose they are.
  CHECK_ERROR(guest_error([](auto& state) { state.host.cr4 |= bit_at(24); }), kind::reserved, rule::PAG_PERM_09,
              "host CR4", 0x100'00a0U);
  CHECK_ERROR(guest_error([](auto& state) { state.guest.cr4 |= bit_at(24); }), kind::reserved, rule::PAG_PERM_09,
              "guest CR4", 0x100'00a0U);
  CHECK_ERROR(guest_error([](auto& state) { state.host.cr0 &= ~std::uint64_t{1}; }), kind::inconsistent, rule::none,
              "host CR0", 0x8001'0032U);
}

TEST_CASE("features that a part does not have", "[paging][PAG-CAN-03]") {
  cpu_part old = part_of(generation::milan);
  old.upper_address_ignore = false;
  auto regs = paging::long_mode_registers(0x10000);
  regs.efer |= paging::efer::uaie::mask;
  CHECK_ERROR(host_error(regs, old), kind::reserved, rule::none, "EFER", 0x10'0d01U);
  CHECK_ERROR(host_error(paging::long_mode_registers(0x10000), part_of(generation::rome), bit_at(24)), kind::reserved,
              rule::none, "SYSCFG", bit_at(24));
  // gPAs have no upper bits to ignore, so the VMM's EFER.UAIE is nothing to nested tables.
  context<> ctx;
  guest_machine guest;
  guest.state.host.efer |= paging::efer::uaie::mask;
  CHECK(paging::make_two_stage_regime(ctx, old, guest.state).has_value());
}

TEST_CASE("which SNP features count", "[paging][PAG-SEVEN-02]") {
  context<> ctx;
  const auto regime = [&](std::uint64_t syscfg, std::uint64_t np_control) {
    guest_machine guest;
    guest.state.syscfg = syscfg;
    guest.state.np_control = np_control;
    guest.state.sev_features = 0x103;
    guest.state.level = {2};
    guest.state.virtual_tom = 0x8000'0000;
    return paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
  };
  // SNP-active: MemEncryptionModEn, SecureNestedPagingEn, SEV, SEV-ES, and SEV_FEATURES[0].
  const auto active = regime(bit_at(24) | encryption_on, 7);
  CHECK(active.snp_active);
  CHECK(active.vtom);
  CHECK(active.vmpl_sss);
  CHECK(active.level == vmpl{2});
  CHECK(active.virtual_tom == 0x8000'0000);
  CHECK_FALSE(active.ordinary);
  for (const auto& [syscfg, control] : {std::pair<std::uint64_t, std::uint64_t>{encryption_on, 7},
                                        {bit_at(24) | encryption_on, 3},
                                        {bit_at(24) | encryption_on, 1},
                                        {bit_at(24), 7}}) {
    INFO(hex(syscfg) << ", " << control);
    const auto plain = regime(syscfg, control);
    CHECK_FALSE(plain.snp_active);
    CHECK_FALSE(plain.vtom);
    CHECK_FALSE(plain.vmpl_sss);
    CHECK(plain.level == vmpl{});
    CHECK(plain.virtual_tom == 0);
    CHECK(plain.ordinary);
  }
  CHECK_ERROR(guest_error([](auto& state) {
                state.syscfg = bit_at(24) | encryption_on, state.np_control = 7, state.sev_features = 1,
                state.level = {4};
              }),
              kind::inconsistent, rule::none, "VMSA 0CAh", 4U);
}

TEST_CASE("what changes nothing is accepted", "[paging]") {
  // Shadow stacks restrict shadow-stack accesses, and the VMM's upper address ignore no gPA.
  host_machine host;
  host.regs.cr4 |= paging::cr4::cet::mask;
  CHECK_FALSE(host.fault_of(user_write));
  guest_machine guest;
  guest.state.host.efer |= bit_at(20);
  CHECK_FALSE(guest.fault_of(user_write));
}

TEST_CASE("PAG-NPT-02 switched off gives no tables to walk", "[paging][PAG-NPT-02]") {
  context<all_rules_but<rule::PAG_NPT_02>> ctx;
  guest_machine guest;
  guest.state.host.cr0 &= ~cr0_pg;
  const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE_FALSE(regime.has_value());
  CHECK((regime.error().what == kind::not_modelled));
}

TEST_CASE("parts that cannot be", "[paging]") {
  const auto refused = [](auto change) {
    cpu_part part = part_of(generation::milan);
    change(part);
    const auto sound = paging::check_part(part);
    if (sound) return std::string();
    CHECK((sound.error().what == kind::inconsistent));
    CHECK_FALSE(std::string_view(sound.error().reason).empty());
    // Both regimes check their part first, as far as SYSCFG makes use of it.
    context<> ctx;
    for (const bool encryption : {false, true}) {
      const auto expected = paging::check_part(part, encryption);
      const std::uint64_t syscfg = encryption ? encryption_on : 0;
      const auto host = paging::make_host_regime(ctx, part, paging::long_mode_registers(0), syscfg);
      paging::guest_entry_state state = guest_machine().state;
      state.syscfg = syscfg;
      const auto guest = paging::make_two_stage_regime(ctx, part, state);
      REQUIRE(host.has_value() == expected.has_value());
      REQUIRE(guest.has_value() == expected.has_value());
      if (expected) continue;
      CHECK(host.error() == expected.error());
      CHECK(guest.error() == expected.error());
    }
    const bool without = paging::check_part(part, false).has_value();
    return std::string(sound.error().field) + " " + std::to_string(sound.error().value) +
           (without ? " if encrypting" : "");
  };
  for (const auto& part : generation_parts) CHECK(paging::check_part(part).has_value());
  CHECK(refused([](auto& p) { p.pa_bits = 35; }) == "pa_bits 35");
  CHECK(refused([](auto& p) { p.pa_bits = 53; }) == "pa_bits 53");
  CHECK(refused([](auto& p) { p.c_bit = 31; }) == "c_bit 31 if encrypting");
  CHECK(refused([](auto& p) { p.c_bit = 52; }) == "c_bit 52 if encrypting");
  CHECK(refused([](auto& p) { p.reduction = 19; }) == "reduction 19 if encrypting");
  CHECK(refused([](auto& p) { p.c_bit = 42; }) == "c_bit 42 if encrypting");
  CHECK(refused([](auto& p) { p.c_bit = 43; }).empty());
  CHECK(refused([](auto& p) { p.pa_bits = 36, p.reduction = 4; }).empty());
  CHECK(refused([](auto& p) { p.pa_bits = 52, p.reduction = 1; }).empty());
  CHECK(refused([](auto& p) { p.reduction = 18, p.c_bit = 32; }).empty());
}

TEST_CASE("refusals compare by what they say, not by where the text lies", "[paging]") {
  const std::string field = "CR3";  // not the library's own literal
  const paging::register_error literal{.field = "CR3", .reason = "why", .value = 1};
  paging::register_error other{.field = field.c_str(), .reason = "why", .value = 1};
  CHECK(literal == other);
  other.field = "CR33";
  CHECK_FALSE(literal == other);
  other.field = "CR";
  CHECK_FALSE(literal == other);
  other = literal;
  other.reason = "";
  CHECK_FALSE(literal == other);
  other = literal;
  other.value = 2;
  CHECK_FALSE(literal == other);
  other = literal;
  other.decided_by = rule::PAG_CR3_01;
  CHECK_FALSE(literal == other);
  other = literal;
  other.what = paging::register_error::kind::not_modelled;
  CHECK_FALSE(literal == other);
}
