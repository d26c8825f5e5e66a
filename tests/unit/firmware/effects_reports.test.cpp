// SPDX-License-Identifier: MIT
// Attestation reports, byte by byte, and who signs them.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;

constexpr std::uint64_t committed_tcb = 0x0303'0000'0000'0102;
constexpr std::uint64_t older_tcb = 0x0202'0000'0000'0101;
constexpr firmware::firmware_release newer{.api_major = 2, .api_minor = 57, .build = 31, .tcb = 0x0404'0000'0000'0203};

void put(byte_vector& to, std::size_t offset, const auto& from) {
  std::ranges::copy(from, to.begin() + static_cast<std::ptrdiff_t>(offset));
}
/// What every report of the world's guest says: 000h to 29Fh.
auto common_part(const world& w) -> byte_vector {
  const firmware::snp_guest& guest = w.m.sp.contexts.at(gctx_at);
  byte_vector made(0x2a0);
  put_le(made, 0x000, 4, 2);
  put_le(made, 0x008, 8, guest.policy.raw);
  put_le(made, 0x034, 4, 1);
  put_le(made, 0x038, 8, w.m.sp.current.tcb);
  put_le(made, 0x040, 8, 0x24);  // ECC, and the alias check
  for (std::size_t i = 0; i < 64; ++i) made[0x50 + i] = static_cast<std::uint8_t>(0x80 + i);
  put(made, 0x090, guest.launch_digest);
  put(made, 0x140, guest.report_id);
  std::fill_n(made.begin() + 0x160, 32, std::uint8_t{0xff});
  put_le(made, 0x180, 8, committed_tcb);
  for (std::size_t i = 0; i < 64; ++i) made[0x1a0 + i] = static_cast<std::uint8_t>(200 - i);
  put_le(made, 0x1e0, 8, committed_tcb);
  const firmware::firmware_release& current = w.m.sp.current;
  put(made, 0x1e8, std::array<std::uint8_t, 3>{current.build, current.api_minor, current.api_major});
  put(made, 0x1ec, std::array<std::uint8_t, 3>{15, 55, 1});
  put_le(made, 0x1f0, 8, committed_tcb);
  return made;
}
auto signed_part_of(const byte_vector& report) -> byte_vector { return slice(report, 0, 0x2a0); }
auto is_signed_by(const byte_vector& report, const crypto::p384_private_key& key) -> bool {
  const auto verifier = crypto::p384_verifier::make(key.public_key());
  crypto::p384_signature signature;
  std::ranges::copy(slice(report, 0x2a0, 72), signature.r.begin());
  std::ranges::copy(slice(report, 0x2e8, 72), signature.s.begin());
  const bool rest_is_zero = firmware::is_zero(slice(report, 0x330, 0x170));
  return rest_is_zero && verifier->verify(crypto::hash_kind::sha384, signed_part_of(report), signature);
}
auto vcek_of(const world& w, std::uint64_t tcb) -> crypto::p384_private_key {
  return firmware::vcek_of(firmware::endorsement_seed_of(w.m.hw.chip_secret, tcb));
}
/// A guest without anything special, and a page for answers.
void run_guest(world& w) {
  w.snp_launched();
  w.guest_page_at(page);
  w.expect({w.snp_update(page), w.snp_finish()});
  give_page(w.m, response_at);
}
auto report_status(world& w, std::uint8_t vmpck, std::uint32_t vmpl, std::uint32_t flags) -> fw {
  byte_vector asked(0x60);
  put_le(asked, 0x40, 4, vmpl);
  put_le(asked, 0x44, 4, flags);
  return answer_to(w, {.type = layout::snp_message_types::report_req, .vmpck = vmpck, .payload = asked});
}

}  // namespace

TEST_CASE("a report without an ID block", "[firmware][effects][FW-MSG-22][FW-MSG-23]") {
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  REQUIRE_FALSE(firmware::is_zero(w.guest().launch_digest));
  const auto report = report_bytes(w);
  CHECK(signed_part_of(report) == common_part(w));
  CHECK(is_signed_by(report, vcek_of(w, committed_tcb)));
  auto expected = common_part(w);
  put_le(expected, 0x30, 4, 3);
  CHECK(signed_part_of(report_bytes(w, 2, 3)) == expected);
}

