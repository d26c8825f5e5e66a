// SPDX-License-Identifier: MIT
// Which key a reference uses: the published rows, the same question asked of walks, and every combination.
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <sevspec/memory/key_decision.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>
#include <support/vectors.hpp>

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::memory;

namespace {

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
constexpr asid guest_id{5};

auto asked(const key_question& question) -> memory_key {
  context<> ctx;
  return key_of(ctx, question, guest_id);
}

/// The key that a walk uses for what is asked, or nothing if no walk can be asked so.
auto walked(const key_question& q) -> std::optional<memory_key> {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  if (!q.guest) {
    host_machine host;
    host.syscfg = q.encryption ? encryption_on : 0;
    if (q.what == keyed_access::nested_table) return {};
    if (!q.has_c_bit) {
      if (q.what == keyed_access::guest_table) return {};
      host.regs.cr0 &= ~cr0_pg;
      host.where = {0x1000};
    } else if (q.encryption && q.first_c) {
      for (unsigned level = 1; level <= 4; ++level) host.at(level) |= c_bit;
      host.regs.cr3 |= c_bit;
    }
    const auto found = host.run(ctx, host.memory, q.what == keyed_access::fetch ? user_fetch : user_read);
    REQUIRE(found.has_value());
    if (q.what != keyed_access::guest_table) return found->key;
    for (unsigned level = 1; level <= 4; ++level) CHECK(heard.keys(stage::host, level) == heard.keys(stage::host, 4));
    return *heard.keys(stage::host, 4).begin();
  }

  const bool vtom = q.side != vtom_side::no_vtom;
  if (vtom && (!q.sev || !q.sev_es || !q.encryption)) return {};  // virtual TOM is of SNP guests
  if (!q.has_c_bit && q.what == keyed_access::guest_table) return {};
  if (q.first_c && (vtom || !q.sev || !q.encryption)) return {};  // the bit is reserved there
  if (q.nested_c && !q.encryption) return {};
  guest_machine guest(q.has_c_bit ? guest_shape{} : guest_shape{.guest_levels = 0});
  guest.state.syscfg = q.encryption ? encryption_on : 0;
  guest.state.np_control |= (q.sev ? 2U : 0U) | (q.sev_es ? 4U : 0U) | (q.vte ? 0x20U : 0U);
  if (vtom) {
    guest.state.syscfg |= bit_at(24);
    guest.state.sev_features = 3;
    guest.state.virtual_tom = q.side == vtom_side::below ? 0x0240'0000 : 0x0200'0000;  // the page is 0x2345000
  }
  if (q.first_c)
    for (unsigned level = 1; q.has_c_bit && level <= 4; ++level) guest.in_guest(level) |= c_bit;
  if (q.nested_c) {
    for (unsigned level = 1; q.has_c_bit && level <= 4; ++level)
      for (unsigned nested = 1; nested <= 4; ++nested) guest.for_table(level, nested) |= c_bit;
    for (unsigned nested = 1; nested <= 4; ++nested) guest.for_data(nested) |= c_bit;
    guest.state.ncr3 |= c_bit;
  }
  const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE(regime.has_value());
  unguarded memory(guest.memory);
  const auto found =
      paging::walk(ctx, memory, *regime, guest.where, q.what == keyed_access::fetch ? user_fetch : user_read);
  REQUIRE(found.has_value());
  if (q.what == keyed_access::data || q.what == keyed_access::fetch) return found->key;
  std::set<memory_key> keys;
  for (const table_read& read : heard.reads)
    if (read.tables == (q.what == keyed_access::nested_table ? stage::nested : stage::guest)) keys.insert(read.key);
  CHECK(keys.size() == 1);
  return *keys.begin();
}

auto text_of(const key_question& q) -> std::string {
  return std::string(q.encryption ? "encryption " : "") + (q.guest ? "guest " : "host ") + (q.sev ? "SEV " : "") +
         (q.sev_es ? "ES " : "") + (q.vte ? "VTE " : "") + "what " + std::to_string(static_cast<int>(q.what)) +
         (q.has_c_bit ? " long" : " off") + (q.first_c ? " C" : "") + (q.nested_c ? " nested C" : "") + " side " +
         std::to_string(static_cast<int>(q.side));
}

/// The table of the fact sheet read once more, row by row.
auto by_the_table(const key_question& q) -> memory_key {
  const auto by_pointer = [](bool c) { return c ? memory_key::host() : memory_key::none(); };
  if (!q.encryption) return memory_key::none();                                 // PAG-KEY-01
  if (!q.guest) return by_pointer(q.first_c && q.has_c_bit);                    // 02
  if (q.what == keyed_access::nested_table) return by_pointer(q.nested_c);      // 04, 07
  if (!q.sev) return by_pointer(q.nested_c);                                    // 03
  if (q.what == keyed_access::fetch) return memory_key::guest(guest_id);        // 05
  if (q.what == keyed_access::guest_table) return memory_key::guest(guest_id);  // 06
  if (q.vte && !q.sev_es) return memory_key::guest(guest_id);                   // 10, 14
  if (q.side == vtom_side::below) return memory_key::guest(guest_id);           // 11
  if (q.side == vtom_side::at_or_above) return by_pointer(q.nested_c);
  if (!q.has_c_bit || q.first_c) return memory_key::guest(guest_id);  // 09, 08
  return by_pointer(q.nested_c);
}

}  // namespace

