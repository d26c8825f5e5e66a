// SPDX-License-Identifier: MIT
#include <map>
#include <string>

#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>
#include <support/vectors.hpp>

#include <sevspec/memory/key_selection.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
const auto no_key = memory_key::none();
const auto host_key = memory_key::host();
const auto guest_key = memory_key::guest({5});

/// A walk that must succeed, and what was heard of it.
struct heard_walk {
  recorder heard;
  paging::guest_translation found;
};
auto listen(guest_machine& guest, const memory_access& why) -> heard_walk {
  heard_walk result;
  recording_context ctx{.rules = {}, .choices = guest.choices, .listener = result.heard};
  const auto found = guest.run(ctx, why);
  REQUIRE(found.has_value());
  result.found = *found;
  REQUIRE(result.heard.finals.size() == 1);
  CHECK(result.heard.finals[0].key == found->key);
  CHECK(result.heard.finals[0].where == found->page.where);
  return result;
}

auto sev_guest() -> guest_machine {
  guest_machine guest;
  guest.make_sev();
  return guest;
}

using keys = std::set<memory_key>;

}  // namespace

TEST_CASE("the published table of keys", "[paging][PAG-KEY-01][PAG-KEY-02][PAG-KEY-03][PAG-KEY-04][PAG-KEY-05]"
                                         "[PAG-KEY-06][PAG-KEY-07][PAG-KEY-08][PAG-KEY-09]") {
  // One walk for every row, with the row's C-bits in the tables.
  std::map<std::string, unsigned> rows;
  const nlohmann::json file = load_vectors();
  for (const auto& row : file.at("encryption_decision").at("rows")) {
    INFO(row);
    const auto on = [&](const char* name) { return row.at(name).template get<int>() != 0; };
    const std::string access = row.at("acc");
    if (on("vte") || !row.value("vtom", nlohmann::json(nullptr)).is_null()) {
      ++rows["virtual TOM or VTE: not modelled"];
      continue;
    }
    const memory_access why = access == "fetch" ? user_fetch : user_read;
    // Without memory encryption the C-bit would be reserved: rows of that kind say that it selects nothing.
    const bool encryption = on("memenc");
    const std::uint64_t c = encryption ? c_bit : 0;
    memory_key key = no_key;
    if (row.at("mode") == "host") {
      host_machine host;
      host.syscfg = encryption ? encryption_on : 0;
      if (!on("gpaging")) host.regs.cr0 &= ~cr0_pg;
      if (on("gC")) host.leaf() |= c;
      const auto found = host.run(why);
      REQUIRE(found.has_value());
      key = found->key;
      ++rows["host"];
    } else {
      guest_machine guest({.guest_levels = on("gpaging") ? 4U : 0U});
      guest.state.syscfg = encryption ? encryption_on : 0;
      guest.state.np_control |= (on("sev") ? 2U : 0U) | (on("es") ? 4U : 0U);
      // A guest without SEV has no C-bit: there it would be a reserved bit.
      const std::uint64_t guest_c = on("sev") ? c : 0;
      if (access == "npt") {
        if (on("nC")) guest.for_data(3) |= c;
        const heard_walk walk = listen(guest, why);
        key = *walk.heard.keys(stage::nested, 2).begin();
        ++rows["nested tables"];
      } else if (access == "gpt") {
        if (on("gC")) guest.in_guest(2) |= guest_c;
        if (on("nC")) guest.for_table(1, 1) |= c;
        const heard_walk walk = listen(guest, why);
        key = *walk.heard.keys(stage::guest, 1).begin();
        ++rows["guest tables"];
      } else {
        if (on("gC") && on("gpaging")) guest.in_guest(1) |= guest_c;
        if (on("nC")) guest.for_data(1) |= c;
        key = listen(guest, why).found.key;
        ++rows["guest " + access];
      }
    }
    CHECK(name_of(key) == row.at("key").get<std::string>());
    if (row.at("key") == "guest") CHECK(key == guest_key);
  }
  for (const auto& [kind, count] : rows) UNSCOPED_INFO(count << " rows: " << kind);
  CHECK((rows == std::map<std::string, unsigned>{{"host", 7},
                                                 {"guest data", 11},
                                                 {"guest fetch", 9},
                                                 {"guest tables", 8},
                                                 {"nested tables", 8},
                                                 {"virtual TOM or VTE: not modelled", 15}}));
}

