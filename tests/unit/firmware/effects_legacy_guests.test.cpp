// SPDX-License-Identifier: MIT
// What the guest commands of the legacy API change, byte by byte, and that they change nothing else.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum layout::sev_guest_state;

constexpr std::uint64_t at = 0x10'0000;
constexpr std::uint64_t vmsa_at = 0x20'0000;
const firmware::transport_keys owners_keys{{1, 2, 3}, {4, 5, 6}};

/// Puts the certificate of an owner and a session with the platform at `test_scratch`.
void put_session(world& w, std::uint32_t policy) {
  static const session_peer owner = make_peer(40);
  const firmware::sev_key nonce{7};
  const firmware::sev_key iv{9};
  const auto agreed =
      firmware::agree_on_session_keys(owner.key, *firmware::public_key_of(w.m.sp.identity.pdh.certificate), nonce);
  REQUIRE(agreed);
  poke(w.m, test_scratch, owner.certificate.bytes());
  poke(w.m, test_scratch + 0x1000, firmware::wrap_session(*agreed, owners_keys, nonce, iv, {policy}).bytes());
}
auto start_receiving(world& w, std::uint32_t policy, std::uint32_t shared = 0) -> fw {
  put_session(w, policy);
  layout::cmd_receive_start cmd;
  cmd.set_handle(shared);
  cmd.set_policy({policy});
  cmd.set_pdh_cert_paddr(test_scratch);
  cmd.set_pdh_cert_len(0x824);
  cmd.set_session_paddr(test_scratch + 0x1000);
  cmd.set_session_len(128);
  return w.post(command_id::receive_start, cmd);
}
/// The first 8 bytes of SHA-256 of 000h to FBFh.
auto checksum_of(const byte_vector& vmsa) -> std::uint64_t {
  return get_le(crypto::sha256_of(std::span{vmsa}.first(0xfc0)), 0, 8);
}
/// A VMSA as the firmware leaves it: nothing at 380h, the address of its slot at 388h.
auto with_slot(byte_vector vmsa, std::uint64_t slot) -> byte_vector {
  put_le(vmsa, 0x380, 8, 0);
  put_le(vmsa, 0x388, 8, slot);
  return vmsa;
}

}  // namespace

TEST_CASE("LAUNCH_START: a new guest's record", "[firmware][effects][FW-SEV-LST-05][FW-SEV-LST-08][FW-GST-03]") {
  listening with;
  world w(with.ctx);
  w.ready();
  check_effect(
      w, [&] { return w.launch_start(); },
      [](auto& m) {
        firmware::sev_guest made{.state = lupdate, .policy = {plain_policy}};
        made.vek = crypto::draw<32>(m.random);
        made.oek = crypto::draw<32>(m.random);
        CHECK(made.vek != made.oek);
        m.sp.guests.emplace(1, made);
        m.sp.state = layout::sev_platform_state::working;
      });
}

