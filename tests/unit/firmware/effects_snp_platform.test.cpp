// SPDX-License-Identifier: MIT
// What the platform commands of SEV-SNP change and tell, to the last field.
#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;
using enum rmp::page_state;
using memory::asid_state;

constexpr std::uint64_t iommu_at = 0x55'0000;
constexpr std::uint64_t iommu_in_region = 0x80'3000;  ///< not the first page of its region
constexpr firmware::firmware_release newer{.api_major = 1, .api_minor = 57, .build = 2, .tcb = 0x0404'0000'0000'0203};

/// A guest ran, its ASID is clean again, and everything that a shutdown ends has begun.
void play_until_shutdown(world& w) {
  w.m.hw.features.ciphertext_hiding = true;
  w.m.hw.features.rapl_disable = true;
  w.m.hw.iommu_pages = {{iommu_at}, {iommu_in_region}};
  cmd_snp_init_ex start;
  start.set_flags(cmd_snp_init_ex_flags{}.set_init_rmp(true).set_rapl_dis(true).set_ciphertext_hiding_en(true));
  start.set_max_snp_asid(3);
  w.expect({w.post(command_id::snp_init_ex, start), w.flush()});
  w.context_page();
  w.expect({w.snp_launch_start(), w.snp_activate(gctx_at, 2), w.snp_finish(),
            w.word(command_id::snp_decommission, gctx_at), w.flush()});
  w.context_page(gctx_at + 0x1000);  // never launched
  w.m.sp.vlek_seed.emplace(filled<48>(0x42));
}
/// What every shutdown ends. Contexts last as long as the table.
template <class Machine>
void end_snp(Machine& m) {
  m.sp.snp_state = snp_platform_state::uninit;
  m.sp.vlek_seed.reset();
  m.sp.ciphertext_hiding = false;
  m.sp.max_snp_asid = 0;
}
auto platform_status_bytes(world& w) -> byte_vector {
  byte_vector told;
  poke(w.m, test_scratch, byte_vector(64, 0xee));
  check_effect(
      w, [&] { return w.word(command_id::snp_platform_status_, test_scratch); },
      [&](auto& m) {
        told = peek(w.m, test_scratch, 32);
        poke(m, test_scratch, told);
      });
  return told;
}
auto status_of(std::vector<std::uint8_t> first, std::uint32_t build, std::uint32_t config, std::uint32_t guests,
               std::uint64_t current, std::uint64_t reported) -> byte_vector {
  byte_vector made = std::move(first);
  made.resize(32);
  put_le(made, 4, 4, build);
  put_le(made, 8, 4, config);
  put_le(made, 0xc, 4, guests);
  put_le(made, 0x10, 8, current);
  put_le(made, 0x18, 8, reported);
  return made;
}
auto masks(world& w, bool chip_id, bool chip_key, std::uint64_t tcb = 0) -> fw {
  cmd_snp_config cmd;
  cmd.set_reported_tcb(tcb);
  cmd.set_mask(cmd_snp_config_mask{}.set_mask_chip_id(chip_id).set_mask_chip_key(chip_key));
  return w.post(command_id::snp_config, cmd);
}

}  // namespace