TEST_CASE("PAG-SYSCFG-02: with memory encryption off there is no SEV", "[paging][PAG-SYSCFG-02][PAG-KEY-01]") {
  guest_machine guest;
  guest.state.np_control |= 6;
  const heard_walk walk = listen(guest, user_fetch);
  CHECK(walk.found.key == no_key);
  CHECK_FALSE(walk.found.effective_c);
  for (const table_read& read : walk.heard.reads) CHECK(read.key == no_key);
  // The C-bit position is an ordinary, here reserved, bit in every table.
  for (unsigned level = 1; level <= 4; ++level) {
    guest_machine marked;
    marked.state.np_control |= 6;
    marked.in_guest(level) |= c_bit;
    CHECK(marked.fault_of(user_read) == page_fault(rule::PAG_RSV_02, 0xd, marked.where.value));
  }
  guest_machine marked;
  marked.state.np_control |= 6;
  marked.for_data(1) |= c_bit;
  // And no SEV-ES either: the nested reserved-bit fault is an #NPF.
  CHECK(marked.fault_of(user_read) == nested_fault(rule::PAG_RSV_02, 0x1'0000'000d, marked.final_gpa.value));
}

TEST_CASE("PAG-SEVEN-02: who is SEV-active and SEV-ES-active", "[paging][PAG-SEVEN-02]") {
  context<> ctx;
  for (const bool encryption : {false, true}) {
    for (const std::uint64_t control : {0U, 2U, 4U, 6U}) {
      guest_machine guest;
      guest.state.syscfg = encryption ? encryption_on : 0;
      guest.state.np_control |= control;
      const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
      REQUIRE(regime.has_value());
      const bool sev = encryption && (control & 2) != 0;
      CHECK(regime->sev_active == sev);
      CHECK(regime->sev_es_active == (sev && (control & 4) != 0));
      CHECK(regime->guest.c_mask == (sev ? c_bit : 0));
      CHECK(regime->nested.c_mask == (encryption ? c_bit : 0));
    }
  }
}

TEST_CASE("PAG-ENC-01: each C-bit speaks of what its entry points to",
          "[paging][PAG-ENC-01][PAG-KEY-02][PAG-ENC-CR3]") {
  // Every assignment of C to CR3 and the four entries.
  for (unsigned assignment = 0; assignment < 32; ++assignment) {
    host_machine host;
    host.syscfg = encryption_on;
    if (assignment & 1) host.regs.cr3 |= c_bit;
    for (unsigned level = 4; level >= 1; --level)
      if (assignment >> (5 - level) & 1) host.at(level) |= c_bit;
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const auto found = host.run(ctx, user_read);
    REQUIRE(found.has_value());
    REQUIRE(heard.reads.size() == 4);
    for (unsigned i = 0; i < 4; ++i) CHECK(heard.reads[i].key == (assignment >> i & 1 ? host_key : no_key));
    CHECK(found->key == (assignment >> 4 & 1 ? host_key : no_key));
    CHECK(found->page.c == (assignment >> 4 & 1));
    CHECK(found->page.where == spa{0x0234'5cc8});
  }
}

TEST_CASE("PAG-ENC-02: the C-bit is no part of an address", "[paging][PAG-ENC-02]") {
  // Also where it lies below the width: C-bit 47 of 48.
  for (const unsigned position : {47U, 51U}) {
    for (const unsigned leaf : {1U, 2U, 3U}) {
      host_machine host(4, leaf);
      host.part.c_bit = position;
      host.syscfg = encryption_on;
      host.regs.cr3 |= bit_at(position);
      for (unsigned level = leaf; level <= 4; ++level) host.at(level) |= bit_at(position);
      const auto found = host.run(user_read);
      REQUIRE(found.has_value());
      CHECK(found->page.where.value == data_byte(leaf));
      CHECK(found->key == host_key);
    }
  }
}

TEST_CASE("PAG-NPT-19: the gPA goes to the nested walk without the C-bit",
          "[paging][PAG-NPT-19][PAG-ENC-02][PAG-NPF-05]") {
  for (const unsigned position : {47U, 51U}) {
    guest_machine guest;
    guest.part.c_bit = position;
    guest.make_sev();
    guest.state.guest.cr3 |= bit_at(position);
    for (unsigned level = 1; level <= 4; ++level) guest.in_guest(level) |= bit_at(position);
    const auto found = guest.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->in_guest.where == guest.final_gpa);
    CHECK(found->in_guest.c);
    CHECK(found->page.where.value == guest.final_gpa.value + guest_machine::guest_at);
    // EXITINFO2 has no C-bit either; bit 34 says that the access was encrypted.
    guest.for_data(1) = 0;
    CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x5'0000'0004, guest.final_gpa.value));
    guest.for_table(4, 1) = 0;
    CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x6'0000'0006, guest.gpa_of(4)));
  }
}

