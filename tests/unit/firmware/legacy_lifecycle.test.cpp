// SPDX-License-Identifier: MIT
// What the commands of the legacy API do when they succeed.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <support/bytes.hpp>
#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum layout::sev_guest_state;
using pstate = layout::sev_platform_state;
using memory::asid_state;

constexpr std::uint64_t at = 0x10'0000;

auto pattern(std::size_t size, std::uint8_t first = 1) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(first + i * 7);
  return made;
}

}  // namespace

TEST_CASE("legacy platform states", "[firmware][FW-PLAT-01][FW-PLAT-02][FW-PLAT-03][FW-PLAT-04][FW-PLAT-05]") {
  listening with;
  world w(with.ctx);
  w.expect({w.post(command_id::platform_reset)});
  CHECK(w.m.sp.state == pstate::uninit);
  w.expect({w.init()});
  CHECK(w.m.sp.state == pstate::init);
  w.expect({w.launch_start()});
  CHECK(w.m.sp.state == pstate::working);
  w.expect({w.launch_start(), w.by_handle(command_id::decommission, 1)});
  CHECK(w.m.sp.state == pstate::working);
  w.expect({w.by_handle(command_id::decommission, 2)});
  CHECK(w.m.sp.state == pstate::init);
  w.expect({w.launch_start(), w.post(command_id::shutdown)});
  CHECK(w.m.sp.state == pstate::uninit);
  CHECK(w.m.sp.guests.empty());
}

TEST_CASE("ASIDs: who may have which, and what initialisation leaves",
          "[firmware][FW-ASID-01][FW-ASID-02][FW-ASID-03][FW-ASID-04][FW-ASID-05][FW-SEV-DFF-01]") {
  listening with;
  world w(with.ctx);
  const auto ranges = firmware::asid_ranges_of(w.m);
  CHECK(ranges.of(memory::guest_kind::sev) == memory::asid_range{6, 15});
  CHECK(ranges.of(memory::guest_kind::sev_es) == memory::asid_range{1, 5});
  w.m.sp.max_snp_asid = 2;
  CHECK(firmware::asid_ranges_of(w.m).of(memory::guest_kind::sev_es) == memory::asid_range{3, 5});
  CHECK(firmware::asid_ranges_of(w.m).of(memory::guest_kind::snp) == memory::asid_range{1, 2});
  w.m.sp.max_snp_asid = 0;
  w.ready();
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::clean);
  w.expect({w.post(command_id::shutdown), w.init()});
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::dirty);
  CHECK_FALSE(w.m.hw.threads[0].written_back);

  // A complex with two threads is done when both are.
  w.m.hw.threads.push_back({.apic_id = 7, .complex = 0});
  firmware::note_wbinvd(w.m, 0);
  CHECK_FALSE(w.m.asids.is_written_back({0}));
  firmware::note_wbinvd(w.m, 2);
  CHECK(w.m.asids.is_written_back({0}));
  firmware::note_wbnoinvd(with.ctx, w.m, 1);
  CHECK_FALSE(w.m.asids.is_written_back({1}));
}

TEST_CASE("ASIDs: DF_FLUSH, ACTIVATE, DEACTIVATE",
          "[firmware][FW-ASID-06][FW-ASID-07][FW-ASID-09][FW-ASID-10][FW-ASID-11][FW-ACT-08][FW-ACT-10][FW-ACT-23]") {
  listening with;
  world w(with.ctx);
  w.expect({w.init()});
  firmware::note_wbinvd(w.m, 0);
  CHECK(w.post(command_id::df_flush) == fw::wbinvd_required);
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::clean);  // what is done is done
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::dirty);
  firmware::note_wbinvd(w.m, 1);
  w.expect({w.post(command_id::df_flush), w.post(command_id::df_flush)});  // WBINVDs still count

  w.launched();
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::allocated);
  CHECK_FALSE(w.m.asids.is_valid({6}, {0}));
  CHECK(w.m.sp.guests.at(1).slot == memory::guest_asid{{6}, true});
  CHECK(w.m.memory.keys().find(memory_key::guest({6})) != nullptr);
  w.expect({w.measure(1), w.by_handle(command_id::launch_finish, 1)});
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::in_use);
  CHECK(w.m.asids.is_valid({6}, {0}));
  w.expect({w.by_handle(command_id::deactivate, 1)});
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::dirty);
  CHECK_FALSE(w.m.asids.is_valid({6}, {0}));
  CHECK_FALSE(w.m.asids.is_written_back({0}));
  CHECK(w.m.memory.keys().find(memory_key::guest({6})) != nullptr);  // the key stays where it is
  CHECK(w.activate(1, 6) == fw::dfflush_required);
  w.expect({w.activate(1, 7)});
  CHECK(w.m.asids.state_of({7}, {0}) == asid_state::in_use);  // launched: at once

  w.launched(plain_policy, 8);
  w.expect({w.by_handle(command_id::deactivate, 2)});
  CHECK(w.m.asids.state_of({8}, {0}) == asid_state::clean);  // never ran
}

