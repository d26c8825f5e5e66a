// SPDX-License-Identifier: MIT
#include <sevspec/memory/unguarded.hpp>
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t final_bit = 0x1'0000'0000;
constexpr std::uint64_t table_bit = 0x2'0000'0000;

}  // namespace

TEST_CASE("PAG-NPT-01: the nested format is the VMM's, the guest's its own", "[paging][PAG-NPT-01][PAG-MODE-04]") {
  for (const unsigned guest_levels : {0U, 4U, 5U}) {
    for (const unsigned nested_levels : {4U, 5U}) {
      guest_machine guest({.guest_levels = guest_levels, .nested_levels = nested_levels});
      recorder heard;
      recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
      const auto found = guest.run(ctx, user_read);
      REQUIRE(found.has_value());
      CHECK(found->page.where.value == guest.final_gpa.value + guest_machine::guest_at);
      CHECK(heard.reads_of(stage::guest) == guest_levels);
      CHECK(heard.reads_of(stage::nested) == (guest_levels + 1) * nested_levels);
      CHECK(heard.reads_of(stage::host) == 0);
    }
  }
}

TEST_CASE("PAG-NPT-04: host WP, SMEP, SMAP and PKE do not restrict nested accesses", "[paging][PAG-NPT-04]") {
  for (unsigned registers = 0; registers < 16; ++registers) {
    const auto with_host = [&](guest_machine guest) {
      if (registers & 1) guest.state.host.cr0 &= ~cr0_wp;
      guest.state.host.cr4 |=
          (registers & 2 ? cr4_smep : 0) | (registers & 4 ? cr4_smap : 0) | (registers & 8 ? cr4_pke : 0);
      return guest;
    };
    memory_access locked_out = user_read;
    locked_out.pkru = ~0U;
    memory_access kernel_locked_out = kernel_write;
    kernel_locked_out.pkru = ~0U;
    guest_machine guest = with_host(guest_machine());
    guest.for_data(1) |= bit_at(59);  // a key, if nested tables had keys
    CHECK_FALSE(guest.fault_of(locked_out));
    CHECK_FALSE(guest.fault_of(kernel_locked_out));
    CHECK_FALSE(guest.fault_of(kernel_fetch));
    CHECK_FALSE(guest.fault_of(user_fetch));
    // nW=0 holds for every writer, as if WP were always set.
    guest.for_data(1) &= ~writable;
    for (const auto& why : {user_write, kernel_write})
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPF_02, final_bit | 0x7, guest.final_gpa.value));
  }
}

TEST_CASE("PAG-NPT-10: every guest entry is translated before it is read", "[paging][PAG-NPT-10]") {
  guest_machine guest;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  REQUIRE(guest.run(ctx, user_read).has_value());
  REQUIRE(heard.reads.size() == 24);
  for (unsigned i = 0; i < 24; ++i) {
    const unsigned level = 4 - i / 5;
    if (i % 5 == 4) {
      CHECK(heard.reads[i].tables == stage::guest);
      CHECK(heard.reads[i].level == level);
      CHECK(heard.reads[i].where.value == guest.gpa_of(level) + guest_machine::guest_at);
      CHECK(heard.reads[i].entry == guest.in_guest(level));
    } else {
      CHECK(heard.reads[i].tables == stage::nested);
      CHECK(heard.reads[i].level == 4 - i % 5);
    }
  }
}

TEST_CASE("PAG-NPT-11: guest tables need nU=1 and nW=1, and not nNX=0", "[paging][PAG-NPT-11][PAG-NPF-13]") {
  for (const auto& why : {user_read, user_write, user_fetch, kernel_read, kernel_fetch}) {
    for (unsigned level = 1; level <= 4; ++level) {
      for (const std::uint64_t taken : {writable, user, writable | user}) {
        guest_machine guest;
        guest.for_table(level, 1) &= ~taken;
        CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPT_11, table_bit | 0x7, guest.gpa_of(level)));
      }
      guest_machine guest;
      guest.for_table(level, 1) |= no_execute;
      CHECK_FALSE(guest.fault_of(why));
      guest.for_table(level, 1) |= bit_at(50);
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_RSV_02, table_bit | 0xf, guest.gpa_of(level)));
      guest.for_table(level, 1) = 0;
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_ENT_02, table_bit | 0x6, guest.gpa_of(level)));
    }
  }
}