TEST_CASE("PAG-ENC-CR3: where the C-bit is legal in a root", "[paging][PAG-ENC-CR3]") {
  context<> ctx;
  const auto refused_as = [](const auto& regime) { return regime ? rule::none : regime.error().decided_by; };
  auto regs = paging::long_mode_registers(0x10000 | c_bit);
  CHECK(refused_as(paging::make_host_regime(ctx, test_part, regs, 0)) == rule::PAG_CR3_03);
  CHECK(refused_as(paging::make_host_regime(ctx, test_part, regs, encryption_on)) == rule::none);

  for (const bool encryption : {false, true}) {
    for (const bool sev : {false, true}) {
      guest_machine guest;
      guest.state.syscfg = encryption ? encryption_on : 0;
      guest.state.np_control |= sev ? 2U : 0U;
      paging::guest_entry_state in_gcr3 = guest.state;
      in_gcr3.guest.cr3 |= c_bit;
      CHECK(refused_as(paging::make_two_stage_regime(ctx, test_part, in_gcr3)) ==
            (encryption && sev ? rule::none : rule::PAG_CR3_03));
      paging::guest_entry_state in_ncr3 = guest.state;
      in_ncr3.ncr3 |= c_bit;
      CHECK(refused_as(paging::make_two_stage_regime(ctx, test_part, in_ncr3)) ==
            (encryption ? rule::none : rule::PAG_CR3_03));
    }
  }
}

TEST_CASE("PAG-ENC-03, PAG-KEY-06: C-bits on the way do not choose a SEV guest's keys",
          "[paging][PAG-ENC-03][PAG-KEY-06]") {
  for (unsigned assignment = 0; assignment < 16; ++assignment) {
    guest_machine guest = sev_guest();
    if (assignment & 1) guest.state.guest.cr3 |= c_bit;
    for (unsigned level = 2; level <= 4; ++level)
      if (assignment >> (level - 1) & 1) guest.in_guest(level) |= c_bit;
    for (unsigned level = 1; level <= 4; ++level)
      if (assignment & 2) guest.for_table(level, 1) |= c_bit;
    guest.in_guest(1) &= ~(accessed | dirty);
    const heard_walk walk = listen(guest, user_write);
    for (unsigned level = 1; level <= 4; ++level) CHECK(walk.heard.keys(stage::guest, level) == keys{guest_key});
    CHECK(walk.found.key == no_key);  // the leaf has C=0
    // The A/D update uses the key that the entry was read with.
    REQUIRE(walk.heard.updates.size() == 1);
    CHECK(walk.heard.updates[0].key == guest_key);
  }
}

TEST_CASE("PAG-ENC-04: nested tables are read as their pointers say", "[paging][PAG-ENC-04][PAG-KEY-04][PAG-KEY-07]") {
  const bool sev = GENERATE(false, true);
  for (unsigned assignment = 0; assignment < 16; ++assignment) {
    guest_machine guest({.guest_levels = 0});
    guest.state.syscfg = encryption_on;
    guest.state.np_control |= sev ? 2U : 0U;
    if (assignment & 1) guest.state.ncr3 |= c_bit;
    for (unsigned level = 2; level <= 4; ++level)
      if (assignment >> (5 - level) & 1) guest.for_data(level) |= c_bit;
    guest.for_data(1) &= ~accessed;
    const heard_walk walk = listen(guest, user_read);
    REQUIRE(walk.heard.reads.size() == 4);
    for (unsigned i = 0; i < 4; ++i) CHECK(walk.heard.reads[i].key == (assignment >> i & 1 ? host_key : no_key));
    REQUIRE(walk.heard.updates.size() == 1);
    CHECK(walk.heard.updates[0].key == (assignment >> 3 & 1 ? host_key : no_key));
    CHECK(walk.found.key == (sev ? guest_key : no_key));  // paging off: private
  }
}

TEST_CASE("PAG-ENC-05: the nested leaf counts where the guest side leaves it open",
          "[paging][PAG-ENC-05][PAG-KEY-03][PAG-KEY-05][PAG-KEY-08]") {
  for (const bool guest_c : {false, true}) {
    for (const bool nested_c : {false, true}) {
      guest_machine guest = sev_guest();
      if (guest_c) guest.in_guest(1) |= c_bit;
      if (nested_c) guest.for_data(1) |= c_bit;
      for (const auto& data : {user_read, user_write, kernel_read}) {
        const heard_walk walk = listen(guest, data);
        CHECK(walk.found.effective_c == guest_c);
        CHECK(walk.found.key == (guest_c ? guest_key : nested_c ? host_key : no_key));
      }
      const heard_walk fetch = listen(guest, user_fetch);
      CHECK(fetch.found.effective_c);
      CHECK(fetch.found.key == guest_key);

      if (guest_c) continue;
      guest_machine plain;
      plain.state.syscfg = encryption_on;
      if (nested_c) {
        plain.for_data(1) |= c_bit;
        plain.for_table(2, 1) |= c_bit;
      }
      for (const auto& any : {user_read, user_fetch}) {
        const heard_walk walk = listen(plain, any);
        CHECK_FALSE(walk.found.effective_c);
        CHECK(walk.found.key == (nested_c ? host_key : no_key));
        CHECK(walk.heard.keys(stage::guest, 2) == keys{nested_c ? host_key : no_key});
        CHECK(walk.heard.keys(stage::guest, 3) == keys{no_key});
      }
    }
  }
}

