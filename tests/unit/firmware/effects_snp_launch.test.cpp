// SPDX-License-Identifier: MIT
// What an SNP guest is launched with: every field of its record, and every byte of its pages.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using memory::asid_state;

constexpr std::uint64_t page = page_at_2m;
constexpr std::uint64_t agent_at = gctx_at;
constexpr std::uint64_t ward_at = gctx_at + 0x1000;

auto launch_start_with(world& w, std::uint64_t where, std::uint64_t policy, std::uint64_t agent, bool imi) -> fw {
  layout::cmd_snp_launch_start cmd;
  cmd.set_gctx_paddr(where);
  cmd.set_policy({policy});
  cmd.set_ma_gctx_paddr(agent);
  cmd.set_flags(layout::cmd_snp_launch_start_flags{}.set_ma_en(agent != 0).set_imi_en(imi));
  cmd.set_desired_tsc_khz(2'345'678);
  cmd.set_gosvw(filled<16>(0x6a));
  return w.post(command_id::snp_launch_start, cmd);
}

/// One step of a launch digest, put down byte by byte.
auto extended(const std::array<std::uint8_t, 48>& current, const std::array<std::uint8_t, 48>& contents,
              std::uint8_t type, bool imi, std::uint32_t perms, std::uint64_t gpa) -> std::array<std::uint8_t, 48> {
  byte_vector info(0x70);
  std::ranges::copy(current, info.begin());
  std::ranges::copy(contents, info.begin() + 0x30);
  put_le(info, 0x60, 2, 0x70);
  info[0x62] = type;
  info[0x63] = imi ? 1 : 0;
  put_le(info, 0x64, 4, perms);
  put_le(info, 0x68, 8, gpa);
  return crypto::sha384_of(info);
}
constexpr std::array<std::uint8_t, 48> no_contents{};

/// The entry of a page after SNP_LAUNCH_UPDATE.
template <class Machine>
void accept_page(Machine& m, std::uint64_t where, std::uint32_t perms, bool vmsa) {
  rmp::entry made = firmware::entry_at(m, {where});
  made.immutable = false;
  made.locked = false;
  made.validated = true;
  made.vmsa = vmsa;
  for (std::size_t i = 1; i < 4; ++i) made.allowed[i].raw = static_cast<std::uint8_t>(perms >> (8 * i) & 0xff);
  m.rmp.put({where >> 12}, made);
}
auto guest_of(auto& m) -> firmware::snp_guest& { return m.sp.contexts.at(gctx_at); }

}  // namespace

TEST_CASE("SNP_GCTX_CREATE: a fresh record", "[firmware][effects][FW-SNP-GCC-01][FW-PGS-06]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  give_page(w.m, gctx_at);
  w.m.hw.mitigation_vector = 0x15;
  w.m.sp.current.tcb += 1;  // runs, and is not committed
  w.m.sp.contexts[gctx_at].oek_iv_count = 5;
  check_effect(
      w, [&] { return w.word(command_id::snp_gctx_create, gctx_at); },
      [](auto& m) {
        firmware::snp_guest made;
        made.vek = crypto::draw<32>(m.random);
        made.launch_tcb = 0x0303'0000'0000'0102;
        made.launch_mitigation = 0x15;
        m.sp.contexts.insert_or_assign(gctx_at, made);
        rmp::entry context = firmware::entry_at(m, {gctx_at});
        context.vmsa = true;
        context.locked = true;
        context.allowed = {};  // nobody's
        m.rmp.put({gctx_at >> 12}, context);
      });
  CHECK(w.guest().state == firmware::context_state::init);
}