TEST_CASE("PAG-NPT-12/17: nested A and D bits", "[paging][PAG-NPT-12][PAG-NPT-17]") {
  for (const auto& why : {user_read, user_write, user_fetch}) {
    guest_machine guest;
    for (unsigned level = 1; level <= 4; ++level) guest.for_table(level, 1) &= ~(accessed | dirty);
    for (unsigned nested = 1; nested <= 4; ++nested) guest.for_data(nested) &= ~(accessed | dirty);
    REQUIRE_FALSE(guest.fault_of(why));
    // The guest's tables are written as far as the nested tables know, although nothing changed in them.
    for (unsigned level = 1; level <= 4; ++level)
      CHECK((guest.for_table(level, 1) & (accessed | dirty)) == (accessed | dirty));
    for (unsigned nested = 2; nested <= 4; ++nested) CHECK((guest.for_data(nested) & (accessed | dirty)) == accessed);
    CHECK((guest.for_data(1) & (accessed | dirty)) == (why.is_write() ? accessed | dirty : accessed));
  }
}

TEST_CASE("PAG-NPT-13, PAG-NPF-02: the final gPA", "[paging][PAG-NPT-13][PAG-NPF-02][PAG-NPF-13]") {
  for (unsigned level = 1; level <= 2; ++level) {
    for (const auto& [why, code] : {std::pair{user_read, 0x5U},
                                    {kernel_read, 0x5U},
                                    {user_write, 0x7U},
                                    {kernel_write, 0x7U},
                                    {user_fetch, 0x15U},
                                    {kernel_fetch, 0x15U}}) {
      INFO(code);
      guest_machine supervisor_page;
      supervisor_page.for_data(level) &= ~user;
      CHECK(supervisor_page.fault_of(why) ==
            nested_fault(rule::PAG_NPT_13, final_bit | code, supervisor_page.final_gpa.value));

      guest_machine read_only_page;
      read_only_page.for_data(level) &= ~writable;
      read_only_page.state.guest.cr0 &= ~cr0_wp;  // frees the guest's kernel from gW alone
      if (why.is_write())
        CHECK(read_only_page.fault_of(why) ==
              nested_fault(rule::PAG_NPF_02, final_bit | code, read_only_page.final_gpa.value));
      else CHECK_FALSE(read_only_page.fault_of(why));

      guest_machine data_page;
      data_page.for_data(level) |= no_execute;
      data_page.state.guest.efer &= ~efer_nxe;  // the nested side has its own NXE
      if (why.is_fetch())
        CHECK(data_page.fault_of(why) == nested_fault(rule::PAG_NPF_02, final_bit | code, data_page.final_gpa.value));
      else CHECK_FALSE(data_page.fault_of(why));

      guest_machine absent_page;
      absent_page.for_data(level) = 0;
      CHECK(absent_page.fault_of(why) ==
            nested_fault(rule::PAG_ENT_02, final_bit | (code & ~1U), absent_page.final_gpa.value));

      guest_machine marked_page;
      marked_page.for_data(level) |= bit_at(51);
      CHECK(marked_page.fault_of(why) ==
            nested_fault(rule::PAG_RSV_02, final_bit | code | 0x8, marked_page.final_gpa.value));
    }
  }
}

TEST_CASE("PAG-NPF-02: what both stages together allow", "[paging][PAG-NPF-02]") {
  for (unsigned flags = 0; flags < 16; ++flags) {
    guest_machine guest;
    if (flags & 1) guest.in_guest(2) &= ~writable;
    if (flags & 2) guest.for_data(2) &= ~writable;
    if (flags & 4) guest.in_guest(3) |= no_execute;
    if (flags & 8) guest.for_data(1) |= no_execute;
    const auto found = guest.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->writable() == ((flags & 3) == 0));
    CHECK(found->no_execute() == ((flags & 12) != 0));
    CHECK(found->in_guest.rights.writable == ((flags & 1) == 0));
    CHECK(found->page.rights.writable == ((flags & 2) == 0));
    CHECK(guest.run(user_write).has_value() == found->writable());
    CHECK(guest.run(user_fetch).has_value() == !found->no_execute());
  }
}

TEST_CASE("PAG-NPF-03: each stage's faults depend on its own tables and modes", "[paging][PAG-NPF-03]") {
  // Guest NXE, WP, SMEP and SMAP are nothing to #NPF ...
  for (unsigned registers = 0; registers < 8; ++registers) {
    guest_machine guest;
    if (registers & 1) guest.state.guest.efer &= ~efer_nxe;
    if (registers & 2) guest.state.guest.cr0 &= ~cr0_wp;
    if (registers & 4) guest.state.guest.cr4 |= cr4_pke;
    guest.for_data(1) |= no_execute;
    CHECK(guest.fault_of(user_fetch) == nested_fault(rule::PAG_NPF_02, final_bit | 0x15, guest.final_gpa.value));
  }
  // ... and host NXE is nothing to the guest's #PF.
  guest_machine guest;
  guest.state.host.efer &= ~efer_nxe;
  guest.in_guest(1) |= no_execute;
  CHECK(guest.fault_of(user_fetch) == page_fault(rule::PAG_PERM_03, 0x15, guest.where.value));
}