TEST_CASE("SNP_INIT_EX sets what it was asked for, and clears what was",
          "[firmware][effects][FW-SNP-INIT-13][FW-SNP-INIT-15][FW-ASID-04][FW-ASID-03]") {
  listening with;
  world w(with.ctx, true);
  w.m.asids.set_state({3}, {1}, asid_state::clean);
  w.m.asids.set_valid({4}, {0}, true);
  firmware::note_wbinvd_everywhere(w.m);
  w.m.sp.contexts[0x1000] = {};
  play_until_shutdown(w);
  CHECK(w.m.sp.rapl_disabled);
  CHECK(w.m.sp.ciphertext_hiding);
  CHECK(w.m.sp.max_snp_asid == 3);
  CHECK(w.m.sp.rmp_initialized);
  CHECK(w.m.sp.rmp_tcb == w.m.sp.committed.tcb);
  CHECK(w.m.sp.contexts.size() == 1);
  CHECK(w.state(iommu_at) == firmware_iommu);
  CHECK(w.state(iommu_in_region) == firmware_iommu);
  CHECK(entry(w, iommu_in_region & ~std::uint64_t{0x1f'ffff}).sub_page_count == 1);
  const auto before_init = [&] {
    world other(with.ctx, true);
    firmware::note_wbinvd_everywhere(other.m);
    other.m.asids.set_valid({4}, {0}, true);
    other.expect({other.post(command_id::snp_init)});
    CHECK(other.m.asids == std::remove_reference_t<decltype(other.m.asids)>{});
    CHECK_FALSE(other.m.hw.threads[1].written_back);
    CHECK(other.m.sp.max_snp_asid == 0);
    CHECK_FALSE(other.m.sp.rapl_disabled);
  };
  before_init();
  // Without INIT_RMP the table stays as it is.
  w.expect({w.post(command_id::snp_shutdown)});
  w.guest_page_at(page);
  check_effect(
      w, [&] { return start_with(w, 0); },
      [](auto& m) {
        m.sp.snp_state = snp_platform_state::init;
        m.sp.rapl_disabled = false;
        m.asids = {};
        for (auto& one : m.hw.threads) one.written_back = false;
      });
}

TEST_CASE("SNP_SHUTDOWN ends SNP and leaves its protection", "[firmware][effects][FW-SNP-SHUT-05][FW-PLAT-10]") {
  for (const bool extended : {false, true}) {
    listening with;
    world w(with.ctx, true);
    play_until_shutdown(w);
    const auto key = key_word(w, 2);
    REQUIRE(key.has_value());
    check_effect(
        w, [&] { return extended ? stop_with(w, 8, 0) : w.post(command_id::snp_shutdown); },
        [](auto& m) { end_snp(m); });
    CHECK(w.m.sp.rmp_initialized);
    CHECK(key_word(w, 2) == key);
    CHECK(w.state(iommu_at) == firmware_iommu);
    w.expect({start_with(w, 0)});  // the table is still good
  }
}

TEST_CASE("IOMMU_SNP_SHUTDOWN: pages come back, keys are zeroed, the table is gone",
          "[firmware][effects][FW-SNP-SHUT-06][FW-PGS-21]") {
  listening with;
  world w(with.ctx, true);
  play_until_shutdown(w);
  w.m.hw.iommu_pages.push_back({0x57'0000});  // an IOMMU's, but given to nobody: left alone
  give_page(w.m, 0x57'0000);
  REQUIRE(key_word(w, 2) != 0);
  const auto host = w.m.memory.keys().find(memory_key::host())->word;
  check_effect(
      w, [&] { return stop_with(w, 8, 1); },
      [](auto& m) {
        end_snp(m);
        m.sp.rmp_initialized = false;
        for (const std::uint64_t one : {iommu_at, iommu_in_region}) {
          rmp::entry given = firmware::entry_at(m, {one});
          given.immutable = false;
          given.locked = false;
          given.tag = rmp::firmware_tag::none;
          m.rmp.put({one >> 12}, given);
        }
      });
  CHECK(w.state(iommu_at) == reclaim);
  CHECK(w.state(iommu_in_region) == reclaim);
  CHECK(w.state(0x57'0000) == rmp::page_state::firmware);
  rmp_update(w.m, iommu_at, {});
  rmp_update(w.m, iommu_in_region, {});
  CHECK(w.state(iommu_at) == hypervisor);
  CHECK(entry(w, iommu_in_region & ~std::uint64_t{0x1f'ffff}).sub_page_count == 0);

  CHECK(key_word(w, 2) == 0);
  CHECK(w.m.memory.keys().find(memory_key::host())->word == host);
  for (const std::uint32_t other : {1U, 3U, 15U}) CHECK_FALSE(key_word(w, other).has_value());

  for (const auto& one : w.m.hw.threads) CHECK((one.registers.syscfg & firmware::syscfg_bits::snp_en) != 0);
  CHECK(start_with(w, 0) == fw::rmp_init_required);
  CHECK(w.init() == fw::invalid_platform_state);  // SNPEn without a table
}

TEST_CASE("X86_SNP_SHUTDOWN: no thread has SNPEn any more", "[firmware][effects][FW-SNP-SHUT-07]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  check_effect(
      w, [&] { return stop_with(w, 8, 3); },
      [](auto& m) {
        m.sp.snp_state = snp_platform_state::uninit;
        m.sp.rmp_initialized = false;
        for (auto& one : m.hw.threads) one.registers.syscfg ^= std::uint64_t{1} << 24;
      });
  CHECK(w.m.hw.threads.size() == 2);
  w.expect({w.init()});  // the legacy API goes without SNP now

  world stubborn(with.ctx, true);
  stubborn.snp_started().m.hw.fails.snp_disable = true;
  CHECK(stop_with(stubborn, 8, 3) == fw::shutdown_incomplete);
  for (const auto& one : stubborn.m.hw.threads) CHECK(one.registers.syscfg == firmware::syscfg_bits::for_snp);
  stubborn.expect({stop_with(stubborn, 8, 1)});  // which is not asked of the cores
}

TEST_CASE("SNP_PLATFORM_STATUS: every field", "[firmware][effects][FW-SNP-PST-01]") {
  listening with;
  world w(with.ctx, true);
  w.m.hw.features = {.rapl_disable = true, .ciphertext_hiding = true};
  const std::uint64_t old = w.m.sp.committed.tcb;
  w.m.sp.current = newer;
  // FEATURE_INFO is there from 1.55 on; the part can hide ciphertext.
  CHECK(platform_status_bytes(w) == status_of({1, 57, 0, 0}, 2, 0x28, 0, newer.tcb, old));
  cmd_snp_init_ex start;
  start.set_flags(cmd_snp_init_ex_flags{}.set_init_rmp(true).set_rapl_dis(true).set_ciphertext_hiding_en(true));
  start.set_max_snp_asid(3);
  w.expect({w.post(command_id::snp_init_ex, start), w.flush()});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 1, 1}, 2, 0x78, 0, newer.tcb, old));
  w.expect({masks(w, true, false, 0x0202'0000'0000'0101)});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 1, 1}, 2, 0x79, 0, newer.tcb, 0x0202'0000'0000'0101));
  w.expect({masks(w, false, true)});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 1, 1}, 2, 0x7a, 0, newer.tcb, old));
  w.m.sp.vlek_seed.emplace();
  w.context_page();
  w.context_page(gctx_at + 0x1000);  // a context that is no guest yet does not count
  w.expect({w.snp_launch_start()});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 1, 1}, 2, 0x7e, 1, newer.tcb, old));
  w.expect({w.snp_launch_start(gctx_at + 0x1000), w.word(command_id::snp_decommission, gctx_at)});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 1, 1}, 2, 0x7e, 1, newer.tcb, old));
  w.expect({w.word(command_id::snp_decommission, gctx_at + 0x1000), w.post(command_id::snp_shutdown)});
  CHECK(platform_status_bytes(w) == status_of({1, 57, 0, 1}, 2, 0x3a, 0, newer.tcb, old));
}

