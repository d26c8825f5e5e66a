// SPDX-License-Identifier: MIT
// What the commands on pages of SNP guests do to contents, entries and counters, and that they do nothing else.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;
using enum rmp::page_state;

constexpr std::uint64_t metadata_at = 0x50'0000;
constexpr std::uint64_t entry_place = metadata_at + 0x80;
constexpr std::uint64_t out = test_scratch + 0x4000;
constexpr std::uint64_t other_gctx = gctx_at + 0x1000;
constexpr std::uint64_t first_count = 0x1'0000'0005;

/// A guest whose pages may be swapped and moved, a page of its metadata, and a page to take from.
void prepare(world& w) {
  w.snp_launched();
  give_page(w.m, metadata_at);
  w.expect({w.md_init(metadata_at)});
  w.guest().oek_iv_count = first_count;
}
/// A page of the guest's with contents, permissions and flags of its own.
void put_guest_page(world& w, std::uint64_t where, std::uint64_t gpa, bool validated, bool vmsa,
                    const byte_vector& contents) {
  if (w.state(where) == hypervisor) w.guest_page_at(where, gpa, 1, contents.size() > 0x1000);
  rmp::entry made = entry(w, where);
  made.validated = validated;
  made.vmsa = vmsa;
  made.locked = true;
  for (std::size_t i = 0; i < 4; ++i) made.allowed[i].raw = static_cast<std::uint8_t>(0x11 + i);
  w.m.rmp.put({where >> 12}, made);
  poke_guest(w.m, {1}, where, contents);
}
template <class Machine>
void change_entry(Machine& m, std::uint64_t where, auto change) {
  rmp::entry made = firmware::entry_at(m, {where});
  change(made);
  m.rmp.put({where >> 12}, made);
}
/// An entry of the firmware's own making.
auto own_entry(const rmp::entry& old, bool of_metadata) -> rmp::entry {
  rmp::entry made{.assigned = true, .large = old.large, .immutable = true, .locked = true};
  made.sub_page_count = old.sub_page_count;
  if (of_metadata) made.tag = rmp::firmware_tag::metadata;
  if (of_metadata) made.guest = {gctx_at};
  return made;
}
/// 64 bytes about a swapped page.
struct told_page {
  std::uint64_t software = 0;
  std::uint64_t iv = 0;
  crypto::gcm_tag tag{};
  std::uint64_t attributes = 0;
  std::array<std::uint8_t, 4> perms{};

  [[nodiscard]] auto bytes() const -> byte_vector {
    byte_vector made(64);
    put_le(made, 0x00, 8, software);
    put_le(made, 0x08, 8, iv);
    std::ranges::copy(tag, made.begin() + 0x10);
    put_le(made, 0x20, 8, attributes);
    std::ranges::copy(perms, made.begin() + 0x28);
    return made;
  }
};
constexpr std::array<std::uint8_t, 4> page_perms{0x11, 0x12, 0x13, 0x14};
auto seal(const firmware::snp_guest& guest, std::uint64_t count, const byte_vector& plain)
    -> std::pair<crypto::gcm_tag, byte_vector> {
  std::array<std::uint8_t, 12> iv{};
  put_le(iv, 0, 8, count);
  byte_vector sealed(plain.size());
  const auto tag = crypto::aes256_gcm_seal(guest.oek, iv, {}, plain, sealed);
  return {tag, sealed};
}
auto swap_out_with(world& w, std::uint64_t from, std::uint32_t type, bool root, bool large) -> fw {
  cmd_snp_swap_out cmd;
  cmd.set_gctx_paddr(gctx_at);
  cmd.set_src_paddr(from);
  cmd.set_dst_paddr(out);
  cmd.set_mdata_paddr(root ? 0 : entry_place);
  cmd.set_software_data(0x8877'6655'4433'2211);
  cmd.set_flags(cmd_snp_swap_out_flags{}.set_page_size(large).set_page_type(type).set_root_mdata_en(root));
  return w.post(command_id::snp_page_swap_out, cmd);
}
/// Fails, and leaves everything but the command buffer as it was.
void refused(world& w, fw status, auto play) {
  auto before = w.m;
  CHECK(play() == status);
  poke(before, test_buffer, peek(w.m, test_buffer, 128));
  CHECK(same_state(before, w.m));
}

}  // namespace