TEST_CASE("ACTIVATE_EX: core complexes are added", "[firmware][FW-ACT-36][FW-ASID-13][FW-ASID-15][FW-ASID-16]") {
  listening with;
  world w(with.ctx);
  w.ready().launched(plain_policy, 0);
  w.expect({w.activate_ex(1, 6, {0})});
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::allocated);
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::clean);
  w.expect({w.measure(1), w.by_handle(command_id::launch_finish, 1)});
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::in_use);
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::clean);  // a launch ends on the guest's complexes alone
  CHECK_FALSE(w.m.asids.is_valid({6}, {1}));
  w.expect({w.activate_ex(1, 6, {1})});
  CHECK(w.m.asids.state_of({6}, {0}) == asid_state::in_use);
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::in_use);
  w.launched(plain_policy, 0);
  CHECK(w.activate(2, 6) == fw::asid_owned);  // one key per ASID
  w.expect({w.by_handle(command_id::deactivate, 1)});
  CHECK(w.m.asids.state_of({6}, {1}) == asid_state::dirty);
  w.expect({w.flush(), w.activate(2, 6)});

  world snp(with.ctx, true);
  snp.snp_started().expect({snp.init(), snp.launch_start(), snp.activate(1, 6)});  // SNP_DF_FLUSH did it
}

TEST_CASE("INIT: identities survive, and failures leave UNINIT",
          "[firmware][FW-SEV-INIT-04][FW-SEV-RST-01][FW-SEV-PEKG-01][FW-SEV-PDHG-01][FW-SEV-NOP-01]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const auto first = w.m.sp.identity;
  CHECK(first == cached_identity(w.m.hw, w.m.sp.current));
  w.expect({w.post(command_id::nop), w.post(command_id::pdh_gen)});
  CHECK(w.m.sp.identity.pek == first.pek);
  CHECK(w.m.sp.identity.pdh != first.pdh);
  w.expect({w.post(command_id::pek_gen)});
  CHECK(w.m.sp.identity.pek != first.pek);
  CHECK(w.m.sp.flash == w.m.sp.identity);
  const auto key = firmware::certifying_key_of(w.m.sp.identity.pek.certificate);
  CHECK(firmware::check_certificate(with.ctx, w.m.sp.identity.pdh.certificate, *key).has_value());
  const auto oca = firmware::certifying_key_of(w.m.sp.identity.oca.certificate);
  CHECK(firmware::check_certificate(with.ctx, w.m.sp.identity.pek.certificate, *oca).has_value());
  const auto cek = firmware::make_cek(w.m.hw, w.m.sp.current);
  CHECK(firmware::check_certificate(with.ctx, w.m.sp.identity.pek.certificate,
                                    *firmware::certifying_key_of(cek.certificate))
            .has_value());
  w.m.hw.fails.flash_write = true;
  const auto kept = w.m;
  CHECK(w.post(command_id::pek_gen) == fw::hwerror_platform);
  CHECK(w.post(command_id::pdh_gen) == fw::hwerror_platform);
  CHECK(w.m.sp == kept.sp);
  w.m.hw.fails.flash_write = false;
  w.expect({w.post(command_id::shutdown), w.post(command_id::platform_reset)});
  CHECK_FALSE(w.m.sp.flash.has_value());
  w.m.hw.fails.flash_write = true;
  CHECK(w.init() == fw::hwerror_platform);
  CHECK(w.m.sp.state == pstate::uninit);
}