TEST_CASE("SNP_LAUNCH_START: every field of the record", "[firmware][effects][FW-SNP-LST-01][FW-GCTX-02]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  w.context_page(ward_at);
  {  // nothing of what was there before stays
    auto& old = w.m.sp.contexts.at(ward_at);
    old.launch_digest.fill(1);
    old.imd.fill(2);
    old.oek_iv_count = 3;
    old.message_count = {4, 5, 6, 7};
    old.psp_tsc_offset = 8;
  }
  const auto check = [&](bool with_agent, bool imi) {
    const std::uint64_t policy = snp_policy | (with_agent ? 1U << 18 : 0U);
    std::set<std::array<std::uint8_t, 32>> secrets{{}};
    auto other = w;
    check_effect(
        other, [&] { return launch_start_with(other, ward_at, policy, with_agent ? agent_at : 0, imi); },
        [&](auto& m) {
          const auto& told = other.m.sp.contexts.at(ward_at);
          auto& guest = m.sp.contexts.at(ward_at);
          guest.state = firmware::context_state::launch;
          guest.policy = {policy};
          guest.launch_digest = {};
          guest.imd = {};
          guest.oek = told.oek;
          guest.oek_iv_count = 0;
          guest.vmpck = told.vmpck;
          guest.message_count = {};
          guest.vmrk = told.vmrk;
          guest.report_id = told.report_id;
          guest.agent = with_agent ? spa{agent_at} : spa{~std::uint64_t{0}};
          guest.report_id_ma = with_agent ? m.sp.contexts.at(agent_at).report_id : filled<32>(0xff);
          guest.imi_en = imi;
          guest.gosvw = filled<16>(0x6a);
          guest.desired_tsc_khz = 2'345'678;
          guest.psp_tsc_offset = 0;
          ++m.sp.snp_guest_count;
          for (const auto& one : {guest.vek, guest.oek, guest.vmpck[0], guest.vmpck[1], guest.vmpck[2], guest.vmpck[3],
                                  guest.vmrk, guest.report_id})
            CHECK(secrets.insert(one).second);  // drawn, each on its own
          CHECK(m.random != other.m.random);
          m.random = other.m.random;
        });
  };
  check(false, false);
  check(false, true);
  check(true, false);
}

TEST_CASE("SNP_ACTIVATE loads the key, SNP_ACTIVATE_EX the first time alone",
          "[firmware][effects][FW-SNP-ACT-01][FW-SNP-ACX-01][FW-ASID-09]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started().context_page();
  w.expect({w.snp_launch_start()});
  auto other = w;
  check_effect(
      other, [&] { return other.snp_activate(gctx_at, 3); },
      [](auto& m) {
        guest_of(m).slot = {.id = {3}, .pending = true};
        for (std::uint32_t i = 0; i < 2; ++i) m.asids.set_state({3}, {i}, asid_state::allocated);
      });
  CHECK(key_word(other, 3) == key_word_of(other.guest().vek));
  const auto list = [&](std::uint32_t apic_id) {
    byte_vector made(4);
    put_le(made, 0, 4, apic_id);
    return made;
  };
  check_effect(
      w, [&] { return w.snp_activate_ex(gctx_at, 2, {1}); },
      [&](auto& m) {
        guest_of(m).slot = {.id = {2}, .pending = true};
        m.asids.set_state({2}, {1}, asid_state::allocated);
        poke(m, test_scratch, list(1));
      });
  CHECK(key_word(w, 2) == key_word_of(w.guest().vek));
  static_cast<void>(w.m.memory.install_key({2}, crypto::block{0x77}));
  check_effect(
      w, [&] { return w.snp_activate_ex(gctx_at, 2, {0}); },
      [&](auto& m) {
        m.asids.set_state({2}, {0}, asid_state::allocated);
        poke(m, test_scratch, list(0));
      });
  CHECK(key_word(w, 2) == 0x77);
}