TEST_CASE("a report with an ID block, host data and an author", "[firmware][effects][FW-MSG-22][FW-SNP-LFIN-11]") {
  for (const bool author : {false, true}) {
    listening with;
    world w(with.ctx, true);
    w.snp_launched(debug_policy);
    put_identity(w, {}, author);
    const auto auth = peek(w.m, test_scratch + 0x1000, 0x1000);
    layout::cmd_snp_launch_finish cmd;
    cmd.set_gctx_paddr(gctx_at);
    cmd.set_id_block_paddr(test_scratch);
    cmd.set_id_auth_paddr(test_scratch + 0x1000);
    cmd.set_flags(layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true).set_auth_key_en(author));
    cmd.set_host_data(filled<32>(0x4d));
    w.expect({w.post(command_id::snp_launch_finish, cmd)});
    w.guest().id_block.set_family_id(filled<16>(0x1f));
    w.guest().id_block.set_image_id(filled<16>(0x2f));
    give_page(w.m, response_at);
    auto expected = common_part(w);
    put_le(expected, 0x004, 4, 4);
    put(expected, 0x010, filled<16>(0x1f));
    put(expected, 0x020, filled<16>(0x2f));
    put_le(expected, 0x048, 4, author ? 1 : 0);
    put(expected, 0x0c0, filled<32>(0x4d));
    put(expected, 0x0e0, crypto::sha384_of(std::span{auth}.subspan(0x240, 0x404)));
    if (author) put(expected, 0x110, crypto::sha384_of(std::span{auth}.subspan(0x880, 0x404)));
    CHECK(signed_part_of(report_bytes(w)) == expected);
  }
}

TEST_CASE("a report's PLATFORM_INFO: a bit each", "[firmware][effects][FW-MSG-22]") {
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  w.m.hw.ecc = false;
  w.m.hw.alias_check_complete = false;
  const auto info = [&] { return get_le(report_bytes(w), 0x40, 8); };
  CHECK(info() == 0);
  w.m.hw.smt = true;
  CHECK(info() == 1);
  w.m.hw.smt = false;
  w.m.hw.tsme = true;
  CHECK(info() == 2);
  w.m.hw.tsme = false;
  w.m.hw.ecc = true;
  CHECK(info() == 4);
  w.m.hw.ecc = false;
  w.m.sp.rapl_disabled = true;
  CHECK(info() == 8);
  w.m.sp.rapl_disabled = false;
  w.m.sp.ciphertext_hiding = true;
  CHECK(info() == 0x10);
  w.m.sp.ciphertext_hiding = false;
  w.m.hw.alias_check_complete = true;
  CHECK(info() == 0x20);
}

TEST_CASE("a report's versions: current, committed, reported, at launch",
          "[firmware][effects][FW-MSG-22][FW-SNP-CFG-01][FW-SNP-COM-01][FW-SNP-DLX-01][FW-SNP-GCC-01]") {
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  w.expect({config(w, older_tcb)});
  auto expected = common_part(w);
  put_le(expected, 0x180, 8, older_tcb);
  auto report = report_bytes(w);
  CHECK(signed_part_of(report) == expected);
  CHECK(is_signed_by(report, vcek_of(w, older_tcb)));  // the key goes with what is reported

  w.expect({download(w, newer)});
  put_le(expected, 0x038, 8, newer.tcb);
  put(expected, 0x1e8, std::array<std::uint8_t, 3>{31, 57, 2});
  CHECK(signed_part_of(report_bytes(w)) == expected);

  w.expect({commit(w, 4)});
  put_le(expected, 0x180, 8, newer.tcb);
  put_le(expected, 0x1e0, 8, newer.tcb);
  put(expected, 0x1ec, std::array<std::uint8_t, 3>{31, 57, 2});
  report = report_bytes(w);
  CHECK(signed_part_of(report) == expected);
  CHECK(get_le(report, 0x1f0, 8) == committed_tcb);  // as when the context was made
  CHECK(is_signed_by(report, vcek_of(w, newer.tcb)));
}

TEST_CASE("a report's chip: named, hidden, unsigned", "[firmware][effects][FW-MSG-22][FW-MSG-23][FW-SNP-CFG-01]") {
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  const auto mask = [&](bool chip_id, bool chip_key) {
    cmd_snp_config cmd;
    cmd.set_mask(cmd_snp_config_mask{}.set_mask_chip_id(chip_id).set_mask_chip_key(chip_key));
    w.expect({w.post(command_id::snp_config, cmd)});
  };
  mask(true, false);
  auto expected = common_part(w);
  std::fill_n(expected.begin() + 0x1a0, 64, std::uint8_t{0});
  auto report = report_bytes(w);
  CHECK(signed_part_of(report) == expected);
  CHECK(is_signed_by(report, vcek_of(w, committed_tcb)));

  mask(false, true);
  expected = common_part(w);
  put_le(expected, 0x48, 4, 2 | 7 << 2);
  report = report_bytes(w);
  CHECK(signed_part_of(report) == expected);
  CHECK(firmware::is_zero(slice(report, 0x2a0, 0x200)));

  w.m.sp.vlek_seed = filled<48>(0x42);  // which is no key of the chip
  put_le(expected, 0x48, 4, 2 | 1 << 2);
  report = report_bytes(w);
  CHECK(signed_part_of(report) == expected);
  CHECK(is_signed_by(report, firmware::vlek_of(filled<48>(0x42))));
}

