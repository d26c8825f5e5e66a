// SPDX-License-Identifier: MIT
// What the platform commands of the legacy API change and tell, to the last field.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using memory::asid_state;
using pstate = layout::sev_platform_state;

}  // namespace

TEST_CASE("SHUTDOWN forgets guests, keys and the trusted region", "[firmware][effects][FW-SEV-SHUT-01][FW-PLAT-04]") {
  listening with;
  world w(with.ctx);
  w.ready(true).launched(es_policy, 0);
  w.expect({w.activate_ex(1, 1, {0}), w.update(1, 0x20'0000, 0x1000, true), w.measure(1),
            w.by_handle(command_id::launch_finish, 1)});
  w.launched(plain_policy, 6);  // has an ASID, and never ran
  w.launched(plain_policy, 0);
  w.m.sp.nv = 0x40'0000;
  w.m.asids.set_valid({9}, {1}, true);  // nobody's
  REQUIRE(w.m.sp.checksums.size() == 1);
  REQUIRE(w.m.asids.state_of({1}, {0}) == asid_state::in_use);
  check_effect(
      w, [&] { return w.post(command_id::shutdown); },
      [](auto& m) {
        m.sp.state = pstate::uninit;
        m.sp.guests.clear();
        m.sp.checksums.clear();
        m.sp.checksums_enabled = false;
        m.sp.tmr.reset();
        m.sp.nv.reset();
        m.sp.es = false;
        m.sp.identity = {};
        m.asids.set_state({1}, {0}, asid_state::dirty);
        m.asids.set_valid({1}, {0}, false);
        m.asids.set_valid({9}, {1}, false);
        for (std::uint32_t i = 0; i < 2; ++i) m.asids.set_state({6}, {i}, asid_state::clean);
        // WBINVD is wanted anew on the one complex where a guest ran.
        m.asids.set_written_back({0}, false);
        m.hw.threads[0].written_back = false;
      });
  CHECK(w.m.asids.is_written_back({1}));
  CHECK(w.m.hw.threads[1].written_back);
  CHECK(w.m.sp.flash.has_value());  // the identity survives
}

TEST_CASE("SHUTDOWN while SNP is initialised leaves ASIDs that no legacy guest has",
          "[firmware][effects][FW-SEV-SHUT-01][FW-PLAT-11]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started().expect({w.init()});
  w.running(plain_policy, 7);
  w.m.asids.set_valid({9}, {1}, true);
  check_effect(
      w, [&] { return w.post(command_id::shutdown); },
      [](auto& m) {
        m.sp.state = pstate::uninit;
        m.sp.guests.clear();
        m.sp.identity = {};
        for (std::uint32_t i = 0; i < 2; ++i) {
          m.asids.set_state({7}, {i}, asid_state::dirty);
          m.asids.set_valid({7}, {i}, false);
          m.asids.set_written_back({i}, false);
          m.hw.threads[i].written_back = false;
        }
      });
}

TEST_CASE("SHUTDOWN fails as a whole where ASIDs cannot be taken back", "[firmware][effects][FW-SEV-SHUT-01]") {
  listening with;
  world w(with.ctx);
  w.ready().running();
  w.m.hw.fails.asid_control = true;
  const auto before = w.m;
  CHECK(w.post(command_id::shutdown) == fw::hwerror_unsafe);
  CHECK(same_state(before, w.m));
}

TEST_CASE("PLATFORM_STATUS: every field", "[firmware][effects][FW-SEV-PST-01]") {
  listening with;
  world w(with.ctx);
  w.m.sp.current = {.api_major = 3, .api_minor = 57, .build = 21, .tcb = 9};
  const auto told = [&] {
    layout::cmd_platform_status cmd;
    cmd.bytes()[6] = 0x55;  // what was there before does not stay
    check_effect(w, [&] { return w.post(command_id::platform_status, cmd); }, [](auto&) {});
    return to_vector(cmd.bytes());
  };
  w.m.sp.identity.externally_owned = true;
  CHECK(told() == byte_vector{3, 57, 0, 0, 0, 0, 0, 21, 0, 0, 0, 0});
  w.ready(true);
  CHECK(told() == byte_vector{3, 57, 1, 0, 1, 0, 0, 21, 0, 0, 0, 0});
  w.m.sp.identity.externally_owned = true;
  w.launched(plain_policy, 0);
  w.launched(plain_policy, 0);
  CHECK(told() == byte_vector{3, 57, 2, 1, 1, 0, 0, 21, 2, 0, 0, 0});
  w.m.sp.es = false;
  w.expect({w.by_handle(command_id::decommission, 2)});
  CHECK(told() == byte_vector{3, 57, 2, 1, 0, 0, 0, 21, 1, 0, 0, 0});
}

TEST_CASE("GET_ID: one socket, or two", "[firmware][effects][FW-SEV-GID-01]") {
  listening with;
  world w(with.ctx);
  w.m.hw.legacy_ids = {filled<64>(0x11), filled<64>(0x22)};
  const auto told = [&](std::uint32_t room, std::uint32_t length, byte_vector wanted) {
    INFO(room);
    poke(w.m, test_scratch, byte_vector(192, 0xee));
    layout::cmd_get_id cmd;
    cmd.set_address(test_scratch);
    cmd.set_len(room);
    check_effect(w, [&] { return w.post(command_id::get_id, cmd); }, [&](auto& m) { poke(m, test_scratch, wanted); });
    CHECK(cmd.len() == length);
    CHECK(cmd.address() == test_scratch);
  };
  byte_vector both(64, 0x11);
  both.resize(128, 0x22);
  told(128, 128, both);
  told(64, 64, byte_vector(64, 0x11));
  told(127, 64, byte_vector(64, 0x11));
  told(129, 64, byte_vector(64, 0x11));  // 128 bytes are asked for, or 64
  w.m.hw.legacy_ids.pop_back();
  told(128, 64, byte_vector(64, 0x11));
}

TEST_CASE("PDH_CERT_EXPORT and PEK_CSR: whose certificates, and which signatures",
          "[firmware][effects][FW-SEV-PDHX-01][FW-SEV-PEKC-01]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const auto& own = w.m.sp.identity;
  const auto cek = firmware::make_cek(w.m.hw, w.m.sp.current).certificate;
  layout::cmd_pdh_cert_export cmd;
  cmd.set_pdh_cert_paddr(test_scratch);
  cmd.set_pdh_cert_len(0x1000);
  cmd.set_cert_chain_paddr(test_scratch + 0x1000);
  cmd.set_cert_chain_len(0x2000);
  check_effect(
      w, [&] { return w.post(command_id::pdh_cert_export, cmd); },
      [&](auto& m) {
        poke(m, test_scratch, own.pdh.certificate.bytes());
        poke(m, test_scratch + 0x1000, own.pek.certificate.bytes());
        poke(m, test_scratch + 0x1824, own.oca.certificate.bytes());
        poke(m, test_scratch + 0x2048, cek.bytes());
      });
  CHECK(cmd.pdh_cert_len() == 0x1000);  // as it was
  CHECK(cmd.cert_chain_len() == 0x2000);
  CHECK(cek.sig1_usage() == firmware::key_usage::invalid);  // AMD's server has the one that AMD signed
  CHECK(cek.sig2_usage() == firmware::key_usage::invalid);
  CHECK(cek.pubkey_usage() == firmware::key_usage::cek);

  layout::cmd_pek_csr csr;
  csr.set_address(test_scratch);
  csr.set_len(0x1000);
  byte_vector request = to_vector(own.pek.certificate.bytes());
  std::fill(request.begin() + 0x414, request.end(), std::uint8_t{0});
  put_le(request, 0x414, 4, 0x1000);
  put_le(request, 0x61c, 4, 0x1000);
  check_effect(w, [&] { return w.post(command_id::pek_csr, csr); }, [&](auto& m) { poke(m, test_scratch, request); });
  CHECK(csr.len() == 0x1000);
}

TEST_CASE("PEK_GEN and PDH_GEN: what is new, and where it is kept",
          "[firmware][effects][FW-SEV-PEKG-01][FW-SEV-PDHG-01]") {
  listening with;
  world w(with.ctx);
  w.ready().m.sp.identity.externally_owned = true;
  const auto first = w.m.sp.identity;
  w.expect({w.post(command_id::pdh_gen)});
  auto expected = first;
  expected.pdh = w.m.sp.identity.pdh;
  CHECK(w.m.sp.identity == expected);
  CHECK(w.m.sp.identity.pdh.secret != first.pdh.secret);
  CHECK(w.m.sp.flash == w.m.sp.identity);
  w.expect({w.post(command_id::pek_gen)});
  CHECK_FALSE(w.m.sp.identity.externally_owned);  // it owns itself
  CHECK(w.m.sp.identity.oca.secret != first.oca.secret);
  CHECK(w.m.sp.identity.pek.secret != first.pek.secret);
  CHECK(w.m.sp.identity.pdh.secret != expected.pdh.secret);
  CHECK(w.m.sp.flash == w.m.sp.identity);
}

TEST_CASE("DOWNLOAD_FIRMWARE runs and commits the image", "[firmware][effects][FW-SEV-DLFW-01]") {
  listening with;
  world w(with.ctx);
  const firmware::firmware_release newer{.api_major = 1, .api_minor = 56, .build = 3, .tcb = 0x0404'0000'0000'0203};
  firmware::firmware_image image;
  image.set_release(newer);
  image.sign(w.m.hw);
  poke(w.m, test_scratch, image.bytes());
  layout::cmd_download_firmware cmd;
  cmd.set_address(test_scratch);
  cmd.set_len(0x40);
  check_effect(
      w, [&] { return w.post(command_id::download_firmware, cmd); },
      [&](auto& m) {
        m.sp.current = newer;
        m.sp.committed = newer;
      });
  w.m.sp.flash.reset();
  w.expect({w.init()});
  CHECK(w.m.sp.identity.pek.certificate.api_minor() == 56);
}

TEST_CASE("PLATFORM_RESET erases the flash and nothing else", "[firmware][effects][FW-SEV-RST-01]") {
  listening with;
  world w(with.ctx);
  w.m.sp.flash_corrupted = true;
  check_effect(
      w, [&] { return w.post(command_id::platform_reset); },
      [](auto& m) {
        m.sp.flash.reset();
        m.sp.flash_corrupted = false;
      });
}

TEST_CASE("INIT: what it sets", "[firmware][effects][FW-SEV-INIT-01][FW-SEV-INIT-02][FW-ASID-04]") {
  listening with;
  world w(with.ctx);
  w.m.asids.set_state({3}, {1}, asid_state::clean);
  w.m.asids.set_valid({4}, {0}, true);
  firmware::note_wbinvd_everywhere(w.m);
  check_effect(
      w, [&] { return w.init(true); },
      [](auto& m) {
        m.sp.state = pstate::init;
        m.sp.es = true;
        m.sp.tmr = firmware::memory_range{{tmr_at}, 0x10'0000};
        m.sp.identity = *m.sp.flash;
        m.asids = {};
        for (auto& one : m.hw.threads) one.written_back = false;
      });
  // With SNP the ASIDs are SNP's.
  world snp(with.ctx, true);
  snp.snp_started();
  check_effect(
      snp, [&] { return snp.init(); },
      [](auto& m) {
        m.sp.state = pstate::init;
        m.sp.identity = *m.sp.flash;
      });
}

TEST_CASE("PEK_CERT_IMPORT: what an owner brings, and what the chip adds",
          "[firmware][effects][FW-SEV-PEKI-01][FW-CRY-17]") {
  scripted_random random{.state = 31};
  listening with;
  for (const bool owner_first : {true, false}) {
    world w(with.ctx);
    w.ready();
    static const auto owner = firmware::make_identity(random, w.m.hw, w.m.sp.current).oca;
    const auto before = w.m.sp.identity;
    layout::sev_cert brought = before.pek.certificate;
    for (const std::size_t slot : {0x414U, 0x61cU}) {
      std::fill_n(brought.bytes().begin() + static_cast<std::ptrdiff_t>(slot), 0x208, std::uint8_t{0});
      put_le(brought.bytes(), slot, 4, 0x1000);
    }
    firmware::sign_certificate(brought, owner, firmware::key_usage::oca, !owner_first);
    auto expected = before;
    expected.oca = {.secret = {}, .certificate = owner.certificate};
    expected.pek.certificate = brought;
    firmware::sign_certificate(expected.pek.certificate, firmware::make_cek(w.m.hw, w.m.sp.current),
                               firmware::key_usage::cek, owner_first);  // in the slot that is free
    expected.externally_owned = true;
    poke(w.m, test_scratch, brought.bytes());
    poke(w.m, test_scratch + 0x1000, owner.certificate.bytes());
    layout::cmd_pek_cert_import cmd;
    cmd.set_pek_cert_paddr(test_scratch);
    cmd.set_pek_cert_len(0x824);
    cmd.set_oca_cert_paddr(test_scratch + 0x1000);
    cmd.set_oca_cert_len(0x824);
    check_effect(
        w, [&] { return w.post(command_id::pek_cert_import, cmd); },
        [&](auto& m) {
          expected.pdh = w.m.sp.identity.pdh;
          CHECK(expected.pdh.secret != before.pdh.secret);
          // Both vouch for the key.
          const auto signed_by = [&](const layout::sev_cert& parent) {
            return firmware::verify_certificate(with.ctx, w.m.sp.identity.pek.certificate, parent) == fw::success;
          };
          CHECK(signed_by(owner.certificate));
          CHECK(signed_by(firmware::make_cek(m.hw, m.sp.current).certificate));
          m.sp.identity = expected;
          m.sp.flash = expected;
          m.random = w.m.random;
        });
  }
}

TEST_CASE("DF_FLUSH: ASIDs become clean, and the store of checksums opens",
          "[firmware][effects][FW-ASID-06][FW-ASID-14]") {
  for (const bool es : {false, true}) {
    listening with;
    world w(with.ctx);
    w.expect({w.init(es)});
    w.m.asids.set_state({7}, {0}, asid_state::in_use);
    w.m.asids.set_valid({8}, {1}, true);
    firmware::note_wbinvd(w.m, 1);
    CHECK(w.post(command_id::df_flush) == fw::wbinvd_required);
    CHECK_FALSE(w.m.sp.checksums_enabled);  // the flush has not happened
    firmware::note_wbinvd(w.m, 0);
    check_effect(
        w, [&] { return w.post(command_id::df_flush); },
        [&](auto& m) {
          for (std::uint32_t id = 0; id <= 15; ++id)
            if (id != 7) m.asids.set_state({id}, {0}, asid_state::clean);
          m.sp.checksums_enabled = es;
        });
    CHECK(w.m.asids.state_of({15}, {1}) == asid_state::clean);
  }
}

TEST_CASE("the page of a command's results goes back, whatever came of the command",
          "[firmware][effects][FW-DISP-07][FW-DISP-09]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started();
  const std::uint64_t first = 0x50'0000;
  const auto given = [&](std::uint64_t where) {
    if (w.state(where) == rmp::page_state::reclaim) rmp_update(w.m, where, {});
    give_page(w.m, where);
  };
  layout::cmd_platform_status status;
  layout::cmd_get_id id;
  layout::cmd_launch_start start;
  given(first);
  w.buffer_at = first + 0x20;
  w.expect({w.post(command_id::platform_status, status)});
  CHECK(w.state(first) == rmp::page_state::reclaim);
  CHECK_FALSE(entry(w, first).locked);
  given(first);
  id.set_len(63);
  CHECK(w.post(command_id::get_id, id) == fw::invalid_length);
  CHECK(id.len() == 64);
  CHECK(w.state(first) == rmp::page_state::reclaim);
  given(first);
  start.set_handle(0x55);
  CHECK(w.post(command_id::launch_start, start) == fw::invalid_platform_state);
  CHECK(start.handle() == 0x55);
  CHECK(w.state(first) == rmp::page_state::reclaim);
  // A buffer across two pages gives both back; a command that writes nothing there gives none.
  given(first);
  given(first + 0x1000);
  w.buffer_at = first + 0xff8;
  w.expect({w.post(command_id::platform_status, status)});
  CHECK(w.state(first) == rmp::page_state::reclaim);
  CHECK(w.state(first + 0x1000) == rmp::page_state::reclaim);
  given(first);
  w.buffer_at = first;
  layout::cmd_snp_config config;
  w.expect({w.post(command_id::snp_config, config)});
  CHECK(w.state(first) == rmp::page_state::firmware);
}
