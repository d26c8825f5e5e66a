// SPDX-License-Identifier: MIT
// What L0 does about a fault of L2: real walks over nPT12 and nPT01.
#include <nlohmann/json.hpp>

#include <support/l2_scenarios.hpp>
#include <support/rule_coverage.hpp>
#include <support/vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;
using enum paging::shadow_decision::kind;

auto level_of(const std::string& size) -> unsigned { return size == "4K" ? 1 : size == "2M" ? 2 : 3; }
auto size_name(page_size size) -> std::string {
  return size == page_size::k4k ? "4K" : size == page_size::k2m ? "2M" : "1G";
}

/// The attributes of a row as an entry's flags. D is set: the rows that install W=1 for a read ask for that.
auto flags_of(const json& row) -> std::uint64_t {
  std::uint64_t flags = accessed | dirty;
  if (row.at("p") == 1) flags |= present;
  if (row.at("w") == 1) flags |= writable;
  if (row.at("u") == 1) flags |= user;
  if (row.at("nx") == 1) flags |= no_execute;
  if (row.value("rsvd", 0) == 1) flags |= bit_at(50);
  return flags;
}

constexpr std::uint64_t attribute_bits = present | writable | user | no_execute;

/// A decision in the words of the rows.
auto in_words(const paging::shadow_decision& decision) -> json {
  json words{{"action", paging::name_of(decision.what)}};
  switch (decision.what) {
    case install:
      words["w"] = decision.leaf.writable ? 1 : 0;
      words["nx"] = decision.leaf.no_execute ? 1 : 0;
      words["u"] = 1;
      words["size"] = size_name(decision.leaf.size);
      break;
    case reflect_to_l1:
      words["exitcode"] = hex(decision.exit_code);
      words["exitinfo1"] = hex(decision.exit_info_1);
      words["exitinfo2"] = hex(decision.exit_info_2);
      break;
    default: words["fault_address"] = hex(decision.l1_address.value); break;
  }
  return words;
}

struct heard_decision {
  paging::shadow_decision decision;
  recorder heard;
};
auto listen(l2_machine& machine, std::uint64_t exit_info_1) -> heard_decision {
  heard_decision result;
  recording_context ctx{.rules = {}, .choices = machine.choices, .listener = result.heard};
  result.decision = machine.resolve(ctx, machine.memory, {.where = machine.data, .exit_info_1 = exit_info_1});
  return result;
}

}  // namespace

TEST_CASE("the 16 published decisions", "[paging][vectors][PAG-L2-02][PAG-L2-03][PAG-L2-04][PAG-L2-05]") {
  const json file = load_vectors();
  const json& rows = file.at("nested_composition").at("rows");
  REQUIRE(rows.size() == 16);
  for (const json& row : rows) {
    INFO(row.at("title"));
    const json& l1 = row.at("l1");
    const json& l0 = row.at("l0");
    l2_machine machine({.npt12_leaf = level_of(l1.at("size")), .npt01_leaf = level_of(l0.at("size"))});
    const auto edit = [](std::uint64_t& entry, std::uint64_t flags) { entry = (entry & ~attribute_bits) | flags; };
    edit(machine.in_npt12(machine.shape.npt12_leaf), flags_of(l1));
    // With large pages nPT01's leaf for the data may map nPT12, too; none of those rows spoils it.
    edit(machine.in_npt01(machine.shape.npt01_leaf), flags_of(l0));

    const std::string type = row.at("access").at("type");
    const std::uint64_t bits = type == "w" ? by_write : type == "x" ? by_fetch : by_read;
    const std::uint64_t hi = std::stoull(row.at("access").at("exitinfo1_hi").get<std::string>(), nullptr, 16);
    const bool mmio = l0.value("mmio", 0) == 1;
    context<> ctx;
    const auto decision = machine.with(ctx, machine.memory, [&](auto& memory, const auto& l2) {
      const auto devices = [&](gpa where) { return mmio && where == machine.data_in_l1(); };
      return paging::resolve_l2_fault(ctx, memory, l2, {.where = machine.data, .exit_info_1 = hi | bits}, devices);
    });

    json expected = row.at("expect");
    if (expected.contains("exitinfo2")) {
      CHECK(expected.at("exitinfo2") == "L2 gPA");
      expected["exitinfo2"] = hex(machine.data.value);
    }
    if (expected.contains("fault_address")) {
      CHECK(expected.at("fault_address") == "L1 gPA");
      expected["fault_address"] = hex(machine.data_in_l1().value);
    }
    const json found = in_words(decision);
    INFO(found);
    CHECK((found == expected));
  }
}