TEST_CASE("SNP_PAGE_MD_INIT: the page is zero, and the guest's", "[firmware][effects][FW-SNP-MDI-01][FW-PGS-20]") {
  for (const bool large : {false, true}) {
    listening with;
    world w(with.ctx, true);
    w.snp_launched();
    const std::uint64_t where = 0x60'0000;
    const std::size_t size = large ? 0x20'0000 : 0x1000;
    rmp_update(w.m, where, {.assigned = true, .large = large, .immutable = true});
    poke(w.m, where, pattern(size + 0x10));
    check_effect(
        w, [&] { return w.md_init(where); },
        [&](auto& m) {
          poke(m, where, byte_vector(size));
          m.rmp.put({where >> 12}, own_entry(firmware::entry_at(m, {where}), true));
        });
    CHECK(w.state(where) == metadata);
  }
}

TEST_CASE("SNP_PAGE_SWAP_OUT and SNP_PAGE_SWAP_IN: data and VMSAs",
          "[firmware][effects][FW-SNP-SWO-03][FW-SNP-SWO-04][FW-SNP-SWO-05][FW-SNP-SWO-06][FW-SNP-SWO-08]"
          "[FW-SNP-SWI-02]") {
  for (const bool root : {false, true}) {
    for (const bool validated : {false, true}) {
      for (const std::uint32_t type : {0U, 2U}) {
        INFO(root << validated << type);
        listening with;
        world w(with.ctx, true);
        prepare(w);
        const bool vmsa = type == 2;
        auto contents = pattern(0x1000, 51);
        put_le(contents, 0x3b0, 8, 1);  // as a VMSA: without Secure TSC
        put_guest_page(w, page, 0xf'1234'5000, validated, vmsa, contents);
        const auto [tag, sealed] = seal(w.guest(), first_count, contents);
        told_page told{.software = 0x8877'6655'4433'2211,
                       .iv = first_count,
                       .tag = tag,
                       .attributes = 0xf'1234'5001U | (validated ? 2U : 0U) | (vmsa ? 4U : 0U),
                       .perms = page_perms};
        const auto store = [&](auto& m) {
          if (root) std::ranges::copy(told.bytes(), m.sp.contexts.at(gctx_at).root_entry.bytes().begin());
          else poke(m, entry_place, told.bytes());
        };
        check_effect(
            w, [&] { return swap_out_with(w, page, type, root, false); },
            [&](auto& m) {
              poke(m, out, sealed);
              store(m);
              m.sp.contexts.at(gctx_at).oek_iv_count = first_count + 1;
              change_entry(m, page, [](rmp::entry& one) { one.validated = false; });
            });
        const std::uint64_t to = page + 0x3000;
        w.guest_page_at(to, 0x8000);
        change_entry(w.m, to, [&](rmp::entry& one) { one.vmsa = !vmsa; });
        check_effect(
            w, [&] { return w.snp_swap_in(out, to, root ? 0 : entry_place, type, root); },
            [&](auto& m) {
              poke_guest(m, {1}, to, contents);
              told.attributes &= ~std::uint64_t{1};  // cannot be used again
              store(m);
              change_entry(m, to, [&](rmp::entry& one) {
                one.guest = {0xf'1234'5000};
                one.vmsa = vmsa;
                one.validated = validated;
                one.locked = true;
                for (std::size_t i = 0; i < 4; ++i) one.allowed[i].raw = page_perms[i];
              });
            });
        CHECK(w.state(to) == (validated ? pre_swap : pre_guest));
        w.guest_page_at(page + 0x4000, 0x8000);
        refused(w, fw::invalid_mdata_entry,
                [&] { return w.snp_swap_in(out, page + 0x4000, root ? 0 : entry_place, type, root); });
      }
    }
  }
}