TEST_CASE("SNP_CONFIG: masks and the reported version", "[firmware][effects][FW-SNP-CFG-01]") {
  listening with;
  world w(with.ctx, true);
  const std::uint64_t older = 0x0202'0000'0000'0101;
  for (const bool id : {true, false})
    for (const bool key : {true, false})
      for (const std::uint64_t tcb : {older, std::uint64_t{0}}) {
        check_effect(
            w, [&] { return masks(w, id, key, tcb); },
            [&](auto& m) {
              m.sp.mask_chip_id = id;
              m.sp.mask_chip_key = key;
              m.sp.reported_tcb = tcb;
            });
        CHECK(firmware::reported_tcb(w.m) == (tcb == 0 ? w.m.sp.committed.tcb : older));
      }
  w.expect({masks(w, true, false, w.m.sp.committed.tcb)});  // the highest there is
  const auto before = w.m.sp;
  CHECK(masks(w, false, true, w.m.sp.committed.tcb + 1) == fw::invalid_param);
  CHECK(w.m.sp == before);
}

TEST_CASE("SNP_DOWNLOAD_FIRMWARE_EX and SNP_COMMIT: current, committed, reported",
          "[firmware][effects][FW-SNP-DLX-01][FW-SNP-COM-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  w.m.sp.vlek_seed.emplace();
  w.expect({config(w, 0x0202'0000'0000'0101)});
  const std::uint64_t old = w.m.sp.committed.tcb;
  const auto image_of = [&](bool needs_shutdown) {
    firmware::firmware_image made;
    made.set_release(newer);
    made.set_needs_shutdown(needs_shutdown);
    made.sign(w.m.hw);
    poke(w.m, test_scratch, made.bytes());
  };
  const auto load = [&](bool commits) {
    cmd_snp_download_firmware_ex cmd;
    cmd.set_length(24);
    cmd.set_fw_paddr(test_scratch);
    cmd.set_fw_len(0x40);
    cmd.set_flags(cmd_snp_download_firmware_ex_flags{}.set_commit(commits));
    return w.post(command_id::snp_download_firmware_ex, cmd);
  };
  image_of(true);
  auto before = w.m.sp;
  CHECK(load(false) == fw::shutdown_required);
  image_of(false);
  w.m.hw.fails.image_refuses = true;
  CHECK(load(false) == fw::update_failed);
  w.m.hw.fails.image_restore = true;
  CHECK(load(true) == fw::restore_required);
  CHECK(w.m.sp == before);
  w.m.hw.fails = {};
  check_effect(w, [&] { return load(false); }, [](auto& m) { m.sp.current = newer; });  // the guest lives
  CHECK(w.m.sp.committed.tcb == old);
  auto other = w;
  check_effect(
      other, [&] { return commit(other, 4); },
      [](auto& m) {
        m.sp.committed = newer;
        m.sp.reported_tcb = 0;
      });
  check_effect(
      w, [&] { return load(true); },
      [](auto& m) {
        m.sp.committed = newer;
        m.sp.reported_tcb = 0;
      });
  CHECK(firmware::reported_tcb(w.m) == newer.tcb);
  // There is no way back.
  CHECK(download(w, {.api_major = 1, .api_minor = 57, .build = 1, .tcb = newer.tcb}) == fw::bad_version);
  CHECK(download(w, {.api_major = 1, .api_minor = 57, .build = 2, .tcb = old}) == fw::bad_svn);
}

TEST_CASE("SNP_VLEK_LOAD: the seventh stick stays until SNP ends",
          "[firmware][effects][FW-SNP-VLK-01][FW-SNP-SHUT-05]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  const std::uint64_t older = 0x0202'0000'0000'0101;
  CHECK(vlek(w, older) == fw::bad_svn);
  CHECK_FALSE(w.m.sp.vlek_seed.has_value());
  w.expect({config(w, older)});
  CHECK(vlek(w, w.m.sp.committed.tcb) == fw::bad_svn);  // what is reported counts
  const auto wrapped_under = firmware::vlek_wrapping_key(w.m);
  CHECK(wrapped_under ==
        crypto::derive_key<32>(firmware::endorsement_seed_of(w.m.hw.chip_secret, older), "vlek-wrapping-key"));
  std::array<std::uint8_t, 48> stick{};
  for (std::size_t i = 0; i < 48; ++i) stick[i] = static_cast<std::uint8_t>(7 * 48 + i);
  w.expect({vlek(w, older)});
  CHECK(w.m.sp.vlek_seed == stick);
  CHECK(vlek(w, older, false) == fw::bad_measurement);
  CHECK(w.m.sp.vlek_seed == stick);  // a spoilt one does not replace it
  w.expect({w.init(), w.post(command_id::shutdown), w.flush()});
  CHECK(w.m.sp.vlek_seed == stick);
  w.expect({w.post(command_id::snp_shutdown)});
  CHECK_FALSE(w.m.sp.vlek_seed.has_value());
}

TEST_CASE("SNP_FEATURE_INFO: both leaves, every bit", "[firmware][effects][FW-SNP-FI-01]") {
  listening with;
  world w(with.ctx, true);
  const auto told = [&](std::uint32_t leaf, std::array<std::uint32_t, 4> registers) {
    byte_vector wanted(16);
    for (std::size_t i = 0; i < 4; ++i) put_le(wanted, 4 * i, 4, registers[i]);
    poke(w.m, test_scratch, byte_vector(32, 0xee));
    check_effect(
        w, [&] { return feature_info(w, leaf, test_scratch + 4); },
        [&](auto& m) { poke(m, test_scratch + 4, wanted); });
  };
  w.m.hw.features = {.x86_shutdown = false};
  told(0, {1, 1, 0x1, 0});
  told(1, {0x1ff, 0, 0, 0});
  w.m.hw.features = {};
  told(0, {1, 1, 0x3, 0});
  w.m.hw.features = {.rapl_disable = true, .x86_shutdown = false};
  told(0, {1, 1, 0x5, 0});
  w.m.hw.features = {.ciphertext_hiding = true, .x86_shutdown = false};
  told(0, {1, 1, 0x9, 0});
  w.m.hw.features = {.aes_256_xts = true, .x86_shutdown = false};
  told(0, {1, 1, 0x11, 0});
  w.m.hw.features = {.cxl_policy = true, .x86_shutdown = false};
  told(0, {1, 1, 0x21, 0});
}

TEST_CASE("SNP_VERIFY_MITIGATION: what is told", "[firmware][effects][FW-SNP-VM-01]") {
  listening with;
  world w(with.ctx, true);
  w.m.hw.features.verify_mitigation = true;
  w.m.hw.mitigation_vector = 0x0f;
  w.snp_started();
  give_page(w.m, 0x50'0000);
  const auto told = [&](std::uint16_t subcommand, std::uint64_t vector, std::uint64_t verified, std::uint32_t failed) {
    cmd_snp_verify_mitigation cmd;
    cmd.set_length(64);
    cmd.set_subcommand(subcommand);
    cmd.set_vector(vector);
    cmd.set_flags(cmd_snp_verify_mitigation_flags{}.set_dst_paddr_en(true));
    cmd.set_dst_paddr(0x50'0000);
    byte_vector wanted(layout::size_of<layout::snp_verify_mitigation_result>);
    put_le(wanted, 0, 8, verified);
    put_le(wanted, 8, 8, 0x0f);
    put_le(wanted, 16, 4, failed);
    check_effect(
        w, [&] { return w.post(command_id::snp_verify_mitigation, cmd); },
        [&](auto& m) { poke(m, 0x50'0000, wanted); });
  };
  told(0, 3, 0, 0);
  told(1, 3, 3, 0);
  told(1, 0x13, 3, 1);
}