TEST_CASE("INIT_EX: the driver keeps the identity", "[firmware]") {
  listening with;
  world w(with.ctx);
  w.m.sp.flash.reset();
  poke(w.m, 0x40'0000, std::vector<std::uint8_t>(0x8000, 0xff));
  layout::cmd_init_ex cmd;
  cmd.set_length(0x24);
  cmd.set_nv_paddr(0x40'0000);
  cmd.set_nv_len(0x8000);
  w.expect({w.post(command_id::init_ex, cmd)});
  const auto made = w.m.sp.identity;
  w.expect({w.post(command_id::shutdown), w.post(command_id::init_ex, cmd)});
  CHECK(w.m.sp.identity == made);
  CHECK_FALSE(w.m.sp.flash.has_value());
  w.expect({w.post(command_id::shutdown)});
  auto byte = peek(w.m, 0x40'0100, 1);
  byte[0] ^= 1;
  poke(w.m, 0x40'0100, byte);
  CHECK(w.post(command_id::init_ex, cmd) == fw::secure_data_invalid);
  CHECK(w.m.sp.state == pstate::uninit);
  CHECK(peek(w.m, 0x40'0000, 4) == std::vector<std::uint8_t>(4, 0xff));  // erased
  w.expect({w.post(command_id::init_ex, cmd)});
  CHECK(w.m.sp.identity != made);
}

TEST_CASE("SHUTDOWN leaves SNP guests alone", "[firmware][FW-SEV-SHUT-01]") {
  listening with;
  world w(with.ctx, true);
  w.snp_running();
  w.expect({w.init(true), w.launch_start(), w.activate(1, 7), w.post(command_id::shutdown)});
  CHECK(w.m.asids.state_of({1}, {0}) == asid_state::in_use);
  CHECK(w.m.asids.is_valid({1}, {0}));
  CHECK(w.m.asids.state_of({7}, {0}) == asid_state::clean);
  CHECK_FALSE(w.m.sp.tmr.has_value());
}

TEST_CASE("PEK_CERT_IMPORT: an owner takes over", "[firmware][FW-SEV-PEKI-01]") {
  listening with;
  world w(with.ctx);
  w.ready();
  scripted_random random{.state = 31};
  const auto owner = firmware::make_identity(random, w.m.hw, w.m.sp.current).oca;
  layout::cmd_pek_csr csr;
  csr.set_address(test_scratch);
  csr.set_len(0x824);
  w.expect({w.post(command_id::pek_csr, csr)});
  layout::sev_cert pek;
  std::ranges::copy(peek(w.m, test_scratch, 0x824), pek.bytes().begin());
  CHECK(pek.sig1_usage() == firmware::key_usage::invalid);
  firmware::sign_certificate(pek, owner, firmware::key_usage::oca, false);
  poke(w.m, test_scratch, pek.bytes());
  poke(w.m, test_scratch + 0x1000, owner.certificate.bytes());
  layout::cmd_pek_cert_import cmd;
  cmd.set_pek_cert_paddr(test_scratch);
  cmd.set_pek_cert_len(0x824);
  cmd.set_oca_cert_paddr(test_scratch + 0x1000);
  cmd.set_oca_cert_len(0x824);
  auto spoilt = owner.certificate;
  spoilt.sig1().bytes()[3] ^= 1;
  poke(w.m, test_scratch + 0x1000, spoilt.bytes());
  CHECK(w.post(command_id::pek_cert_import, cmd) == fw::bad_signature);
  poke(w.m, test_scratch + 0x1000, owner.certificate.bytes());
  const auto before = w.m.sp.identity;
  w.expect({w.post(command_id::pek_cert_import, cmd)});
  CHECK(w.m.sp.identity.externally_owned);
  CHECK(w.m.sp.identity.oca.certificate == owner.certificate);
  CHECK(w.m.sp.identity.pdh != before.pdh);
  const auto cek = firmware::make_cek(w.m.hw, w.m.sp.current);
  CHECK(firmware::check_certificate(with.ctx, w.m.sp.identity.pek.certificate,
                                    *firmware::certifying_key_of(cek.certificate))
            .has_value());
  CHECK(w.post(command_id::pek_cert_import, cmd) == fw::already_owned);
}

TEST_CASE(
    "a launch, from the owner's session to the secret",
    "[firmware][FW-SEV-LST-01][FW-SEV-LST-08][FW-SEV-LST-09][FW-SEV-LF-01][FW-SEV-LSC-02][FW-GST-03][FW-DISP-05]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const session_peer owner = make_peer(40);
  const firmware::transport_keys keys{{1, 2, 3}, {4, 5, 6}};
  const firmware::sev_key nonce{7};
  const firmware::sev_key iv{9};
  const auto agreed =
      firmware::agree_on_session_keys(owner.key, *firmware::public_key_of(w.m.sp.identity.pdh.certificate), nonce);
  REQUIRE(agreed);
  poke(w.m, test_scratch, owner.certificate.bytes());
  layout::cmd_launch_start cmd;
  cmd.set_policy({plain_policy});
  cmd.set_dh_cert_paddr(test_scratch);
  cmd.set_dh_cert_len(0x824);
  cmd.set_session_paddr(test_scratch + 0x1000);
  cmd.set_session_len(128);
  const auto wrap = [&](std::uint32_t policy) {
    poke(w.m, test_scratch + 0x1000, firmware::wrap_session(*agreed, keys, nonce, iv, {policy}).bytes());
  };
  wrap(plain_policy | 1);  // another policy than the owner's
  const auto before = w.m;
  CHECK(w.post(command_id::launch_start, cmd) == fw::bad_measurement);
  CHECK(w.m.sp == before.sp);
  CHECK(w.m.random == before.random);
  wrap(plain_policy);
  w.expect({w.post(command_id::launch_start, cmd)});
  CHECK(cmd.handle() == 1);
  const auto& guest = w.m.sp.guests.at(1);
  CHECK(guest.keys == keys);
  CHECK(guest.oek_iv_count == 0);
  CHECK(guest.vek != std::array<std::uint8_t, 32>{});

  const auto image = pattern(0x1000);
  poke(w.m, at, image);
  w.expect({w.activate(1, 6), w.update(1)});
  CHECK(peek_guest(w.m, {6}, at, 0x1000) == image);
  CHECK(peek(w.m, at, 0x1000) != image);
  w.expect({w.measure(1)});
  CHECK(guest.launch_digest == crypto::sha256_of(image));
  const auto told = peek(w.m, test_scratch, 48);
  const auto expected = firmware::launch_measure(keys.tik, {1, 55, 15}, {plain_policy}, guest.launch_digest,
                                                 std::span<const std::uint8_t, 16>{told.data() + 32, 16});
  CHECK(std::ranges::equal(expected, std::span{told}.first(32)));

  auto secret = pattern(0x20, 99);
  auto carried = secret;
  const auto header = firmware::seal_packet(keys, firmware::secret_packet(guest.measurement), iv, secret, carried);
  poke(w.m, test_scratch + 0x8000, header.bytes());
  poke(w.m, test_scratch + 0x9000, carried);
  w.expect({w.transport(command_id::launch_secret, 1, 0x20'0000, 0x20)});
  CHECK(peek_guest(w.m, {6}, 0x20'0000, 0x20) == secret);
  carried[0] ^= 1;
  poke(w.m, test_scratch + 0x9000, carried);
  CHECK(w.transport(command_id::launch_secret, 1, 0x20'0000, 0x20) == fw::bad_measurement);
  CHECK(firmware::transport_limit(with.ctx) == 0x4000);
  with.ctx.choices.transport_limit_20k = true;
  CHECK(firmware::transport_limit(with.ctx) == 0x5000);

  w.expect({w.by_handle(command_id::launch_finish, 1)});
  CHECK(guest.keys == firmware::transport_keys{});
  CHECK(guest.state == running);
  w.launched(plain_policy, 0);
  w.expect({w.measure(2), w.by_handle(command_id::launch_finish, 2)});  // without ASID
}

TEST_CASE("a guest moves from one platform to another",
          "[firmware][FW-SEV-SFN-01][FW-SEV-SCN-01][FW-SEV-RST2-01][FW-SEV-RFN-01][FW-SEV-SUP-02][FW-TWK-01]") {
  listening with;
  world from(with.ctx);
  world to(with.ctx);
  to.m.hw.chip_secret[0] = 0x77;
  scripted_random random{.state = 5};
  to.m.sp.flash = firmware::make_identity(random, to.m.hw, to.m.sp.current);
  from.ready(true);
  to.ready(true);
  const auto image = pattern(0x1000, 3);
  poke(from.m, at, image);
  const auto vmsa = pattern(0x1000, 9);
  poke(from.m, 0x20'0000, vmsa);
  from.launched(es_policy, 1);
  from.expect({from.update(1), from.update(1, 0x20'0000, 0x1000, true), from.measure(1),
               from.by_handle(command_id::launch_finish, 1)});
  from.custom_peer = true;
  poke(from.m, test_scratch, to.m.sp.identity.pdh.certificate.bytes());
  from.expect({from.send_start(1)});
  CHECK(from.m.sp.guests.at(1).state == supdate);
  from.expect({from.by_handle(command_id::send_cancel, 1)});
  CHECK(from.m.sp.guests.at(1).state == running);
  from.expect({from.send_start(1)});

  poke(to.m, test_scratch, from.m.sp.identity.pdh.certificate.bytes());
  poke(to.m, test_scratch + 0x1000, peek(from.m, test_scratch + 0x1000, 128));
  layout::cmd_receive_start cmd;
  cmd.set_policy({es_policy});
  cmd.set_pdh_cert_paddr(test_scratch);
  cmd.set_pdh_cert_len(0x824);
  cmd.set_session_paddr(test_scratch + 0x1000);
  cmd.set_session_len(128);
  to.expect({to.post(command_id::receive_start, cmd), to.activate(1, 3)});
  CHECK(to.m.sp.guests.at(1).state == rupdate);
  const auto carry = [&](std::uint64_t source, std::uint64_t target, bool state) {
    from.expect({from.transport(state ? command_id::send_update_vmsa : command_id::send_update_data, 1, source)});
    poke(to.m, test_scratch + 0x8000, peek(from.m, test_scratch + 0x8000, 52));
    poke(to.m, test_scratch + 0x9000, peek(from.m, test_scratch + 0x9000, 0x1000));
    return to.transport(state ? command_id::receive_update_vmsa : command_id::receive_update_data, 1, target);
  };
  to.expect({carry(at, 0x30'0000, false), carry(0x20'0000, 0x40'0000, true)});
  CHECK(peek_guest(to.m, {3}, 0x30'0000, 0x1000) == image);
  CHECK(firmware::is_vmsa_of(to.m, 1, peek_guest(to.m, {3}, 0x40'0000, 0x1000)));
  from.expect({from.by_handle(command_id::send_finish, 1)});
  CHECK(from.m.sp.guests.at(1).state == sent);
  CHECK(from.m.sp.guests.at(1).keys == firmware::transport_keys{});
  CHECK(from.send_start(1) == fw::invalid_guest_state);
  to.expect({to.by_handle(command_id::receive_finish, 1)});
  CHECK(to.m.asids.is_valid({3}, {1}));
  CHECK(to.m.sp.guests.at(1).launch_digest == std::array<std::uint8_t, 32>{});

  // A packet changed on the way is refused.
  world third = to;
  third.m.sp.guests.at(1).state = rupdate;
  CHECK(third.transport(command_id::receive_update_data, 1) == fw::bad_measurement);
  static_assert(layout::size_of<layout::cmd_transport> == 52);
  layout::cmd_transport layout_of;
  layout_of.set_hdr_paddr(1);
  CHECK(layout_of.bytes()[8] == 1);
}

TEST_CASE("SEND_START within a domain, and with a chain to AMD",
          "[firmware][FW-SEV-SST-03][FW-POL-06][FW-SEV-SST-02]") {
  listening with;
  world w(with.ctx);
  w.ready().running(plain_policy | 0x10);
  w.custom_peer = true;
  const auto& own = w.m.sp.identity;
  poke(w.m, test_scratch, own.pdh.certificate.bytes());
  poke(w.m, test_scratch + 0x2000, own.pek.certificate.bytes());
  poke(w.m, test_scratch + 0x2824, own.oca.certificate.bytes());
  w.expect({w.send_start(1)});  // to itself: the same owner
  auto spoilt = own.pdh.certificate;
  spoilt.sig1().bytes()[0] ^= 1;
  poke(w.m, test_scratch, spoilt.bytes());
  w.expect({w.by_handle(command_id::send_cancel, 1)});
  CHECK(w.send_start(1) == fw::bad_signature);

  // Real certificates of a real platform, if they are at hand; its PEK's firmware is 0.22.
  const auto file = [&](const char* name) {
    return extra_file(std::string("vectors/firmware/data/virtee-naples-") + name + ".cert").value_or(byte_vector{});
  };
  const auto ask = file("ask");
  if (ask.empty()) return;
  const auto ark = file("ark");
  const auto put = [&](std::uint64_t where, const byte_vector& bytes) { poke(w.m, where, bytes); };
  put(test_scratch, file("pdh"));
  put(test_scratch + 0x2000, file("pek"));
  put(test_scratch + 0x2824, file("oca"));
  put(test_scratch + 0x3048, file("cek"));
  put(test_scratch + 0x4000, ask);
  put(test_scratch + 0x4000 + ask.size(), ark);
  w.amd_bytes = static_cast<std::uint32_t>(ask.size() + ark.size());
  w.m.sp.guests.at(1).policy = {0x0000'0020};
  CHECK(w.send_start(1) == fw::invalid_certificate);  // nobody trusts this root yet
  w.m.hw.trusted_roots.push_back(crypto::sha256_of(ark));
  w.m.sp.guests.at(1).policy = {plain_policy | 0x20};
  CHECK(w.send_start(1) == fw::policy_failure);  // too old
  CHECK(with.heard.fired.contains(rule::FW_POL_06));
  w.m.sp.guests.at(1).policy = {0x0000'0020};
  w.expect({w.send_start(1)});
}

TEST_CASE("pages of legacy guests: moved, swapped, replayed",
          "[firmware][FW-TWK-02][FW-TWK-03][FW-SEV-SWP-05][FW-SEV-SWP-06]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const auto image = pattern(0x1000);
  poke(w.m, at, image);
  w.launched();
  w.expect({w.update(1)});
  const auto old = peek(w.m, at, 0x1000);
  poke(w.m, 0x20'0000, old);  // ciphertext at another address is noise
  CHECK(peek_guest(w.m, {6}, 0x20'0000, 0x1000) != image);
  w.expect({w.copy(1, at, 0x20'0000)});
  CHECK(peek_guest(w.m, {6}, 0x20'0000, 0x1000) == image);
  poke(w.m, 0x40'0000, pattern(16, 200));
  w.expect({w.debug(command_id::dbg_encrypt, 1, 0x40'0000, at)});
  CHECK(peek_guest(w.m, {6}, at, 16) == pattern(16, 200));
  poke(w.m, at, old);  // old ciphertext at its own address is the old plaintext
  CHECK(peek_guest(w.m, {6}, at, 0x1000) == image);
  w.expect({w.debug(command_id::dbg_decrypt, 1, at, 0x50'0000, 0x1000)});
  CHECK(peek(w.m, 0x50'0000, 0x1000) == image);

  w.expect({w.swap_out(1, at, 0x60'0000, 0x70'0040)});
  layout::sev_swap_mdata told;
  std::ranges::copy(peek(w.m, 0x70'0040, 64), told.bytes().begin());
  CHECK(told.iv() == 0);
  CHECK(w.m.sp.guests.at(1).oek_iv_count == 1);
  w.expect({w.swap_in(1, 0x60'0000, 0x80'0000, 0x70'0040)});
  CHECK(peek_guest(w.m, {6}, 0x80'0000, 0x1000) == image);
  w.expect({w.swap_in(1, 0x60'0000, 0x60'0000, 0x70'0040, 0, true)});  // again: nothing stops a replay
  CHECK(peek_guest(w.m, {6}, 0x60'0000, 0x1000) == image);
}

TEST_CASE("the mailbox", "[firmware][FW-DISP-01][FW-DISP-04][FW-ST-01]") {
  listening with;
  world w(with.ctx);
  layout::cmd_platform_status cmd;
  poke(w.m, test_buffer, cmd.bytes());
  const auto done = firmware::post(
      with.ctx, w.m, layout::sev_cmdresp_command{}.set_command_id(command_id::platform_status), test_buffer);
  CHECK(done.response());
  CHECK(done.status() == fw::success);
  CHECK(done.raw == 0x8000'0000);
  CHECK(firmware::post(with.ctx, w.m, layout::sev_cmdresp_command{0x27U << 16}, 0).raw == 0x8000'0011);
  for (const firmware::command_info& one : firmware::command_table) {
    if (one.buffer_bytes != 0 || one.id == command_id::snp_init) continue;
    world fresh(with.ctx);  // the address is no address
    CHECK(firmware::execute(with.ctx, fresh.m, one.id, ~std::uint64_t{0}) != fw::invalid_address);
  }
  CHECK(static_cast<unsigned>(fw::secure_data_invalid) == 0x18);
  CHECK(static_cast<unsigned>(fw::invalid_page_size) == 0x19);
  CHECK(static_cast<unsigned>(fw::incorrect_buffer_length) == 0x30);
  // A buffer beyond the memory, and one across the compatibility SMRAM.
  CHECK(firmware::execute(with.ctx, w.m, command_id::get_id, std::uint64_t{1} << 47) == fw::invalid_address);
  CHECK(firmware::execute(with.ctx, w.m, command_id::get_id, 0x9'fffc) == fw::invalid_address);
  CHECK(firmware::execute(with.ctx, w.m, command_id::get_id, test_memory) == fw::invalid_config);
  // The trusted memory region, once there is one.
  CHECK(w.post(command_id::nop) == fw::success);
  w.buffer_at = tmr_at;
  CHECK(w.word(command_id::get_id, test_scratch) == fw::invalid_length);
  w.buffer_at = test_buffer;
  w.ready(true);
  CHECK(firmware::execute(with.ctx, w.m, command_id::get_id, tmr_at + 0xf'fff8) == fw::invalid_address);
}

TEST_CASE("ring buffer mode", "[firmware][FW-RB-01][FW-RB-03][FW-RB-04]") {
  listening with;
  world w(with.ctx);
  w.ready();
  layout::cmd_ring_buffer cmd;
  cmd.set_lo_cmd_ptr(test_scratch);
  cmd.set_lo_stat_val(test_scratch + 0x1000);
  cmd.set_hi_cmd_ptr(test_scratch + 0x2000);
  cmd.set_hi_stat_val(test_scratch + 0x3000);
  cmd.set_lo_size(1);
  cmd.set_hi_size(1);
  cmd.set_int_on_empty(true);
  w.expect({w.post(command_id::ring_buffer, cmd)});
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m).has_value());
  const auto put = [&](std::uint64_t page, unsigned index, firmware::ring_entry entry) {
    poke(w.m, page + index * 16, firmware::ring_entry_image(entry));
  };
  w.m.sp.ring->low.head = 255;  // the last entry, then the first
  put(test_scratch, 255, {.command = 0x0e});
  put(test_scratch, 0, {.command = 0x26, .continue_on_error = false});
  put(test_scratch + 0x2000, 0, {.command = 0x09, .interrupt = true});
  firmware::advance_ring(w.m, false, 1);
  firmware::advance_ring(w.m, true, 1);
  auto step = firmware::run_ring(with.ctx, w.m);
  REQUIRE(step.has_value());
  CHECK(step->high);  // first
  CHECK(step->interrupt);
  step = firmware::run_ring(with.ctx, w.m);
  CHECK(step->index == 255);
  CHECK(step->code == fw::success);
  CHECK_FALSE(step->stopped);
  step = firmware::run_ring(with.ctx, w.m);
  CHECK(step->index == 0);
  CHECK(step->code == fw::invalid_command);
  CHECK(step->stopped);
  CHECK(step->interrupt);  // both are empty
  CHECK(peek(w.m, test_scratch + 0x1000, 2) == std::vector<std::uint8_t>{0x11, 0});
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m).has_value());
  CHECK(w.post(command_id::nop) == fw::rb_mode_exited);
  CHECK_FALSE(w.m.sp.ring.has_value());
  w.expect({w.post(command_id::nop)});
  // A pair that belongs to the firmware comes back when both APIs end.
  world snp(with.ctx, true);
  snp.snp_started();
  give_page(snp.m, 0x50'0000);
  layout::cmd_ring_buffer low;
  low.set_lo_cmd_ptr(test_scratch);
  low.set_lo_stat_val(0x50'0000);
  low.set_lo_size(1);
  snp.expect({snp.post(command_id::ring_buffer, low)});
  put(test_scratch, 0, {});
  poke(snp.m, test_scratch, firmware::ring_entry_image({.command = 0x82}));
  firmware::advance_ring(snp.m, false, 1);
  CHECK(firmware::run_ring(with.ctx, snp.m)->code == fw::success);
  CHECK_FALSE(snp.m.sp.ring.has_value());
  CHECK(snp.state(0x50'0000) == rmp::page_state::reclaim);
}