TEST_CASE("PAG-NPT-05: the guest has registers of its own", "[paging][PAG-NPT-05]") {
  // CR0.WP, CR3, CR4.SMEP, CR4.LA57 and EFER.NXE, each set differently in both worlds.
  guest_machine guest({.guest_levels = 4, .nested_levels = 5});
  guest.state.host.cr0 &= ~cr0_wp;
  guest.state.host.cr3 = 0xdead'f000;  // VMRUN's own CR3 takes no part
  guest.state.host.efer &= ~efer_nxe;
  guest.state.guest.cr4 |= cr4_smep;
  guest.in_guest(2) &= ~writable;
  CHECK_FALSE(guest.fault_of(kernel_read));
  CHECK(guest.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, guest.where.value));
  CHECK(guest.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_04, 0x11, guest.where.value));
  guest.in_guest(2) |= no_execute;
  CHECK(guest.fault_of(user_fetch) == page_fault(rule::PAG_PERM_03, 0x15, guest.where.value));
}

TEST_CASE("PAG-NPT-15: guest paging off: one nested walk of the linear address", "[paging][PAG-NPT-15][PAG-MODE-01]") {
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  guest_machine guest({.guest_levels = 0, .nested_leaf_of_data = leaf});
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  const auto found = guest.run(ctx, user_write);
  REQUIRE(found.has_value());
  CHECK(found->in_guest.where.value == guest.where.value);
  CHECK(found->in_guest.size == page_size::unlimited);
  CHECK(found->in_guest.rights == paging::page_rights{.writable = true, .user = true, .no_execute = false});
  CHECK(found->size == found->page.size);
  CHECK(found->page.where.value == guest.where.value + guest_machine::guest_at);
  CHECK(heard.reads.size() == 5 - leaf);
  guest.for_data(leaf) = 0;
  CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_ENT_02, final_bit | 0x6, guest.where.value));
}

TEST_CASE("PAG-NPT-18: the smaller page of both stages", "[paging][PAG-NPT-18]") {
  for (const unsigned guest_leaf : {1U, 2U, 3U}) {
    for (const unsigned nested_leaf : {1U, 2U, 3U}) {
      if (nested_leaf == 3 && guest_leaf != 3) continue;  // tables and page would share the nested page
      guest_machine guest({.guest_leaf = guest_leaf, .nested_leaf_of_data = nested_leaf});
      const auto found = guest.run(user_read);
      REQUIRE(found.has_value());
      CHECK(log2_bytes(found->in_guest.size) == 12 + 9 * (guest_leaf - 1));
      CHECK(log2_bytes(found->page.size) == 12 + 9 * (nested_leaf - 1));
      CHECK(log2_bytes(found->size) == 12 + 9 * (std::min(guest_leaf, nested_leaf) - 1));
      CHECK(found->page.where.value == guest.final_gpa.value + guest_machine::guest_at);
    }
  }
  guest_machine everything_in_1g({.nested_leaf_of_tables = 3, .nested_leaf_of_data = 3});
  const auto found = everything_in_1g.run(user_read);
  REQUIRE(found.has_value());
  CHECK(found->size == page_size::k4k);
  CHECK(found->page.size == page_size::k1g);
}

