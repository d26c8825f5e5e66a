// SPDX-License-Identifier: MIT
// The walk of three tables that no hardware makes: its reads, its keys.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <sevspec/paging/reference_count.hpp>
#include <support/l2_scenarios.hpp>
#include <support/vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;

/// The shape of a walk that reads so many entries of each table.
auto shape_of(unsigned guest, unsigned npt12, unsigned npt01) -> l2_shape {
  const auto levels = [](unsigned reads) { return reads == 0 ? 0U : std::max(reads, 4U); };
  const auto leaf = [](unsigned reads) { return reads == 0 || reads >= 4 ? 1U : 5 - reads; };
  return {levels(guest), leaf(guest), levels(npt12), leaf(npt12), levels(npt01), leaf(npt01)};
}

}  // namespace

TEST_CASE("PAG-CNT-03: counted reads, the formula and the published table agree", "[paging][PAG-CNT-03]") {
  const json file = load_vectors();
  const json& rows = file.at("reference_counts").at("three_stage");
  REQUIRE(rows.size() == 7);
  for (const json& row : rows) {
    INFO(row);
    const unsigned g = row.at("l2_guest_tables_read");
    const unsigned n1 = row.at("l1_nested_tables_read");
    const unsigned n0 = row.at("l0_nested_tables_read");
    CHECK(paging::table_reads(g, n1, n0) == row.at("refs"));

    l2_machine machine(shape_of(g, n1, n0));
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const auto found = machine.walk(ctx, machine.memory, user_write);
    REQUIRE(found.has_value());
    CHECK(found->page.where == machine.data_in_memory());
    CHECK(found->in_l1.where == machine.data_in_l1());
    CHECK(found->in_l2.where == machine.data);
    CHECK(heard.reads.size() == row.at("refs"));
    CHECK(heard.reads_of(stage::guest) == g);
  }
}

TEST_CASE("PAG-CNT-03: all shapes", "[paging][PAG-CNT-03]") {
  unsigned shapes = 0;
  for (const unsigned g : {0U, 2U, 3U, 4U, 5U})
    for (const unsigned n1 : {2U, 3U, 4U, 5U})
      for (const unsigned n0 : {2U, 3U, 4U, 5U}) {
        l2_machine machine(shape_of(g, n1, n0));
        recorder heard;
        recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
        const auto found = machine.walk(ctx, machine.memory, user_read);
        REQUIRE(found.has_value());
        CHECK(found->page.where == machine.data_in_memory());
        CHECK(heard.reads.size() == paging::table_reads(g, n1, n0));
        CHECK(found->size == std::min({found->in_l2.size, found->in_l1.size, found->page.size}));
        ++shapes;
      }
  CHECK(shapes == 80);
  static_assert(paging::table_reads(4, 4, 4) == 124 && paging::table_reads(5, 5, 5) == 215);
}

TEST_CASE("PAG-CNT-03: what a shadow costs instead", "[paging][PAG-CNT-03]") {
  l2_machine machine;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  (void)machine.resolve(ctx, machine.memory, {.where = machine.data, .exit_info_1 = on_final | by_read});
  CHECK(heard.reads.size() == paging::table_reads(4, 4));
}

TEST_CASE("hardware that walked three tables would use L1's key for what L1 calls private", "[paging][PAG-L2C-04]") {
  const std::uint64_t c = bit_at(51);
  for (const bool by_model : {false, true}) {
    l2_machine machine;
    machine.choices.nested_key_model = by_model ? l2_key_model::three_stage : l2_key_model::shadow_hw;
    machine.make_l1_sev();
    machine.in_npt12(1) |= c;
    CHECK(machine.walk(user_read)->key == (by_model ? memory_key::guest({5}) : memory_key::none()));
    machine.in_npt12(1) &= ~c;
    CHECK(machine.walk(user_read)->key == memory_key::none());
    machine.in_npt01(1) |= c;
    CHECK(machine.walk(user_read)->key == memory_key::host());
    machine.make_l2_sev();
    CHECK(machine.walk(user_fetch)->key == memory_key::guest({7}));
    CHECK(machine.walk(user_read)->key == memory_key::host());
    machine.in_gpt2(1) |= c;
    CHECK(machine.walk(user_read)->key == memory_key::guest({7}));
  }
}

TEST_CASE("three stages: the keys of table reads", "[paging][PAG-L2C-04]") {
  const std::uint64_t c = bit_at(51);
  // nPT12 in L1's private memory: every pointer to one of its tables says so.
  l2_machine machine;
  machine.make_l1_sev();
  machine.vmcb12.ncr3 |= c;
  for (unsigned level = 2; level <= 4; ++level) {
    machine.in_npt12(level) |= c;
    for (unsigned table = 1; table <= 4; ++table) machine.npt12_for_table(table, level) |= c;
  }
  sealed memory{machine.memory, 0x8100'0000, 0x8110'0000, memory_key::guest({5})};
  // `sealed` stores what `cells` holds as plaintext of the owner.
  context<> ctx;
  CHECK(machine.walk(ctx, memory, user_read).has_value());
  machine.vmcb12.ncr3 &= ~c;
  CHECK_FALSE(machine.walk(ctx, memory, user_read).has_value());

  // gPT2 of an L2 with SEV has L2's key.
  l2_machine other;
  other.make_l2_sev();
  sealed guest_tables{other.memory, 0xc001'0000, 0xc002'0000, memory_key::guest({7})};
  CHECK(other.walk(ctx, guest_tables, user_read).has_value());
  sealed of_another{other.memory, 0xc001'0000, 0xc002'0000, memory_key::guest({5})};
  CHECK_FALSE(other.walk(ctx, of_another, user_read).has_value());
  // L0's software cannot read them.
  other.reader = paging::l1_reader::hypervisor;
  CHECK_FALSE(other.emulate(ctx, guest_tables, user_read).has_value());
}

TEST_CASE("three stages: faults, and A and D bits of all tables", "[paging][PAG-CNT-03]") {
  l2_machine machine;
  machine.in_npt01(1) &= ~writable;
  CHECK(fault_of(machine.walk(user_write)) ==
        nested_fault(rule::PAG_NPF_02, 0x1'0000'0007, machine.data_in_l1().value));
  // To nPT01 an entry of nPT12 or gPT2 is a user write.
  l2_machine tables;
  tables.in_npt01(tables.npt12_gpa(1), 1) &= ~writable;
  CHECK(fault_of(tables.walk(user_read)) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0007, tables.npt12_gpa(1)));
  l2_machine reserved;
  reserved.in_npt12(1) |= bit_at(50);
  CHECK(fault_of(reserved.walk(user_read)) == nested_fault(rule::PAG_RSV_02, 0x1'0000'000d, reserved.data.value));
  reserved.make_l2_sev(true);
  CHECK(fault_of(reserved.walk(user_read)) == fault{fault_kind::vc, rule::PAG_NPF_12, 0x400, 0});

  l2_machine clean;
  for (unsigned level = 1; level <= 4; ++level) {
    clean.in_gpt2(level) &= ~(accessed | dirty);
    clean.in_npt12(level) &= ~(accessed | dirty);
    clean.in_npt01(level) &= ~(accessed | dirty);
  }
  REQUIRE(clean.walk(user_write).has_value());
  for (unsigned level = 1; level <= 4; ++level) {
    const std::uint64_t expected = level == 1 ? accessed | dirty : accessed;
    CHECK((clean.in_gpt2(level) & (accessed | dirty)) == expected);
    CHECK((clean.in_npt12(level) & (accessed | dirty)) == expected);
    CHECK((clean.in_npt01(level) & (accessed | dirty)) == expected);
  }
}