TEST_CASE("which key signs a report", "[firmware][effects][FW-MSG-20][FW-SNP-VLK-01]") {
  enum class signer { chip_key, loaded_key, nobody };
  using enum signer;
  struct row {
    bool loaded;
    bool vcek_dis;
    std::uint32_t wanted;
    signer by;
  };
  constexpr std::array rows{
      row{false, false, 0, chip_key},  row{false, false, 1, chip_key},  row{false, false, 2, nobody},
      row{false, false, 3, nobody},    row{true, false, 0, loaded_key}, row{true, false, 1, chip_key},
      row{true, false, 2, loaded_key}, row{true, false, 3, nobody},     row{false, true, 0, nobody},
      row{false, true, 1, nobody},     row{false, true, 2, nobody},     row{true, true, 0, loaded_key},
      row{true, true, 1, nobody},      row{true, true, 2, loaded_key},  row{true, true, 3, nobody},
  };
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  std::array<std::uint8_t, 48> stick{};
  for (std::size_t i = 0; i < 48; ++i) stick[i] = static_cast<std::uint8_t>(7 * 48 + i);
  w.expect({vlek(w, committed_tcb)});
  for (const row& one : rows) {
    INFO(one.loaded << one.vcek_dis << one.wanted);
    w.m.sp.vlek_seed = one.loaded ? std::optional{stick} : std::nullopt;
    w.guest().vcek_dis = one.vcek_dis;
    if (one.by == nobody) {
      CHECK(report_status(w, 0, 0, one.wanted) == fw::invalid_key);
      continue;
    }
    const auto report = report_bytes(w, 0, 0, one.wanted);
    CHECK(get_le(report, 0x48, 4) == (one.by == loaded_key ? 4U : 0U));
    CHECK(is_signed_by(report, one.by == loaded_key ? firmware::vlek_of(stick) : vcek_of(w, committed_tcb)));
  }
}

TEST_CASE("what a report cannot be asked for", "[firmware][effects][FW-MSG-20]") {
  listening with;
  world w(with.ctx, true);
  run_guest(w);
  for (const std::uint8_t vmpck : std::array<std::uint8_t, 4>{0, 1, 2, 3})
    for (std::uint32_t vmpl = 0; vmpl < 4; ++vmpl)
      CHECK(report_status(w, vmpck, vmpl, 0) == (vmpl < vmpck ? fw::invalid_param : fw::success));
  CHECK(report_status(w, 0, 0, 4) == fw::invalid_param);  // reserved
}

TEST_CASE("a report of a guest with a migration agent names the agent",
          "[firmware][effects][FW-MSG-22][FW-SNP-LST-01]") {
  listening with;
  world w(with.ctx, true);
  constexpr std::uint64_t ward = gctx_at + 0x1000;
  run_guest(w);
  w.context_page(ward);
  w.expect({w.snp_launch_start(ward, snp_policy | 1U << 18, gctx_at), w.snp_activate(ward, 2), w.snp_finish(ward)});
  const auto told =
      payload_said(w, {.type = layout::snp_message_types::report_req, .payload = byte_vector(0x60), .context = ward});
  CHECK(slice(told, 0x20 + 0x140, 32) == to_vector(w.m.sp.contexts.at(ward).report_id));
  CHECK(slice(told, 0x20 + 0x160, 32) == to_vector(w.guest().report_id));
}

TEST_CASE("reports of versions 3 and 5: the processor, and mitigations", "[firmware][effects][FW-MSG-22]") {
  listening with;
  world w(with.ctx, true);
  w.m.hw.mitigation_vector = 0x0102'0304'0506'0708;  // when the guest is launched
  w.m.hw.family_model_stepping = 0x0123'0f95;        // family 21h, model 39h, stepping 5
  run_guest(w);
  w.m.hw.mitigation_vector = 0x1112'1314'1516'1718;
  for (const std::uint8_t version : std::array<std::uint8_t, 3>{2, 3, 5}) {
    w.m.hw.report_version = version;
    auto expected = common_part(w);
    put_le(expected, 0, 4, version);
    if (version >= 3) put(expected, 0x188, std::array<std::uint8_t, 3>{0x21, 0x39, 5});
    if (version == 5) put_le(expected, 0x1f8, 8, 0x0102'0304'0506'0708);
    if (version == 5) put_le(expected, 0x200, 8, 0x1112'1314'1516'1718);
    CHECK(signed_part_of(report_bytes(w)) == expected);
  }
}