TEST_CASE("PAG-NPT-21: gPAs that the nested tables cannot index", "[paging][PAG-NPT-21]") {
  const auto five_wide = [] {
    guest_machine guest({.guest_levels = 5});
    guest.part.pa_bits = 52;  // so that gPA bits 48 to 51 are no reserved bits of guest entries
    guest.part.reduction = 6;
    return guest;
  };
  for (unsigned n = 48; n <= 51; ++n) {
    guest_machine guest = five_wide();
    guest.in_guest(1) |= bit_at(n);
    const std::uint64_t where = guest.final_gpa.value | bit_at(n);
    CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_NPT_21, final_bit | 0x4, where));
    CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_NPT_21, final_bit | 0x6, where));
    CHECK(guest.fault_of(user_fetch) == nested_fault(rule::PAG_NPT_21, final_bit | 0x14, where));
    guest.choices.npt_high_gpa = high_gpa::alias;
    const auto found = guest.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->in_guest.where.value == where);
    CHECK(found->page.where.value == guest.final_gpa.value + guest_machine::guest_at);

    guest_machine table = five_wide();
    const std::uint64_t next = table.gpa_of(2) | bit_at(n);
    table.in_guest(3) |= bit_at(n);
    CHECK(table.fault_of(user_fetch) == nested_fault(rule::PAG_NPT_21, table_bit | 0x6, next));
    table.choices.npt_high_gpa = high_gpa::alias;
    CHECK_FALSE(table.fault_of(user_fetch));
  }
  // The last gPA below is a matter of tables; five nested levels index all 52 bits.
  guest_machine below = five_wide();
  below.in_guest(1) |= bit_at(47);
  const auto failed = below.fault_of(user_read);
  REQUIRE(failed);
  CHECK(failed->decided_by != rule::PAG_NPT_21);
  guest_machine five_over_five({.guest_levels = 5, .nested_levels = 5});
  five_over_five.part.pa_bits = 52;
  five_over_five.part.reduction = 6;
  five_over_five.in_guest(1) |= bit_at(51);
  const auto deeper = five_over_five.fault_of(user_read);
  REQUIRE(deeper);
  CHECK(deeper->decided_by != rule::PAG_NPT_21);
}

TEST_CASE("PAG-NPF-05: EXITINFO2 is the byte's gPA", "[paging][PAG-NPF-05]") {
  guest_machine data;
  data.for_data(1) = 0;
  CHECK(data.fault_of(user_read)->address == 0x0234'5cc8);
  guest_machine table;
  table.for_table(2, 1) = 0;
  CHECK(table.fault_of(user_read)->address == 0x1'2000 + 8 * 0x1b2);
}

TEST_CASE("PAG-NPF-10: bit 34 of EXITINFO1", "[paging][PAG-NPF-10]") {
  constexpr std::uint64_t enc = 0x4'0000'0000;
  for (const bool sev : {false, true}) {
    for (const bool capable : {false, true}) {
      for (const bool leaf_c : {false, true}) {
        for (const enc_bit choice : {enc_bit::on_snp_capable_silicon, enc_bit::only_with_snp_enabled, enc_bit::never}) {
          guest_machine guest;
          guest.state.syscfg = encryption_on;
          guest.state.np_control |= sev ? 2U : 0U;
          guest.part.snp_capable = capable;
          guest.choices.report_enc_bit = choice;
          if (sev && leaf_c) guest.in_guest(1) |= bit_at(51);
          guest.for_data(1) = 0;
          // SNP itself is never enabled here, so the second choice never reports.
          const bool reported = choice == enc_bit::on_snp_capable_silicon && capable && sev;
          CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02,
                                                          final_bit | 0x4 | (reported && leaf_c ? enc : 0),
                                                          guest.final_gpa.value));
          CHECK(guest.fault_of(user_fetch) ==
                nested_fault(rule::PAG_ENT_02, final_bit | 0x14 | (reported ? enc : 0), guest.final_gpa.value));
          guest.for_table(3, 1) = 0;  // a SEV guest's tables are always private
          CHECK(guest.fault_of(user_read) ==
                nested_fault(rule::PAG_ENT_02, table_bit | 0x6 | (reported ? enc : 0), guest.gpa_of(3)));
        }
      }
    }
  }
}

TEST_CASE("PAG-NPF-10: bit 34 where SNP is enabled", "[paging][PAG-NPF-10]") {
  guest_machine guest;
  guest.make_sev();
  guest.for_data(1) = 0;
  context<> ctx{.choices = {.report_enc_bit = enc_bit::only_with_snp_enabled}};
  memory::unguarded memory(guest.memory);
  for (const bool enabled : {false, true}) {
    if (enabled) guest.state.syscfg |= paging::syscfg::secure_nested_paging_en::mask;
    const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
    REQUIRE(regime.has_value());
    CHECK(regime->snp_enabled == enabled);
    CHECK(fault_of(paging::walk(ctx, memory, *regime, guest.where, user_fetch)) ==
          nested_fault(rule::PAG_ENT_02, enabled ? 0x5'0000'0014 : 0x1'0000'0014, guest.final_gpa.value));
  }
}