TEST_CASE("SNP_PAGE_SWAP_IN of a VMSA sets Secure TSC anew", "[firmware][effects][FW-SNP-SWI-02][FW-MSG-31]") {
  for (const bool secure_tsc : {false, true}) {
    listening with;
    world w(with.ctx, true);
    prepare(w);
    auto vmsa = pattern(0x1000, 3);
    put_le(vmsa, 0x3b0, 8, secure_tsc ? 0x201 : 1);
    put_guest_page(w, page, 0x9000, true, true, vmsa);
    w.expect({w.snp_swap_out(page, out, entry_place, 2)});
    w.guest().desired_tsc_khz = 199'600;
    w.guest().psp_tsc_offset = 0x1234'5678'9abc'def0;
    w.guest_page_at(page + 0x1000, 0x8000);
    w.expect({w.snp_swap_in(out, page + 0x1000, entry_place, 2)});
    if (secure_tsc) put_le(vmsa, 0x2f0, 8, std::uint64_t{2} << 32);
    if (secure_tsc) put_le(vmsa, 0x2f8, 8, 0x1234'5678'9abc'def0);
    CHECK(peek_guest(w.m, {1}, page + 0x1000, 0x1000) == vmsa);
    // What looks like a VMSA and is none stays as it is.
    put_guest_page(w, page + 0x2000, 0x9000, true, false, vmsa);
    w.guest().psp_tsc_offset = 1;
    w.expect({w.snp_swap_out(page + 0x2000, out, entry_place)});
    w.guest_page_at(page + 0x3000, 0x8000);
    w.expect({w.snp_swap_in(out, page + 0x3000, entry_place)});
    CHECK(peek_guest(w.m, {1}, page + 0x3000, 0x1000) == vmsa);
  }
}

TEST_CASE("swapping metadata: plaintext inside, and owned again",
          "[firmware][effects][FW-SNP-SWO-04][FW-SNP-SWO-05][FW-SNP-SWI-02][FW-PGS-20]") {
  listening with;
  world w(with.ctx, true);
  prepare(w);
  const auto contents = pattern(0x1000, 88);
  const std::uint64_t from = 0x70'0000;
  give_page(w.m, from);
  w.expect({w.md_init(from)});
  poke(w.m, from, contents);
  const auto [tag, sealed] = seal(w.guest(), first_count, contents);
  told_page told{.software = 0x8877'6655'4433'2211, .iv = first_count, .tag = tag, .attributes = 0xffff'ffff'ffff'f009};
  check_effect(
      w, [&] { return swap_out_with(w, from, 1, false, false); },
      [&](auto& m) {
        poke(m, out, sealed);
        poke(m, entry_place, told.bytes());
        m.sp.contexts.at(gctx_at).oek_iv_count = first_count + 1;
        m.rmp.put({from >> 12}, own_entry(firmware::entry_at(m, {from}), false));
      });
  CHECK(w.state(from) == rmp::page_state::firmware);
  const std::uint64_t to = 0x71'0000;
  give_page(w.m, to);
  check_effect(
      w, [&] { return w.snp_swap_in(out, to, entry_place, 1); },
      [&](auto& m) {
        poke(m, to, contents);
        told.attributes &= ~std::uint64_t{1};
        poke(m, entry_place, told.bytes());
        m.rmp.put({to >> 12}, own_entry(firmware::entry_at(m, {to}), true));
      });
}

TEST_CASE("swapping 2M, and in place", "[firmware][effects][FW-SNP-SWO-01][FW-SNP-SWI-01][FW-SNP-SWI-02]") {
  listening with;
  world w(with.ctx, true);
  prepare(w);
  const auto contents = pattern(0x20'0000, 7);
  put_guest_page(w, page, 0x4000'0000, true, false, contents);
  const std::uint64_t back = page + 0x20'0000;
  w.guest_page_at(back, 0x8000'0000, 1, true);
  cmd_snp_swap_out cmd;
  cmd.set_gctx_paddr(gctx_at);
  cmd.set_src_paddr(page);
  cmd.set_dst_paddr(0xe00'0000);
  cmd.set_mdata_paddr(entry_place);
  cmd.set_flags(cmd_snp_swap_out_flags{}.set_page_size(true));
  const auto [tag, sealed] = seal(w.guest(), first_count, contents);
  told_page told{.iv = first_count, .tag = tag, .attributes = 0x4000'0013, .perms = page_perms};
  check_effect(
      w, [&] { return w.post(command_id::snp_page_swap_out, cmd); },
      [&](auto& m) {
        poke(m, 0xe00'0000, sealed);
        poke(m, entry_place, told.bytes());
        m.sp.contexts.at(gctx_at).oek_iv_count = first_count + 1;
        change_entry(m, page, [](rmp::entry& one) { one.validated = false; });
      });
  w.expect({w.snp_swap_in(0xe00'0000, back, entry_place, 0, false, false, true)});
  CHECK(peek_guest(w.m, {1}, back, contents.size()) == contents);
  CHECK(entry(w, back).guest == gpa{0x4000'0000});

  const auto small = pattern(0x1000, 19);
  const std::uint64_t same = page + 0x40'0000;
  put_guest_page(w, same, 0x5000, true, false, small);
  w.expect({w.snp_swap_out(same, out, entry_place)});
  poke(w.m, same, peek(w.m, out, 0x1000));  // the driver puts the bytes where the page shall be
  w.expect({w.snp_swap_in(same, same, entry_place, 0, false, true)});
  CHECK(peek_guest(w.m, {1}, same, 0x1000) == small);
  CHECK(w.state(same) == pre_swap);
}

TEST_CASE("SNP_PAGE_MOVE: contents, entries, and whose pages they are",
          "[firmware][effects][FW-SNP-PMV-01][FW-SNP-PMV-02][FW-PGS-21]") {
  for (const bool large : {false, true}) {
    for (const bool validated : {false, true}) {
      for (const bool vmsa : {false, true}) {
        if (large && (vmsa || !validated)) continue;  // enough
        INFO(large << validated << vmsa);
        listening with;
        world w(with.ctx, true);
        prepare(w);
        const auto contents = pattern(large ? 0x20'0000 : 0x1000, 21);
        const std::uint64_t to = page + (large ? 0x20'0000 : 0x1000);
        put_guest_page(w, page, 0x4000'0000, validated, vmsa, contents);
        w.guest_page_at(to, 0x8000'0000, 1, large);
        check_effect(
            w, [&] { return w.snp_move(page, to, gctx_at, large); },
            [&](auto& m) {
              poke_guest(m, {1}, to, contents);
              change_entry(m, to, [&](rmp::entry& one) {
                one.guest = {0x4000'0000};
                one.vmsa = vmsa;
                one.validated = validated;
                one.immutable = false;
                for (std::size_t i = 0; i < 4; ++i) one.allowed[i].raw = page_perms[i];
              });
              change_entry(m, page, [](rmp::entry& one) {
                one.validated = false;
                one.immutable = false;
                one.locked = false;
              });
            });
        CHECK(w.state(page) == guest_invalid);
        CHECK(w.state(to) == (validated ? guest_valid : guest_invalid));
      }
    }
  }
  listening with;
  world w(with.ctx, true);
  prepare(w);
  w.guest_page_at(page, 0x8000);
  w.guest_page_at(page + 0x1000, 0x8000, 2);
  refused(w, fw::invalid_page_owner, [&] { return w.snp_move(page, page + 0x1000); });
  refused(w, fw::invalid_page_owner, [&] { return w.snp_move(page + 0x1000, page); });
  // Metadata: a copy, and the source is the firmware's again.
  poke(w.m, metadata_at, pattern(0x1000, 5));
  give_page(w.m, 0x60'0000);
  check_effect(
      w, [&] { return w.snp_move(metadata_at, 0x60'0000); },
      [](auto& m) {
        poke(m, 0x60'0000, pattern(0x1000, 5));
        m.rmp.put({0x600}, own_entry(firmware::entry_at(m, {0x60'0000}), true));
        m.rmp.put({metadata_at >> 12}, own_entry(firmware::entry_at(m, {metadata_at}), false));
      });
  // Another guest's metadata stays that guest's.
  w.context_page(other_gctx);
  w.expect({w.snp_launch_start(other_gctx), w.snp_activate(other_gctx, 3)});
  refused(w, fw::invalid_page_owner, [&] { return w.snp_move(0x60'0000, metadata_at, other_gctx); });
  w.guest_page_at(page + 0x5000, 0x8000, 3);
  refused(w, fw::invalid_page_owner,
          [&] { return w.snp_swap_out(page + 0x5000, out, 0x60'0000, 0, false, other_gctx); });
}

TEST_CASE("SNP_PAGE_SET_STATE: all that are listed, or none", "[firmware][effects][FW-SNP-PSS-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  constexpr std::uint64_t first = 0x40'0000;
  constexpr std::uint64_t second = 0x60'0000;
  for (std::uint64_t i = 0; i < 5; ++i) give_page(w.m, first + i * 0x1000);
  give_page(w.m, second);
  CHECK(entry(w, first).sub_page_count == 4);
  byte_vector list(8 + 2 * 16);
  put_le(list, 0, 4, 2);
  put_le(list, 8, 8, first);
  put_le(list, 16, 4, 4);
  put_le(list, 24, 8, second);
  put_le(list, 32, 4, 2);  // of which one is still the hypervisor's
  poke(w.m, test_scratch, list);
  refused(w, fw::invalid_page_state, [&] { return set_state(w); });
  give_page(w.m, second + 0x1000);
  check_effect(
      w, [&] { return set_state(w); },
      [](auto& m) {
        for (std::uint64_t i = 0; i < 4; ++i) m.rmp.put({(first >> 12) + i}, {.immutable = true});
        change_entry(m, first, [](rmp::entry& one) { one.sub_page_count = 1; });  // the fifth is the firmware's still
        for (std::uint64_t i = 0; i < 2; ++i) m.rmp.put({(second >> 12) + i}, {.immutable = true});
      });
  CHECK(rmp::encode(entry(w, second + 0x1000)).lo == 4);
  CHECK(w.state(first + 0x4000) == rmp::page_state::firmware);
}

TEST_CASE("SNP_DBG_DECRYPT: these bytes, in every state of a guest's page",
          "[firmware][effects][FW-SNP-DBGD-01][FW-SNP-DBG-00]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched(debug_policy);
  const std::uint64_t shown = 0x60'0000;
  give_page(w.m, shown);
  constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
  auto contents = pattern(0x1000, 61);
  put_le(contents, 0x3b0, 8, 1U << 14);
  for (const bool immutable : {false, true}) {
    for (const bool validated : {false, true}) {
      put_guest_page(w, page, 0x8000, validated, false, contents);
      change_entry(w.m, page, [&](rmp::entry& one) { one.immutable = one.locked = immutable; });
      w.m.hw.vmsa_tweak_bitmap.fill(0xff);  // counts for VMSAs alone
      poke(w.m, shown, pattern(0x1000, 1));
      check_effect(
          w, [&] { return w.snp_debug(command_id::snp_dbg_decrypt, page, shown); },
          [&](auto& m) { poke(m, shown, contents); });
    }
  }
  check_effect(
      w, [&] { return w.snp_debug(command_id::snp_dbg_decrypt, page, shown | c_bit); },
      [&](auto& m) { static_cast<void>(m.memory.write({shown}, memory_key::host(), contents)); });
  // One page of 4K inside a page of 2M: the large page's entry says whose it is.
  const auto large = pattern(0x20'0000, 77);
  put_guest_page(w, page + 0x20'0000, 0x4000'0000, true, false, large);
  check_effect(
      w, [&] { return w.snp_debug(command_id::snp_dbg_decrypt, page + 0x20'7000, shown); },
      [&](auto& m) { poke(m, shown, slice(large, 0x7000, 0x1000)); });
}

TEST_CASE("SNP_DBG_ENCRYPT: these bytes, and the entry stays", "[firmware][effects][FW-SNP-DBGE-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched(debug_policy);
  const auto contents = pattern(0x1000, 61);
  poke(w.m, test_scratch, contents);
  for (const bool validated : {false, true}) {
    put_guest_page(w, page, 0x8000, validated, false, pattern(0x1000, 2));
    check_effect(
        w, [&] { return w.snp_debug(command_id::snp_dbg_encrypt, test_scratch, page); },
        [&](auto& m) { poke_guest(m, {1}, page, contents); });
  }
  poke(w.m, 0x60'0000, pattern(0x1000, 9));  // the hypervisor's own page will do
  check_effect(
      w, [&] { return w.snp_debug(command_id::snp_dbg_encrypt, 0x60'0000, page); },
      [&](auto& m) { poke_guest(m, {1}, page, pattern(0x1000, 9)); });
}

TEST_CASE("SNP_DBG_*: the tweak of a VMSA is taken off, and put on",
          "[firmware][effects][FW-SNP-DBGD-01][FW-SNP-DBGE-01][FW-SNP-LUP-14]") {
  listening with;
  world w(with.ctx, true);
  w.snp_launched(debug_policy);
  const std::uint64_t shown = 0x60'0000;
  give_page(w.m, shown);
  w.m.hw.vmsa_tweak_bitmap[5] = 0x81;  // quadwords 40 and 47
  for (const bool protect : {false, true}) {
    auto stored = pattern(0x1000, 12);
    put_le(stored, 0x3b0, 8, protect ? 1U << 14 : 0U);
    put_guest_page(w, page, 0x8000, true, true, stored);
    auto plain = stored;
    for (const std::size_t at : {0x140U, 0x178U})
      for (std::size_t i = 0; protect && i < 8; ++i) plain[at + i] ^= stored[0x300 + i];
    check_effect(
        w, [&] { return w.snp_debug(command_id::snp_dbg_decrypt, page, shown); },
        [&](auto& m) { poke(m, shown, plain); });
    poke_guest(w.m, {1}, page, byte_vector(0x1000));
    check_effect(
        w, [&] { return w.snp_debug(command_id::snp_dbg_encrypt, shown, page); },
        [&](auto& m) { poke_guest(m, {1}, page, stored); });
  }
}