TEST_CASE("the published rows", "[memory][PAG-KEY-01][PAG-KEY-02][PAG-KEY-03][PAG-KEY-04][PAG-KEY-05][PAG-KEY-06]"
                                "[PAG-KEY-07][PAG-KEY-08][PAG-KEY-09][PAG-KEY-10][PAG-KEY-11][PAG-KEY-14]"
                                "[ENC-KEYSEL-12]") {
  const auto table = load_vectors().at("encryption_decision");
  unsigned rows = 0, compared = 0;
  for (const auto& row : table.at("rows")) {
    INFO(row.dump());
    const std::string what = row.at("acc");
    const std::string side = row.value("vtom", "none");
    const key_question question{.encryption = row.at("memenc") == 1,
                                .guest = row.at("mode") == "guest",
                                .sev = row.at("sev") == 1,
                                .sev_es = row.at("es") == 1,
                                .vte = row.at("vte") == 1,
                                .what = what == "data"    ? keyed_access::data
                                        : what == "fetch" ? keyed_access::fetch
                                        : what == "gpt"   ? keyed_access::guest_table
                                                          : keyed_access::nested_table,
                                .has_c_bit = row.at("gpaging") == 1,
                                .first_c = row.at("gC") == 1,
                                .nested_c = row.at("nC") == 1,
                                .side = side == "below"         ? vtom_side::below
                                        : side == "at_or_above" ? vtom_side::at_or_above
                                                                : vtom_side::no_vtom};
    CHECK(name_of(asked(question)) == row.at("key").get<std::string>());
    CHECK(asked(question) == by_the_table(question));
    if (const auto found = walked(question)) {
      CHECK(name_of(*found) == row.at("key").get<std::string>());
      ++compared;
    }
    ++rows;
  }
  CHECK(rows == 58);
  CHECK(compared >= 40);
}

TEST_CASE("every combination, asked of the function and of walks",
          "[memory][ENC-KEYSEL-02][ENC-KEYSEL-03][ENC-KEYSEL-04][ENC-KEYSEL-05][ENC-KEYSEL-06][ENC-KEYSEL-07]"
          "[ENC-KEYSEL-08][ENC-KEYSEL-10][ENC-KEYSEL-11][ENC-KEYSEL-12][PAG-ENC-09]") {
  unsigned compared = 0;
  for (unsigned bits = 0; bits < 256; ++bits) {
    for (const auto what :
         {keyed_access::data, keyed_access::fetch, keyed_access::guest_table, keyed_access::nested_table}) {
      for (const auto side : {vtom_side::no_vtom, vtom_side::below, vtom_side::at_or_above}) {
        const key_question question{.encryption = (bits & 1) != 0,
                                    .guest = (bits & 2) != 0,
                                    .sev = (bits & 4) != 0,
                                    .sev_es = (bits & 8) != 0,
                                    .vte = (bits & 16) != 0,
                                    .what = what,
                                    .has_c_bit = (bits & 32) != 0,
                                    .first_c = (bits & 64) != 0,
                                    .nested_c = (bits & 128) != 0,
                                    .side = side};
        const bool impossible = question.side != vtom_side::no_vtom && !(question.sev && question.sev_es);
        if (impossible) continue;  // virtual TOM is of SNP guests, which are SEV-ES guests
        INFO(text_of(question));
        CHECK(asked(question) == by_the_table(question));
        if (const auto found = walked(question)) {
          CHECK(asked(question) == *found);
          ++compared;
        }
      }
    }
  }
  CHECK(compared > 300);
}

TEST_CASE("rules that can be switched off", "[memory][PAG-KEY-10][PAG-KEY-11]") {
  const key_question vte{.encryption = true, .guest = true, .sev = true, .vte = true};
  const key_question below{.encryption = true, .guest = true, .sev = true, .sev_es = true, .side = vtom_side::below};
  context<all_rules_but<rule::PAG_KEY_10, rule::PAG_KEY_11>> without;
  CHECK(asked(vte) == memory_key::guest(guest_id));
  CHECK(key_of(without, vte, guest_id) == memory_key::none());
  CHECK(asked(below) == memory_key::guest(guest_id));
  CHECK(key_of(without, below, guest_id) == memory_key::none());
}

TEST_CASE("PAG-KEY-12: without nested paging there is no SEV guest", "[memory][PAG-KEY-12][PAG-SEVEN-01]") {
  guest_machine guest;
  guest.make_sev();
  guest.state.np_control &= ~std::uint64_t{1};
  context<> ctx;
  const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE_FALSE(regime.has_value());
  CHECK(regime.error().what == paging::register_error::kind::reserved);
  CHECK(regime.error().decided_by == rule::PAG_SEVEN_01);
  // A guest over shadow tables is translated like the host: their C-bits choose the host's key or none.
  for (const bool c : {false, true}) {
    host_machine shadow;
    shadow.syscfg = encryption_on;
    if (c) shadow.leaf() |= c_bit;
    CHECK(shadow.run(user_read)->key == (c ? memory_key::host() : memory_key::none()));
  }
}