TEST_CASE("PAG-NPF-11: ID of a nested fault", "[paging][PAG-NPF-11]") {
  for (const bool nxe : {false, true}) {
    for (const bool smep : {false, true}) {
      for (const bool required : {false, true}) {
        guest_machine guest;
        guest.state.host.efer = nxe ? 0xd01 : 0x501;
        guest.state.host.cr4 |= smep ? cr4_smep : 0;
        guest.choices.npf_id_requires_nx_or_smep = required;
        guest.for_data(1) = 0;
        const std::uint64_t id = nxe || smep || !required ? 0x10 : 0;
        CHECK(guest.fault_of(user_fetch) ==
              nested_fault(rule::PAG_ENT_02, final_bit | 0x4 | id, guest.final_gpa.value));
        CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, final_bit | 0x4, guest.final_gpa.value));
        guest.for_table(1, 1) = 0;  // a walk of a guest table is no fetch
        CHECK(guest.fault_of(user_fetch) == nested_fault(rule::PAG_ENT_02, table_bit | 0x6, guest.gpa_of(1)));
      }
    }
  }
}

TEST_CASE("PAG-NPF-12: a SEV-ES guest takes #VC for a reserved nested bit", "[paging][PAG-NPF-12]") {
  const fault vc{fault_kind::vc, rule::PAG_NPF_12, 0x400, 0};
  for (const auto& why : {user_read, user_write, user_fetch}) {
    for (const bool encrypted_state : {false, true}) {
      guest_machine guest;
      guest.part.snp_capable = false;
      guest.make_sev(encrypted_state);
      guest.for_data(1) |= bit_at(45);
      if (encrypted_state) CHECK(guest.fault_of(why) == vc);
      else CHECK(guest.fault_of(why)->kind == fault_kind::npf);
      guest.for_table(2, 1) |= bit_at(45);
      if (encrypted_state) CHECK(guest.fault_of(why) == vc);
      else CHECK(guest.fault_of(why) == nested_fault(rule::PAG_RSV_02, table_bit | 0xf, guest.gpa_of(2)));
      // Other nested faults remain automatic exits.
      guest.for_table(2, 1) = 0;
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_ENT_02, table_bit | 0x6, guest.gpa_of(2)));
      guest_machine denied;
      denied.part.snp_capable = false;
      denied.make_sev(encrypted_state);
      denied.for_data(1) &= ~user;
      CHECK(denied.fault_of(why)->kind == fault_kind::npf);
    }
  }
  // The guest's own reserved bits remain its #PF.
  guest_machine guest;
  guest.make_sev(true);
  guest.in_guest(1) |= bit_at(50);
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_02, 0xd, guest.where.value));
}

TEST_CASE("walk_gpa is the final step alone", "[paging][PAG-NPT-13]") {
  guest_machine guest;
  context<> ctx;
  const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE(regime.has_value());
  recorder heard;
  recording_context listening{.rules = {}, .choices = {}, .listener = heard};
  const auto found = paging::walk_gpa(listening, guest.memory, *regime, guest.final_gpa, access_kind::write);
  REQUIRE(found.has_value());
  CHECK(found->where.value == guest.final_gpa.value + guest_machine::guest_at);
  CHECK(heard.reads.size() == 4);
  CHECK(heard.finals.empty());  // no reference is made
  guest.for_data(1) = 0;
  CHECK(fault_of(paging::walk_gpa(ctx, guest.memory, *regime, guest.final_gpa, access_kind::execute)) ==
        nested_fault(rule::PAG_ENT_02, final_bit | 0x14, guest.final_gpa.value));
  // The caller says whether a SEV guest's access was encrypted; that of another guest cannot be.
  CHECK(fault_of(paging::walk_gpa(ctx, guest.memory, *regime, guest.final_gpa, access_kind::read, true)) ==
        nested_fault(rule::PAG_ENT_02, final_bit | 0x4, guest.final_gpa.value));
  guest.make_sev();
  const auto sev_regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE(sev_regime.has_value());
  const auto in_sev_guest = [&](gpa where, bool effective_c) {
    return paging::walk_gpa(ctx, guest.memory, *sev_regime, where, access_kind::read, effective_c);
  };
  CHECK(fault_of(in_sev_guest(guest.final_gpa, true)) ==
        nested_fault(rule::PAG_ENT_02, 0x5'0000'0004, guest.final_gpa.value));
  CHECK(fault_of(in_sev_guest(guest.final_gpa, false)) ==
        nested_fault(rule::PAG_ENT_02, final_bit | 0x4, guest.final_gpa.value));
  // A C-bit that is still there is removed (PAG-NPT-19).
  CHECK(fault_of(in_sev_guest({guest.final_gpa.value | bit_at(51)}, true)) ==
        nested_fault(rule::PAG_ENT_02, 0x5'0000'0004, guest.final_gpa.value));
  guest.for_data(1) = 0x0777'7000 | all_rights | accessed | dirty;
  CHECK(in_sev_guest({guest.final_gpa.value | bit_at(51)}, true)->where == spa{0x0777'7cc8});
}