TEST_CASE("SNP_LAUNCH_UPDATE: LD of all pages, IMD of those of the migration image",
          "[firmware][effects][FW-LD-01][FW-LD-02][FW-LD-05][FW-LD-08][FW-SNP-LUP-10][FW-SNP-LUP-15]") {
  constexpr std::uint32_t perms = 0x1d'0b'07'00;
  for (const bool imi_guest : {false, true}) {
    listening with;
    world w(with.ctx, true);
    w.snp_started().context_page();
    w.expect({w.snp_launch_start(gctx_at, snp_policy, 0, imi_guest), w.snp_activate(gctx_at, 1)});
    std::uint64_t where = page;
    std::uint64_t gpa = 0x7'1234'5000;
    for (const bool imi_page : {true, false}) {
      if (imi_guest && !imi_page) continue;  // refused
      for (const std::uint8_t type : std::array<std::uint8_t, 4>{1, 3, 4, 5}) {
        INFO(imi_guest << imi_page << static_cast<int>(type));
        const auto bytes = pattern(0x1000, type);
        w.guest_page_at(where, gpa);
        poke(w.m, where, bytes);
        check_effect(
            w, [&] { return w.snp_update(where, type, gctx_at, false, imi_page, perms); },
            [&](auto& m) {
              auto& guest = guest_of(m);
              const auto contents = type == 1 ? crypto::sha384_of(bytes) : no_contents;
              guest.launch_digest = extended(guest.launch_digest, contents, type, imi_page, perms, gpa);
              if (imi_page) guest.imd = extended(guest.imd, contents, type, true, perms, gpa);
              accept_page(m, where, perms, false);
              if (type == 1 || type == 4) poke_guest(m, {1}, where, bytes);
              if (type == 3) poke_guest(m, {1}, where, byte_vector(0x1000));
              if (type != 5) return;
              byte_vector secrets(0x1000);
              put_le(secrets, 0x00, 4, 3);
              put_le(secrets, 0x04, 4, imi_guest ? 1 : 0);
              put_le(secrets, 0x08, 4, 0x00a1'0f10);
              std::ranges::copy(guest.gosvw, secrets.begin() + 0x10);
              for (std::size_t i = 0; i < 4; ++i)
                std::ranges::copy(guest.vmpck[i], secrets.begin() + 0x20 + static_cast<std::ptrdiff_t>(0x20 * i));
              std::ranges::copy(m.hw.vmsa_tweak_bitmap, secrets.begin() + 0x100);
              put_le(secrets, 0x160, 4, 200);
              poke_guest(m, {1}, where, secrets);
            });
        where += 0x1000;
        gpa += 0x1'0000;
        w.guest().gosvw.fill(type);
        w.m.hw.vmsa_tweak_bitmap.fill(type);
      }
    }
    // A page that is a VMSA already is one still, whatever it is given as.
    w.guest_page_at(where, gpa);
    rmp::entry vmsa = entry(w, where);
    vmsa.vmsa = true;
    w.m.rmp.put({where >> 12}, vmsa);
    w.expect({w.snp_update(where, 1, gctx_at, false, true)});
    CHECK(entry(w, where).vmsa);
  }
}

TEST_CASE("SNP_LAUNCH_UPDATE of a VMSA: what is measured and what is stored",
          "[firmware][effects][FW-SNP-LUP-14][FW-SNP-LUP-15][FW-LD-04]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  w.guest().desired_tsc_khz = 300'000;
  w.m.hw.tsc_reference_khz = 99'800;
  for (const std::size_t quadword : {std::size_t{0}, std::size_t{0x178 / 8}, std::size_t{0x2f0 / 8}, std::size_t{511}})
    w.m.hw.vmsa_tweak_bitmap[quadword / 8] |= static_cast<std::uint8_t>(1U << quadword % 8);
  std::uint64_t where = page;
  for (const bool secure_tsc : {false, true}) {
    for (const bool protect : {false, true}) {
      INFO(secure_tsc << protect);
      auto vmsa = pattern(0x1000, 33);
      put_le(vmsa, 0x3b0, 8, 1U | (secure_tsc ? 1U << 9 : 0U) | (protect ? 1U << 14 : 0U));
      w.guest_page_at(where, 0xffff'ffff'f000);
      poke(w.m, where, vmsa);
      check_effect(
          w, [&] { return w.snp_update(where, 2); },
          [&](auto& m) {
            auto measured = vmsa;
            std::fill_n(measured.begin() + 0x2f0, 16, std::uint8_t{0});
            guest_of(m).launch_digest =
                extended(guest_of(m).launch_digest, crypto::sha384_of(measured), 2, false, 0, 0xffff'ffff'f000);
            accept_page(m, where, 0, true);
            auto stored = vmsa;
            if (protect) {
              const auto nonce = crypto::draw<8>(m.random);
              std::ranges::copy(nonce, stored.begin() + 0x300);
              for (const std::size_t at : {0x0U, 0x178U, 0x2f0U, 0xff8U})
                for (std::size_t i = 0; i < 8; ++i) stored[at + i] ^= nonce[i];
            }
            if (secure_tsc) {
              put_le(stored, 0x2f0, 8, (std::uint64_t{3} << 32) + 25'821'447);  // 300000 / 99800, rounded up
              put_le(stored, 0x2f8, 8, 0);
            }
            put_le(stored, 0x380, 8, 0);
            put_le(stored, 0x388, 8, ~std::uint64_t{0});
            poke_guest(m, {1}, where, stored);
          });
      where += 0x1000;
    }
  }
}

TEST_CASE("SNP_LAUNCH_UPDATE of a CPUID page: corrected in place, or taken as it is",
          "[firmware][effects][FW-SNP-LUP-13][FW-LD-04]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched();
  w.guest_page_at(page, 0x9000);
  w.m.hw.cpuid_policy = {{.function = 1, .registers = {0xf, 0xf0, 0xf00, 0xf000}},
                         {.function = 0x8000'0008, .bound = firmware::cpuid_bound::equal, .registers = {1, 2, 3, 4}}};
  byte_vector table(0x1000);
  const auto put_entry = [&](std::size_t number, std::uint32_t function, std::array<std::uint32_t, 4> registers) {
    put_le(table, 0x10 + 0x30 * number, 4, function);
    for (std::size_t i = 0; i < 4; ++i) put_le(table, 0x28 + 0x30 * number + 4 * i, 4, registers[i]);
  };
  table[0] = 3;
  put_entry(0, 1, {0xff, 0xff, 0xfff, 0x1f000});
  put_entry(1, 0x8000'0008, {9, 9, 9, 9});
  put_entry(2, 0x4000'0000, {9, 9, 9, 9});  // neither range: not looked at
  const auto refused = [&](const byte_vector& given, const byte_vector& left) {
    poke(w.m, page, given);
    auto expected = w.m;
    CHECK(w.snp_update(page, 6) == fw::invalid_param);
    poke(expected, page, left);
    poke(expected, test_buffer, peek(w.m, test_buffer, 128));
    CHECK(same_state(expected, w.m));
  };
  auto corrected = table;
  std::swap(corrected, table);
  put_entry(0, 1, {0xf, 0xf0, 0xf00, 0xf000});
  put_entry(1, 0x8000'0008, {1, 2, 3, 4});
  std::swap(corrected, table);
  refused(table, corrected);
  for (const auto& [offset, value] : std::vector<std::pair<std::size_t, std::uint8_t>>{{0, 65}, {4, 1}, {8, 1}}) {
    auto spoilt = corrected;
    spoilt[offset] = value;
    refused(spoilt, spoilt);
  }
  poke(w.m, page, corrected);
  check_effect(
      w, [&] { return w.snp_update(page, 6); },
      [&](auto& m) {
        guest_of(m).launch_digest = extended(guest_of(m).launch_digest, no_contents, 6, false, 0, 0x9000);
        accept_page(m, page, 0, false);
        poke_guest(m, {1}, page, corrected);
      });
}

TEST_CASE("SNP_LAUNCH_FINISH: what the record keeps of the command",
          "[firmware][effects][FW-SNP-LFIN-08][FW-SNP-LFIN-10][FW-SNP-LFIN-11][FW-ASID-10]") {
  for (const bool block : {false, true}) {
    for (const bool author : {false, true}) {
      if (author && !block) continue;  // refused
      INFO(block << author);
      listening with;
      world w(with.ctx, true);
      w.snp_launched();
      put_identity(w, [](layout::id_block&, layout::id_auth&) {}, author);
      const auto image = peek(w.m, test_scratch, 0x60);
      const auto auth = peek(w.m, test_scratch + 0x1000, 0x1000);
      layout::cmd_snp_launch_finish cmd;
      cmd.set_gctx_paddr(gctx_at);
      cmd.set_id_block_paddr(test_scratch);
      cmd.set_id_auth_paddr(test_scratch + 0x1000);
      cmd.set_flags(
          layout::cmd_snp_launch_finish_flags{}.set_id_block_en(block).set_auth_key_en(author).set_vcek_dis(!author));
      cmd.set_host_data(filled<32>(0x4d));
      check_effect(
          w, [&] { return w.post(command_id::snp_launch_finish, cmd); },
          [&](auto& m) {
            auto& guest = guest_of(m);
            guest.state = firmware::context_state::running;
            guest.slot.pending = false;
            guest.host_data = filled<32>(0x4d);
            guest.vcek_dis = !author;
            guest.id_block_en = block;
            guest.author_key_en = author;
            if (block) std::ranges::copy(image, guest.id_block.bytes().begin());
            if (block) guest.id_key_digest = crypto::sha384_of(std::span{auth}.subspan(0x240, 0x404));
            if (author) guest.author_key_digest = crypto::sha384_of(std::span{auth}.subspan(0x880, 0x404));
            for (std::uint32_t i = 0; i < 2; ++i) {
              m.asids.set_state({1}, {i}, asid_state::in_use);
              m.asids.set_valid({1}, {i}, true);
            }
          });
    }
  }
}

TEST_CASE("SNP_GUEST_STATUS: every field", "[firmware][effects][FW-SNP-GST-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started().context_page();
  const auto told = [&](std::uint64_t policy, std::uint32_t id, std::uint8_t state, bool vcek_dis) {
    byte_vector wanted(32);
    put_le(wanted, 0, 8, policy);
    put_le(wanted, 8, 4, id);
    wanted[0xc] = state;
    wanted[0x10] = vcek_dis ? 1 : 0;
    poke(w.m, test_scratch, byte_vector(64, 0xee));
    check_effect(w, [&] { return w.snp_status(gctx_at); }, [&](auto& m) { poke(m, test_scratch, wanted); });
  };
  told(0, 0, 0, false);
  w.expect({w.snp_launch_start(gctx_at, debug_policy)});
  told(debug_policy, 0, 1, false);
  w.expect({w.snp_activate(gctx_at, 3)});
  told(debug_policy, 3, 1, false);
  w.expect({w.snp_finish(gctx_at, layout::cmd_snp_launch_finish_flags{}.set_vcek_dis(true))});
  told(debug_policy, 3, 2, true);
}

TEST_CASE("SNP_DECOMMISSION: the record and the ASID, and no page of the guest's",
          "[firmware][effects][FW-SNP-DEC-01][FW-ASID-07][FW-ASID-11]") {
  for (const bool runs : {true, false}) {
    listening with;
    world w(with.ctx, true);
    w.snp_started().context_page();
    w.expect({w.snp_launch_start(), w.snp_activate_ex(gctx_at, 2, {1})});
    w.guest_page_at(page, 0x8000, 2);
    w.expect({w.snp_update(page)});
    if (runs) w.expect({w.snp_finish()});
    const auto key = key_word(w, 2);
    check_effect(
        w, [&] { return w.word(command_id::snp_decommission, gctx_at); },
        [&](auto& m) {
          m.sp.contexts.clear();
          --m.sp.snp_guest_count;
          rmp::entry given = firmware::entry_at(m, {gctx_at});
          given.vmsa = false;
          m.rmp.put({gctx_at >> 12}, given);
          m.asids.set_state({2}, {1}, runs ? asid_state::dirty : asid_state::clean);
          m.asids.set_valid({2}, {1}, false);
          m.asids.set_written_back({1}, !runs);
          m.hw.threads[1].written_back = !runs;
        });
    CHECK(w.m.asids.is_written_back({0}));
    CHECK(key_word(w, 2) == key);
    CHECK(w.state(page) == rmp::page_state::guest_valid);
  }
}