TEST_CASE("LAUNCH_START with another guest's handle shares its key",
          "[firmware][effects][FW-SEV-LST-05][FW-SEV-LST-09][FW-POL-02]") {
  listening with;
  world w(with.ctx);
  w.ready().launched();
  const auto image = pattern(0x1000);
  poke(w.m, at, image);
  w.expect({w.update(1)});
  check_effect(
      w, [&] { return w.launch_start(plain_policy, 1); },
      [](auto& m) {
        firmware::sev_guest made{.state = lupdate, .policy = {plain_policy}, .vek = m.sp.guests.at(1).vek};
        made.oek = crypto::draw<32>(m.random);  // pages that are swapped out are each guest's own
        m.sp.guests.emplace(2, made);
      });
  w.expect({w.activate(2, 7)});
  CHECK(peek_guest(w.m, {7}, at, 0x1000) == image);
  CHECK(key_word(w, 7) == key_word(w, 6));
  CHECK(key_word(w, 7) == key_word_of(w.m.sp.guests.at(1).vek));

  w.expect({start_receiving(w, plain_policy, 2)});
  CHECK(w.m.sp.guests.at(3).state == rupdate);
  CHECK(w.m.sp.guests.at(3).vek == w.m.sp.guests.at(1).vek);
  CHECK(w.m.sp.guests.at(3).oek != w.m.sp.guests.at(2).oek);
  CHECK(w.m.sp.guests.at(3).keys == owners_keys);

  const auto refused = [&](fw status, std::uint32_t policy, std::uint32_t shared) {
    INFO(policy << ' ' << shared);
    const auto before = w.m;
    CHECK(w.launch_start(policy, shared) == status);
    CHECK(w.m.sp == before.sp);
    CHECK(w.m.random == before.random);
  };
  refused(fw::invalid_guest, plain_policy, 4);
  refused(fw::policy_failure, plain_policy | 1, 1);
  refused(fw::policy_failure, 0x3601'0000, 1);  // a lower version is another policy, too
  w.launched(plain_policy | 2, 0);
  refused(fw::policy_failure, plain_policy | 2, 4);  // NOKS
}

TEST_CASE("LAUNCH_UPDATE_VMSA: the page, its slot and its checksum",
          "[firmware][effects][FW-SEV-LUV-01][FW-SEV-DEC-01]") {
  listening with;
  world w(with.ctx);
  w.ready(true).launched(es_policy, 1);
  const auto page = pattern(0x1000, 9);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    const std::uint64_t where = vmsa_at + slot * 0x1000;
    poke(w.m, where, page);
    const auto stored = with_slot(page, tmr_at + slot * 16);
    check_effect(
        w, [&] { return w.update(1, where, 0x1000, true); },
        [&](auto& m) {
          m.sp.guests.at(1).running.update(page);  // as supplied
          poke_guest(m, {1}, where, stored);
          m.sp.checksums[slot] = {.handle = 1, .sum = checksum_of(stored)};
        });
  }
  // A second guest's VMSA comes behind; the first guest's slots are free when it is gone.
  w.launched(es_policy, 2);
  poke(w.m, 0x30'0000, page);
  w.expect({w.update(2, 0x30'0000, 0x1000, true)});
  CHECK(w.m.sp.checksums.at(2).handle == 2);
  w.expect({w.by_handle(command_id::deactivate, 1)});
  check_effect(
      w, [&] { return w.by_handle(command_id::decommission, 1); },
      [](auto& m) {
        m.sp.guests.erase(1);
        m.sp.checksums.erase(0);
        m.sp.checksums.erase(1);
      });
  poke(w.m, 0x31'0000, page);
  w.expect({w.update(2, 0x31'0000, 0x1000, true)});
  CHECK(get_le(peek_guest(w.m, {2}, 0x31'0388, 8), 0, 8) == tmr_at);
}

TEST_CASE("RECEIVE_UPDATE: data, and VMSAs with a new slot", "[firmware][effects][FW-SEV-RUP-01][FW-SEV-RFN-01]") {
  listening with;
  world w(with.ctx);
  w.ready(true);
  w.expect({start_receiving(w, es_policy), w.activate(1, 1)});
  const auto page = pattern(0x1000, 33);
  const auto receive = [&](bool vmsa) {
    byte_vector carried = page;
    const firmware::sev_key iv{static_cast<std::uint8_t>(vmsa ? 5 : 6)};
    const auto header = firmware::seal_packet(owners_keys, firmware::data_packet(), iv, page, carried);
    poke(w.m, test_scratch + 0x8000, header.bytes());
    poke(w.m, test_scratch + 0x9000, carried);
    return w.transport(vmsa ? command_id::receive_update_vmsa : command_id::receive_update_data, 1, at);
  };
  const auto on_the_way = [&] { return peek(w.m, test_scratch + 0x8000, 0x2000); };
  check_effect(
      w, [&] { return receive(false); },
      [&](auto& m) {
        poke(m, test_scratch + 0x8000, on_the_way());
        poke_guest(m, {1}, at, page);
      });
  const auto stored = with_slot(page, tmr_at);
  check_effect(
      w, [&] { return receive(true); },
      [&](auto& m) {
        poke(m, test_scratch + 0x8000, on_the_way());
        poke_guest(m, {1}, at, stored);
        m.sp.checksums[0] = {.handle = 1, .sum = checksum_of(stored)};
      });
  check_effect(
      w, [&] { return w.by_handle(command_id::receive_finish, 1); },
      [](auto& m) {
        m.sp.guests.at(1).keys = {};
        m.sp.guests.at(1).state = running;
        m.sp.guests.at(1).slot.pending = false;
        for (std::uint32_t i = 0; i < 2; ++i) {
          m.asids.set_state({1}, {i}, memory::asid_state::in_use);
          m.asids.set_valid({1}, {i}, true);
        }
      });
}

TEST_CASE("a launch: what each command adds to the record",
          "[firmware][effects][FW-SEV-LUD-01][FW-SEV-LM-01][FW-SEV-LSC-01][FW-SEV-LF-01][FW-LD-40]") {
  listening with;
  world w(with.ctx);
  w.ready().launched();
  w.m.sp.guests.at(1).keys = owners_keys;
  const auto image = pattern(0x1830);  // not a whole number of pages
  poke(w.m, at, image);
  check_effect(
      w, [&] { return w.update(1, at, 0x1830); },
      [&](auto& m) {
        m.sp.guests.at(1).running.update(image);
        poke_guest(m, {6}, at, image);
      });
  w.m.sp.current.build = 77;
  check_effect(
      w, [&] { return w.measure(1, 64); },
      [&](auto& m) {
        auto& guest = m.sp.guests.at(1);
        const auto nonce = crypto::draw<16>(m.random);
        guest.launch_digest = crypto::sha256_of(image);
        guest.measurement =
            firmware::launch_measure(owners_keys.tik, {1, 55, 77}, {plain_policy}, guest.launch_digest, nonce);
        guest.state = lsecret;
        poke(m, test_scratch, guest.measurement);
        poke(m, test_scratch + 32, nonce);
      });
  CHECK(get_le(peek(w.m, w.buffer_at + 0x10, 4), 0, 4) == 64);  // as it was
  const auto secret = pattern(0x20, 99);
  for (const std::uint64_t where : {at + 0x10, at + 0x2000}) {  // more than once
    auto carried = secret;
    const auto header = firmware::seal_packet(owners_keys, firmware::secret_packet(w.m.sp.guests.at(1).measurement),
                                              firmware::sev_key{3}, secret, carried);
    poke(w.m, test_scratch + 0x8000, header.bytes());
    poke(w.m, test_scratch + 0x9000, carried);
    check_effect(
        w, [&] { return w.transport(command_id::launch_secret, 1, where, 0x20); },
        [&](auto& m) { poke_guest(m, {6}, where, secret); });
  }
  check_effect(
      w, [&] { return w.by_handle(command_id::launch_finish, 1); },
      [](auto& m) {
        auto& guest = m.sp.guests.at(1);
        guest.keys = {};
        guest.running = {};
        guest.state = running;
        guest.slot.pending = false;
        for (std::uint32_t i = 0; i < 2; ++i) {
          m.asids.set_state({6}, {i}, memory::asid_state::in_use);
          m.asids.set_valid({6}, {i}, true);
        }
      });
}

TEST_CASE("sending: the session, a packet, and the end",
          "[firmware][effects][FW-SEV-SST-01][FW-SEV-SUP-01][FW-SEV-SFN-01][FW-SEV-SCN-01][FW-CRY-13]") {
  listening with;
  world w(with.ctx);
  w.ready().launched();
  const auto image = pattern(0x1000);
  poke(w.m, at, image);
  w.expect({w.update(1), w.measure(1), w.by_handle(command_id::launch_finish, 1)});
  const auto quiet = w.m.sp.guests.at(1);
  w.expect({w.send_start(1)});
  CHECK(get_le(peek(w.m, w.buffer_at + 4, 4), 0, 4) == plain_policy);
  const auto sending = w.m.sp.guests.at(1);
  auto expected = quiet;
  expected.keys = sending.keys;
  expected.state = supdate;
  CHECK(sending == expected);
  CHECK(sending.keys.tek != sending.keys.tik);
  // The peer finds the keys in the session.
  static const session_peer peer = make_peer(5);
  layout::sev_session session;
  std::ranges::copy(peek(w.m, test_scratch + 0x1000, 128), session.bytes().begin());
  const auto agreed = firmware::agree_on_session_keys(
      peer.key, *firmware::public_key_of(w.m.sp.identity.pdh.certificate), session.nonce());
  REQUIRE(agreed);
  context<> plain;
  const auto opened = firmware::unwrap_session(plain, *agreed, session, {plain_policy});
  REQUIRE(opened);
  CHECK(*opened == sending.keys);

  check_effect(
      w, [&] { return w.transport(command_id::send_update_data, 1, at + 0x10, 0x40); },
      [&](auto& m) {
        const auto iv = crypto::draw<16>(m.random);
        auto carried = slice(image, 0x10, 0x40);
        const auto header = firmware::seal_packet(sending.keys, firmware::data_packet(), iv, carried, carried);
        poke(m, test_scratch + 0x8000, header.bytes());
        poke(m, test_scratch + 0x9000, carried);
      });
  auto other = w;
  check_effect(
      other, [&] { return other.by_handle(command_id::send_cancel, 1); }, [&](auto& m) { m.sp.guests.at(1) = quiet; });
  check_effect(
      w, [&] { return w.by_handle(command_id::send_finish, 1); },
      [&](auto& m) {
        m.sp.guests.at(1) = quiet;
        m.sp.guests.at(1).state = sent;
      });
}

TEST_CASE("DBG_DECRYPT and DBG_ENCRYPT: these bytes and no others", "[firmware][effects][FW-SEV-DBG-01][FW-DISP-11]") {
  listening with;
  world w(with.ctx);
  w.ready().running();
  const auto image = pattern(0x3000);
  poke_guest(w.m, {6}, at, image);
  constexpr std::uint64_t plain_at = 0x40'0000;
  constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;
  poke(w.m, plain_at, pattern(0x3000, 200));
  for (const std::uint32_t size : {0U, 0x10U, 0x1000U, 0x1230U}) {
    INFO(size);
    check_effect(
        w, [&] { return w.debug(command_id::dbg_decrypt, 1, at + 0x20, plain_at + 0x10, size); },
        [&](auto& m) { poke(m, plain_at + 0x10, slice(image, 0x20, size)); });
    const auto source = peek(w.m, plain_at + 0x40, size);
    check_effect(
        w, [&] { return w.debug(command_id::dbg_encrypt, 1, plain_at + 0x40, at + 0x30, size); },
        [&](auto& m) { poke_guest(m, {6}, at + 0x30, source); });
    poke_guest(w.m, {6}, at, image);
  }
  // The C-bit means the host's key for the plaintext, and nothing for the guest's page.
  check_effect(
      w, [&] { return w.debug(command_id::dbg_decrypt, 1, at | c_bit, plain_at | c_bit, 0x20); },
      [&](auto& m) { static_cast<void>(m.memory.write({plain_at}, memory_key::host(), slice(image, 0, 0x20))); });
  check_effect(
      w, [&] { return w.debug(command_id::dbg_encrypt, 1, plain_at | c_bit, (at + 0x100) | c_bit, 0x20); },
      [&](auto& m) { poke_guest(m, {6}, at + 0x100, slice(image, 0, 0x20)); });
}

TEST_CASE("COPY: page by page, upwards", "[firmware][effects][FW-SEV-CPY-01][FW-TWK-01]") {
  listening with;
  world w(with.ctx);
  w.ready().running();
  const auto image = pattern(0x2000);
  poke_guest(w.m, {6}, at, image);
  check_effect(
      w, [&] { return w.copy(1, at, 0x20'0000, 0x2000); }, [&](auto& m) { poke_guest(m, {6}, 0x20'0000, image); });
  check_effect(w, [&] { return w.copy(1, at, at, 0x2000); }, [](auto&) {});
  const auto first = slice(image, 0, 0x1000);
  check_effect(
      w, [&] { return w.copy(1, at, at + 0x1000, 0x2000); },  // reads what it has written
      [&](auto& m) {
        poke_guest(m, {6}, at + 0x1000, first);
        poke_guest(m, {6}, at + 0x2000, first);
      });
}

TEST_CASE("SWAP_OUT and SWAP_IN: page, entry and counter",
          "[firmware][effects][FW-SEV-SWP-01][FW-SEV-SWP-02][FW-SEV-SWP-05][FW-SEV-SWP-06]") {
  listening with;
  world w(with.ctx);
  w.ready(true).launched(es_policy, 1);
  constexpr std::uint64_t out = 0x60'0000;
  constexpr std::uint64_t told_at = 0x70'0040;
  poke(w.m, at, pattern(0x1000, 4));
  poke(w.m, vmsa_at, pattern(0x1000, 9));
  w.expect({w.update(1), w.update(1, vmsa_at, 0x1000, true)});
  w.m.sp.guests.at(1).oek_iv_count = 0x1'0000'0002;
  for (const bool vmsa : {false, true}) {
    const std::uint64_t from = vmsa ? vmsa_at : at;
    const auto contents = peek_guest(w.m, {1}, from, 0x1000);
    const std::uint64_t count = w.m.sp.guests.at(1).oek_iv_count;
    layout::cmd_swap_out cmd;
    cmd.set_handle(1);
    cmd.set_flags(layout::cmd_swap_out_flags{}.set_page_type(vmsa ? 2 : 0));
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(out);
    cmd.set_mdata_paddr(told_at);
    cmd.set_software_data(0x1122'3344'5566'7788);
    check_effect(
        w, [&] { return w.post(command_id::swap_out, cmd); },
        [&](auto& m) {
          byte_vector told(64);
          put_le(told, 0, 8, 0x1122'3344'5566'7788);
          put_le(told, 8, 8, count);
          put_le(told, 0x3c, 4, vmsa ? 4 : 0);
          std::array<std::uint8_t, 12> iv{};
          put_le(iv, 0, 8, count);
          byte_vector sealed(0x1000);
          const auto tag = crypto::aes256_gcm_seal(m.sp.guests.at(1).oek, iv, told, contents, sealed);
          std::ranges::copy(tag, told.begin() + 0x10);
          poke(m, out, sealed);
          poke(m, told_at, told);
          m.sp.guests.at(1).oek_iv_count = count + 1;
        });
    const std::uint64_t to = vmsa ? 0x21'0000 : 0x11'0000;
    check_effect(
        w, [&] { return w.swap_in(1, out, to, told_at, vmsa ? 2 : 0); },
        [&](auto& m) { poke_guest(m, {1}, to, contents); });
  }
}

TEST_CASE("GUEST_STATUS: every field, of every guest", "[firmware][effects][FW-SEV-GS-01][FW-GST-01]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const auto told = [&](std::uint32_t handle) {
    layout::cmd_guest_status cmd;
    cmd.set_handle(handle);
    cmd.set_policy({0xaaaa'aaaa});
    cmd.set_asid(0xbbbb);
    cmd.set_state(running);
    check_effect(w, [&] { return w.post(command_id::guest_status, cmd); }, [](auto&) {});
    return to_vector(cmd.bytes());
  };
  const auto status = [](std::uint32_t handle, std::uint32_t policy, std::uint32_t id, std::uint8_t state) {
    byte_vector made(layout::size_of<layout::cmd_guest_status>);
    put_le(made, 0, 4, handle);
    put_le(made, 4, 4, policy);
    put_le(made, 8, 4, id);
    made[0xc] = state;
    return made;
  };
  std::uint32_t handle = 0;
  for (const auto state : {lupdate, lsecret, running, supdate, rupdate, sent}) {
    const std::uint32_t policy = plain_policy | (handle % 2);
    w.guest_in(state, policy, 6 + handle);
    ++handle;
    CHECK(told(handle) == status(handle, policy, 5 + handle, static_cast<std::uint8_t>(state)));
    CHECK(static_cast<unsigned>(state) == std::array{1U, 2U, 3U, 4U, 5U, 6U}[handle - 1]);
  }
  w.expect({w.by_handle(command_id::deactivate, 3)});
  CHECK(told(3) == status(3, plain_policy, 0, 3));
  CHECK(told(99) == status(99, 0xaaaa'aaaa, 0xbbbb, 0));  // nobody: the rest stays
}

TEST_CASE("ATTESTATION: the report, and who signs it", "[firmware][effects][FW-SEV-ATT-01][FW-CRY-16]") {
  listening with;
  world w(with.ctx);
  w.ready().launched(plain_policy | 1);
  poke(w.m, at, pattern(0x1000));
  w.expect({w.update(1), w.measure(1)});
  layout::cmd_attestation cmd;
  cmd.set_handle(1);
  cmd.set_address(test_scratch);
  cmd.set_len(0x1000);
  cmd.set_mnonce(filled<16>(0x5a));
  byte_vector report;
  check_effect(
      w, [&] { return w.post(command_id::attestation, cmd); },
      [&](auto& m) {
        report = peek(w.m, test_scratch, 0xd0);
        poke(m, test_scratch, report);
      });
  CHECK(cmd.len() == 0xd0);
  byte_vector wanted(0x40);
  std::fill_n(wanted.begin(), 16, std::uint8_t{0x5a});
  std::ranges::copy(crypto::sha256_of(pattern(0x1000)), wanted.begin() + 0x10);
  put_le(wanted, 0x30, 4, plain_policy | 1);
  put_le(wanted, 0x34, 4, 0x1002);
  put_le(wanted, 0x38, 4, 2);
  CHECK(slice(report, 0, 0x40) == wanted);
  layout::sev_attestation_report parsed;
  std::ranges::copy(report, parsed.bytes().begin());
  const auto verifier_of = [](const firmware::certified_key& key) {
    return crypto::p384_verifier::make(*firmware::public_key_of(key.certificate));
  };
  CHECK(firmware::verify_legacy_report(parsed, *verifier_of(w.m.sp.identity.pek)).has_value());
  CHECK_FALSE(firmware::verify_legacy_report(parsed, *verifier_of(w.m.sp.identity.pdh)).has_value());
}

TEST_CASE("INVALID_LENGTH tells the length that is wanted, in the command buffer",
          "[firmware][effects][FW-DISP-05][FW-DISP-09][FW-SEV-LM-01][FW-SEV-ATT-01][FW-SEV-SST-01][FW-SEV-SUP-01]") {
  listening with;
  world w(with.ctx);
  w.ready();
  const auto length_at = [&](std::size_t offset) { return get_le(peek(w.m, w.buffer_at + offset, 4), 0, 4); };
  w.launched();
  CHECK(w.measure(1, 47) == fw::invalid_length);
  CHECK(length_at(0x10) == 48);
  w.expect({w.measure(1), w.by_handle(command_id::launch_finish, 1)});
  CHECK(w.attest(1, 0xcf) == fw::invalid_length);
  CHECK(length_at(0x20) == 0xd0);
  CHECK(w.send_start(1, 127) == fw::invalid_length);
  CHECK(length_at(0x40) == 128);
  w.expect({w.send_start(1)});
  CHECK(w.transport(command_id::send_update_data, 1, at, 0x1000, 51) == fw::invalid_length);
  CHECK(length_at(0x10) == 52);
  // Another error leaves the buffer as it was.
  CHECK(w.measure(1, 47) == fw::invalid_guest_state);
  CHECK(length_at(0x10) == 47);
}