TEST_CASE("PAG-L2-01: nPT12 is walked as L1's processor would", "[paging][PAG-L2-01]") {
  SECTION("in the format that L1's registers say") {
    for (const unsigned levels : {4U, 5U}) {
      l2_machine machine({.npt12_levels = levels});
      const auto result = listen(machine, on_final | by_read);
      CHECK(result.decision.what == install);
      CHECK(result.heard.reads.size() == (levels + 1) * 5 - 1);
    }
    l2_machine machine;
    machine.vmcb12.host.efer &= ~efer_nxe;  // L1 without NX: the bit is reserved, although L0 has NX
    machine.in_npt12(1) |= no_execute;
    CHECK(machine.resolve(on_final | by_read).exit_info_1 == (on_final | 0xd));
  }
  SECTION("CR0.WP does not count") {
    l2_machine machine;
    machine.vmcb12.host.cr0 &= ~cr0_wp;
    machine.in_npt12(1) &= ~writable;
    CHECK(machine.resolve(on_final | by_write).exit_info_1 == (on_final | 0x7));
  }
  SECTION("protection keys, SMEP and SMAP do not count") {
    l2_machine machine;
    machine.vmcb12.host.cr4 |= cr4_pke | cr4_smap | cr4_smep;
    machine.in_npt12(1) |= bit_at(59);
    for (const auto bits : {by_read, by_write, by_fetch}) CHECK(machine.resolve(on_final | bits).what == install);
  }
  SECTION("the access is what EXITINFO1 says") {
    using enum access_kind;
    const auto kind = [](std::uint64_t bits) { return paging::l2_nested_fault{.exit_info_1 = bits}.kind(); };
    CHECK(kind(by_read) == read);
    CHECK(kind(by_write) == write);
    CHECK(kind(by_fetch) == execute);
    CHECK(kind(by_read | 0x40) == shadow_stack_read);
    CHECK(kind(by_write | 0x40) == shadow_stack_write);
  }
  SECTION("32-bit tables with their 4M pages") {
    l2_machine machine;
    machine.vmcb12.host.efer &= ~std::uint64_t{0xd00};
    machine.vmcb12.host.cr4 = 0x10;
    machine.memory.put(0x8100'0000 + 4 * 8, std::uint64_t{0x4240'00e7} << 32);  // entry 9 of the directory
    machine.data = {0x0255'5cc8};
    machine.map_l1(0x4255'5cc8);
    const auto decision = machine.resolve(on_final | by_read);
    CHECK(decision.what == install);
    CHECK(decision.leaf.size == page_size::k4k);
    CHECK(decision.leaf.where == spa{0xc255'5000});
  }
}

TEST_CASE("PAG-L2-02: what hardware knows is hardware's", "[paging][PAG-L2-02]") {
  l2_machine machine;
  machine.in_npt12(2) &= ~present;
  for (const auto& [hardware, expected] : {std::pair{on_final | by_write | 1, on_final | 0x6},
                                           {on_table | by_write | 1, on_table | 0x6},
                                           {on_final | by_fetch | 9, on_final | 0x14},
                                           {on_final | by_read | 0x8000'0001, on_final | 0x4}}) {
    const auto decision = machine.resolve(hardware);
    CHECK(decision.what == reflect_to_l1);
    CHECK(decision.decided_by == rule::PAG_L2_02);
    CHECK(decision.because == rule::PAG_ENT_02);
    CHECK(decision.exit_code == 0x400);
    CHECK(decision.exit_info_1 == expected);
    CHECK(decision.exit_info_2 == machine.data.value);
  }
  // The walk for an entry of gPT2 ignores NX and needs W, as L1's own would.
  l2_machine other;
  other.in_npt12(1) &= ~writable;
  CHECK(other.resolve(on_table | by_write).because == rule::PAG_NPT_11);
  CHECK(other.resolve(on_final | by_write).because == rule::PAG_NPF_02);
  other.make_l2_sev();
  CHECK(other.resolve(on_final | by_write | bit_at(34)).exit_info_1 == (on_final | bit_at(34) | 0x7));
}

TEST_CASE("PAG-L2-02: the decision alone, from what walks have found", "[paging][PAG-L2-02][PAG-L2-04]") {
  context<> ctx;
  const fault walked = nested_fault(rule::PAG_ENT_02, on_final | by_read, 0x1234);
  const auto reflected = paging::decide_l1_failure(ctx, walked, on_table | bit_at(36) | 0x8000'0007, false);
  CHECK(reflected.exit_info_1 == (on_table | by_read));  // 33:32 are hardware's, 31:0 the walk's, nothing else
  CHECK(reflected.exit_info_2 == 0x1234);

  // What nPT01 says does not matter once nPT12 has refused.
  const paging::l2_nested_fault exit{.where = {0x1234}, .exit_info_1 = on_table | by_write};
  const outcome<paging::mapping<system_physical>> nowhere = std::unexpected{fault{fault_kind::no_memory}};
  const outcome<paging::mapping<system_physical>> somewhere = paging::mapping<system_physical>{};
  for (const auto& npt01 : {nowhere, somewhere})
    for (const bool mmio : {false, true})
      CHECK(paging::decide_l2_fault(ctx, exit, std::unexpected{walked}, mmio, npt01, false) ==
            paging::decide_l1_failure(ctx, walked, exit.exit_info_1, false));
}

TEST_CASE("PAG-L2-03: L0's own troubles stay with L0", "[paging][PAG-L2-03]") {
  SECTION("on the page") {
    l2_machine machine;
    machine.in_npt01(1) &= ~present;
    const auto decision = machine.resolve(on_final | by_read);
    CHECK(decision.what == l0_fix);
    CHECK(decision.decided_by == rule::PAG_L2_03);
    CHECK(decision.because == rule::PAG_ENT_02);
    CHECK(decision.l1_address == machine.data_in_l1());
    CHECK(decision.exit_code == 0);
  }
  SECTION("on each table of nPT12") {
    for (unsigned level = 1; level <= 4; ++level) {
      l2_machine machine;
      machine.in_npt01(machine.npt12_gpa(level), 1) &= ~present;
      // L1's failure further down is not known yet.
      machine.in_npt12(1) &= ~(level == 1 ? 0 : present);
      const auto decision = machine.resolve(on_final | by_read);
      CHECK(decision.what == l0_fix);
      CHECK(decision.l1_address == gpa{machine.npt12_gpa(level)});
      CHECK(decision.because == rule::PAG_ENT_02);
    }
  }
  SECTION("fixed, the walk goes on") {
    l2_machine machine;
    const std::uint64_t table = machine.npt12_gpa(2);
    machine.in_npt01(table, 1) &= ~present;
    context<> ctx;
    machine.with(ctx, machine.memory, [&](auto& l1, const auto& l2) {
      const paging::l2_nested_fault exit{.where = machine.data, .exit_info_1 = on_final | by_read};
      CHECK(paging::resolve_l2_fault(ctx, l1, l2, exit).what == l0_fix);
      CHECK(l1.obstacle() == paging::l1_obstacle{{table}, access_kind::read, l1.obstacle()->reason});
      CHECK_FALSE(l1.read_qword({machine.npt12_gpa(4)}, {}).has_value());  // until somebody clears it
      machine.in_npt01(table, 1) |= present;
      CHECK(paging::resolve_l2_fault(ctx, l1, l2, exit).what == install);
    });
  }
  SECTION("no memory at all") {
    l2_machine machine;
    machine.in_npt12(2) = 0x5000'0000 | all_rights | accessed;  // a table in a page that L0 maps to nothing
    machine.map_l1(0x5000'0000 + 8 * (machine.data.value >> 12 & 511));
    const auto decision = machine.resolve(on_final | by_read);
    CHECK(decision.what == no_memory);
    CHECK(decision.l1_address == gpa{0x5000'0000 + 8 * (machine.data.value >> 12 & 511)});
  }
  SECTION("no table of L0's answers for the page") {
    l2_machine machine;
    machine.in_npt12(1) = 0x7000'0000'0000 | all_rights | accessed | dirty;
    CHECK(machine.resolve(on_final | by_read).what == no_memory);
  }
}

TEST_CASE("PAG-L2-04: L1's failure wins", "[paging][PAG-L2-04]") {
  const std::uint64_t spoilt[] = {0, present | user, present | writable, all_rights | no_execute,
                                  all_rights | bit_at(50)};
  for (const std::uint64_t l1 : spoilt)
    for (const std::uint64_t l0 : spoilt)
      for (const auto bits : {by_read, by_write, by_fetch}) {
        l2_machine both, only_l1;
        both.in_npt12(1) = only_l1.in_npt12(1) = (both.in_npt12(1) & ~attribute_bits) | l1;
        both.in_npt01(1) = (both.in_npt01(1) & ~attribute_bits) | l0;
        const auto decision = both.resolve(on_final | bits);
        const auto alone = only_l1.resolve(on_final | bits);
        if (alone.what == reflect_to_l1) CHECK(decision == alone);
        else CHECK(decision.what != reflect_to_l1);
      }
}

TEST_CASE("PAG-L2-05: the composed leaf", "[paging][PAG-L2-05]") {
  for (unsigned l1 = 1; l1 <= 3; ++l1)
    for (unsigned l0 = 1; l0 <= 3; ++l0) {
      l2_machine machine({.guest_leaf = 3, .npt12_leaf = l1, .npt01_leaf = l0});
      const auto leaf = machine.resolve(on_final | by_read).leaf;
      CHECK(leaf.size == paging::detail::size_of_page(12 + 9 * (std::min(l1, l0) - 1)));
      CHECK(leaf.where == page_base(machine.data_in_memory(), leaf.size));
      CHECK(leaf.writable);
      CHECK_FALSE(leaf.no_execute);
    }
  context<> ctx;
  paging::mapping<guest_physical> big1{.size = page_size::k1g, .leaf = {dirty}};
  const paging::mapping<system_physical> big0{.where = {0x4567'89ab}, .size = page_size::k1g, .c = true};
  const auto kind = access_kind::read;
  CHECK(paging::compose_leaf(ctx, big1, big0, kind) ==
        paging::shadow_leaf{.where = {0x4000'0000}, .size = page_size::k1g, .writable = true, .c = true});
  // An RMP entry may be smaller than both.
  CHECK(paging::compose_leaf(ctx, big1, big0, kind, page_size::k2m).where == spa{0x4560'0000});
  big1.size = page_size::k4m;
  CHECK(paging::compose_leaf(ctx, big1, big0, kind).size == page_size::k2m);

  // As an entry of nPT02.
  paging::nested_regime npt02;
  npt02.c_mask = bit_at(51);
  npt02.above_width = bit_at(45);
  CHECK(paging::entry_for({.where = {0x1000}, .size = page_size::k4k}, npt02).raw == 0x1005);
  CHECK(paging::entry_for(
            {.where = {0x20'0000}, .size = page_size::k2m, .writable = true, .no_execute = true, .c = true}, npt02)
            .raw == (bit_at(63) | bit_at(51) | 0x20'0087));
  CHECK(paging::entry_for({.reserved_bit_set = true}, npt02).raw == (bit_at(45) | 5));
}

TEST_CASE("PAG-L2-06: A and D of nPT12", "[paging][PAG-L2-06]") {
  const auto fresh = [] {
    l2_machine machine;
    for (unsigned level = 1; level <= 4; ++level) machine.in_npt12(level) &= ~(accessed | dirty);
    return machine;
  };
  SECTION("a read sets A, and the page is installed read-only until D is set") {
    l2_machine machine = fresh();
    const auto first = machine.resolve(on_final | by_read);
    CHECK(first.what == install);
    CHECK_FALSE(first.leaf.writable);
    for (unsigned level = 1; level <= 4; ++level) CHECK((machine.in_npt12(level) & (accessed | dirty)) == accessed);
    const auto second = machine.resolve(on_final | by_write | present);
    CHECK(second.what == install);
    CHECK(second.leaf.writable);
    CHECK((machine.in_npt12(1) & dirty) != 0);
    CHECK(machine.resolve(on_final | by_read).leaf.writable);
  }
  SECTION("a refused access sets nothing in the leaf") {
    l2_machine machine = fresh();
    machine.in_npt12(1) &= ~writable;
    CHECK(machine.resolve(on_final | by_write).what == reflect_to_l1);
    CHECK((machine.in_npt12(1) & (accessed | dirty)) == 0);
  }
  SECTION("entries of gPT2 are written") {
    l2_machine machine = fresh();
    CHECK(machine.resolve(on_table | by_write).leaf.writable);
    CHECK((machine.in_npt12(1) & dirty) != 0);
  }
  SECTION("nPT01 is only looked at") {
    l2_machine machine;
    for (unsigned level = 1; level <= 4; ++level) machine.in_npt01(level) &= ~(accessed | dirty);
    const cells before = machine.memory;
    CHECK(machine.resolve(on_final | by_write).leaf.writable);
    CHECK((machine.memory == before));
    // Nor is anything logged, although page-modification logging would for L1.
    machine.part.pml = true;
    machine.vmcb01.np_control |= paging::np_control::pml::mask;
    CHECK(machine.resolve(on_final | by_write).what == install);
    CHECK((machine.memory == before));
  }
  SECTION("a table that nPT01 write-protects") {
    for (const auto policy : {ad_update::eager, ad_update::deferred}) {
      l2_machine machine = fresh();
      machine.choices.ad_policy = policy;
      machine.in_npt01(machine.npt12_gpa(1), 1) &= ~writable;
      recorder heard;
      recording_context ctx{.rules = {}, .choices = machine.choices, .listener = heard};
      const paging::l2_nested_fault exit{.where = machine.data, .exit_info_1 = on_final | by_read};
      const auto decision = machine.resolve(ctx, machine.memory, exit);
      CHECK(decision.what == l0_fix);
      CHECK(decision.because == rule::PAG_NPF_02);
      CHECK(decision.l1_address == gpa{machine.npt12_gpa(1)});
      CHECK((machine.in_npt12(1) & accessed) == 0);
      for (const table_update& update : heard.updates) CHECK(update.where != spa{machine.npt12_gpa(1)});
      // An L0 that did it to watch L1's tables updates them itself.
      machine.reader = paging::l1_reader::shadowing_hypervisor;
      CHECK(machine.resolve(on_final | by_read).what == install);
      CHECK((machine.in_npt12(1) & accessed) != 0);
    }
  }
  SECTION("memory that cannot be written") {
    l2_machine machine = fresh();
    const cells before = machine.memory;
    read_only unwritten(machine.memory);
    context<> ctx;
    CHECK(machine.resolve(ctx, unwritten, {.where = machine.data, .exit_info_1 = on_final | by_write}).leaf.writable);
    CHECK((machine.memory == before));
  }
}

TEST_CASE("PAG-L2-07: a #PF of L2 is L2's", "[paging][PAG-L2-07]") {
  l2_machine machine;
  machine.in_gpt2(2) &= ~user;
  const auto mine = machine.emulate(user_write).error();
  CHECK(mine.what == fault_in_l2);
  CHECK(mine.decided_by == rule::PAG_L2_07);
  CHECK(mine.raised == page_fault(rule::PAG_PERM_01, 0x7, machine.where.value));
  CHECK_FALSE(mine.leaf.reserved_bit_set);
  const auto intercepted = machine.emulate(user_write, true).error();
  CHECK(intercepted.what == reflect_to_l1);
  CHECK(intercepted.exit_code == 0x4e);
  CHECK(intercepted.exit_info_1 == 0x7);
  CHECK(intercepted.exit_info_2 == machine.where.value);
  // nPT12 for the page is not even looked at.
  machine.in_npt12(1) = 0;
  CHECK(machine.emulate(user_write).error() == mine);
  // #GP is nobody else's.
  machine.where.value |= bit_at(60);
  for (const bool intercepts : {false, true}) {
    const auto other = machine.emulate(user_write, intercepts).error();
    CHECK(other.what == fault_in_l2);
    CHECK(other.raised.kind == fault_kind::gp);
    CHECK(other.decided_by == rule::PAG_CAN_01);
  }
}

TEST_CASE("PAG-L2-08: gPT2 walked in software", "[paging][PAG-L2-08]") {
  SECTION("through nPT12 to the L1 gPA") {
    l2_machine machine;
    const auto found = machine.emulate(user_read);
    REQUIRE(found.has_value());
    CHECK(found->in_l2.where == machine.data);
    CHECK(found->in_l1.where == machine.data_in_l1());
  }
  SECTION("each entry is a user write, reported with bit 33") {
    for (unsigned level = 1; level <= 4; ++level) {
      l2_machine machine;
      machine.npt12_for_table(level, 1) &= ~writable;
      const auto decision = machine.emulate(user_read).error();
      CHECK(decision.what == reflect_to_l1);
      CHECK(decision.because == rule::PAG_NPT_11);
      CHECK(decision.exit_info_1 == (on_table | 0x7));
      CHECK(decision.exit_info_2 == machine.gpt2_gpa(level));
    }
    l2_machine clean;
    clean.npt12_for_table(2, 1) &= ~dirty;
    CHECK(clean.emulate(user_read).has_value());
    CHECK((clean.npt12_for_table(2, 1) & dirty) != 0);
  }
  SECTION("the page itself is reported with bit 32") {
    l2_machine machine;
    machine.in_npt12(1) &= ~writable;
    CHECK(machine.emulate(user_read).has_value());
    const auto decision = machine.emulate(user_write).error();
    CHECK(decision.exit_info_1 == (on_final | 0x7));
    CHECK(decision.exit_info_2 == machine.data.value);
  }
  SECTION("what nPT01 refuses is L0's") {
    l2_machine machine;
    const std::uint64_t table = machine.gpt2_gpa(3) + l2_machine::l2_at;
    machine.in_npt01(table, 1) &= ~present;
    const auto decision = machine.emulate(user_read).error();
    CHECK(decision.what == l0_fix);
    CHECK(decision.l1_address == gpa{table});
  }
}

TEST_CASE("PAG-L2-13: a reserved bit in nPT12 is #VC in an L2 with encrypted state", "[paging][PAG-L2-13]") {
  for (const auto hardware : {on_final | by_read, on_table | by_write}) {
    l2_machine machine;
    machine.in_npt12(1) |= bit_at(50);
    CHECK(machine.resolve(hardware).what == reflect_to_l1);
    machine.make_l2_sev();
    CHECK(machine.resolve(hardware).what == reflect_to_l1);
    machine.make_l2_sev(true);
    const auto decision = machine.resolve(hardware);
    CHECK(decision.what == fault_in_l2);
    CHECK(decision.raised == fault{fault_kind::vc, rule::PAG_L2_13, 0x400, 0});
    CHECK(decision.leaf.reserved_bit_set);
    CHECK(decision.because == rule::PAG_RSV_02);
    // Other failures are reflected as usual.
    machine.in_npt12(1) = 0;
    CHECK(machine.resolve(hardware).what == reflect_to_l1);
    machine.in_npt12(1) = 0x4234'5000 | present | writable | accessed | dirty;
    CHECK(machine.resolve(hardware).what == reflect_to_l1);
  }
  // In a walk of gPT2, too.
  l2_machine machine;
  machine.npt12_for_table(2, 1) |= bit_at(50);
  machine.make_l2_sev(true);
  CHECK(machine.emulate(user_read).error().raised.kind == fault_kind::vc);
}

TEST_CASE("PAG-L2-13: the reserved entry in nPT02 raises it", "[paging][PAG-L2-13]") {
  l2_machine machine;
  machine.make_l2_sev(true);
  machine.in_npt12(1) |= bit_at(50);
  const auto decision = machine.resolve(on_final | by_read);

  // nPT02 as hardware uses it for L2, whose own tables lie where `guest_machine` puts them.
  guest_machine shadowed;
  shadowed.make_sev(true);
  context<> ctx;
  const auto regime = paging::make_two_stage_regime(ctx, shadowed.part, shadowed.state);
  shadowed.for_data(1) = paging::entry_for(decision.leaf, regime->nested).raw;
  const auto raised = shadowed.fault_of(user_read);
  REQUIRE(raised.has_value());
  CHECK(raised->kind == fault_kind::vc);
  CHECK(raised->code == 0x400);
}

TEST_CASE("PAG-L2-14: RMP faults that no stale shadow explains are L1's", "[paging][PAG-L2-14]") {
  l2_machine machine;
  machine.make_l2_sev(true);
  // SEV-SNP in both machines: L0's own lookups are not the guest's, so no Reverse Map Table is asked.
  machine.vmcb12.syscfg |= paging::syscfg::secure_nested_paging_en::mask;
  machine.vmcb12.sev_features = 1;
  machine.vmcb01.syscfg |= encryption_on | paging::syscfg::secure_nested_paging_en::mask;
  const std::uint64_t info = on_final | bit_at(36) | bit_at(34) | 0x8000'0007;
  const auto fresh = machine.resolve(on_final | by_write).leaf;
  context<> ctx;
  const auto resolve = [&](std::uint64_t exit_info_1, std::optional<paging::shadow_leaf> installed) {
    return machine.resolve(ctx, machine.memory,
                           {.where = machine.data, .exit_info_1 = exit_info_1, .installed = installed});
  };
  const auto reflected = resolve(info, fresh);
  CHECK(reflected.what == reflect_to_l1);
  CHECK(reflected.decided_by == rule::PAG_L2_14);
  CHECK(reflected.exit_info_1 == info);
  CHECK(reflected.exit_info_2 == machine.data.value);
  CHECK(resolve(info, std::nullopt).what == install);  // the shadow was missing
  auto stale = fresh;
  stale.where.value += 0x1000;
  CHECK(resolve(info, stale).what == install);
  CHECK(resolve(info & ~std::uint64_t{0x8000'0000}, fresh).what == install);  // no RMP fault
  machine.in_npt12(1) = 0;                                                    // L1 has unmapped the page meanwhile
  CHECK(resolve(info, fresh).decided_by == rule::PAG_L2_02);
}

TEST_CASE("every guard and effect of nested composition makes a difference", "[paging][coverage]") {
  std::set<rule> wanted;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && std::string(row.name).starts_with("PAG-L2")) wanted.insert(row.id);
  CHECK(wanted.size() == 8);
  const shown_rules shown = shown_by(l2_scenarios());
  check_all_shown(shown, wanted);
  CHECK(shown.load_bearing == wanted);
}