TEST_CASE("PAG-ENC-06: paging off in the host: plaintext", "[paging][PAG-ENC-06][PAG-MODE-01]") {
  host_machine host;
  host.syscfg = encryption_on;
  host.regs.cr0 &= ~cr0_pg;
  host.where = {0x1234'5678};
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  const auto found = host.run(ctx, user_fetch);
  REQUIRE(found.has_value());
  CHECK(found->page.where == spa{0x1234'5678});
  CHECK(found->page.size == page_size::unlimited);
  CHECK(found->page.rights == paging::page_rights{.writable = true, .user = true, .no_execute = false});
  CHECK(found->key == no_key);
  CHECK(heard.reads.empty());
  REQUIRE(heard.finals.size() == 1);
  CHECK(heard.finals[0].kind == access_kind::execute);
}

TEST_CASE("PAG-SEVEN-01: what a SEV guest needs", "[paging][PAG-SEVEN-01]") {
  context<> ctx;
  const auto refused_by = [&](std::uint64_t syscfg, std::uint64_t np_control, std::uint32_t id) {
    guest_machine guest;
    guest.state.syscfg = syscfg;
    guest.state.np_control = np_control;
    guest.state.id = {id};
    const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
    return regime ? rule::none : regime.error().decided_by;
  };
  CHECK(refused_by(encryption_on, 0b11, 509) == rule::none);  // the last ASID of an encrypted guest
  CHECK(refused_by(encryption_on, 0b11, 510) == rule::PAG_SEVEN_01);
  CHECK(refused_by(encryption_on, 0b11, 0xffff'ffff) == rule::PAG_SEVEN_01);  // else taken for "no key"
  CHECK(refused_by(encryption_on, 0b01, 510) == rule::none);
  CHECK(refused_by(0, 0b11, 510) == rule::none);  // SEV bits are ignored (PAG-SYSCFG-02)
  CHECK(refused_by(encryption_on, 0b10, 5) == rule::PAG_SEVEN_01);
}

TEST_CASE("PAG-ASID-01: a guest's ASID names its key, and none has the host's", "[paging][PAG-ASID-01]") {
  for (const std::uint32_t id : {1U, 5U, 509U}) {
    guest_machine guest = sev_guest();
    guest.state.id = {id};
    const heard_walk walk = listen(guest, user_fetch);
    CHECK(walk.found.key == memory_key::guest({id}));
    CHECK(walk.found.key != host_key);
    CHECK(walk.heard.keys(stage::guest, 1) == keys{memory_key::guest({id})});
  }
  context<> ctx;
  guest_machine guest = sev_guest();
  guest.state.id = host_asid;
  CHECK(paging::make_two_stage_regime(ctx, guest.part, guest.state).error().decided_by == rule::PAG_NPT_02);
}

TEST_CASE("PAG-KEY-09: a SEV guest with paging off is private", "[paging][PAG-KEY-09][PAG-MODE-06]") {
  for (const auto& why : {user_read, user_write, user_fetch}) {
    guest_machine guest({.guest_levels = 0});
    guest.make_sev();
    guest.for_data(1) |= c_bit;
    const heard_walk walk = listen(guest, why);
    CHECK(walk.found.effective_c);
    CHECK(walk.found.key == guest_key);
  }
}

TEST_CASE("PAG-KEY-01..09: key selection as functions", "[memory][PAG-KEY-01]") {
  using namespace memory;
  CHECK(key_for_pointer(false) == no_key);
  CHECK(key_for_pointer(true) == host_key);
  for (unsigned inputs = 0; inputs < 16; ++inputs) {
    const bool sev = inputs & 1;
    const bool fetch = inputs & 2;
    const bool guest_paging = inputs & 4;
    const bool leaf_c = inputs & 8;
    const bool expected = !sev ? false : fetch ? true : !guest_paging ? true : leaf_c;
    CHECK(effective_c(sev, fetch, guest_paging, leaf_c) == expected);
  }
  CHECK(key_for_guest(true, {7}, false) == memory_key::guest({7}));
  CHECK(key_for_guest(true, {7}, true) == memory_key::guest({7}));
  CHECK(key_for_guest(false, {7}, false) == no_key);
  CHECK(key_for_guest(false, {7}, true) == host_key);
}
