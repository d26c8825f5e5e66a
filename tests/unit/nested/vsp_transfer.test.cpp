// SPDX-License-Identifier: MIT
// Through a virtual AMD-SP: guests that move, owners' secrets, swapped pages, reports, all core complexes; and what is
// refused. Each command is held against the same one without nesting, or against the keys that the AMD-SP has.
#include <cstdint>
#include <span>
#include <vector>

#include <support/vsp_world.hpp>

#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t session_at = l1_scratch + 0x1000;
constexpr std::uint64_t header_at = l1_scratch + 0x2000;
constexpr std::uint64_t packet_at = l1_scratch + 0x3000;

auto pattern(std::uint8_t seed, std::size_t size = 4096) -> bytes {
  bytes made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(seed + 7 * i);
  return made;
}

struct two_l1s {
  listening heard;
  nested_host host{heard.ctx};
  nested_driver a{host, 0};
  nested_driver b{host, 1};

  [[nodiscard]] auto real_guest(const nested_driver& d, std::uint32_t handle) -> firmware::sev_guest& {
    return host.physical.m.sp.guests.at(host.l0.handles.real_of(d.v.who, {handle}).value().value);
  }
  [[nodiscard]] auto forwarded() const -> std::uint64_t {
    return heard.heard.nested[nested::event_kind::psp_forwarded];
  }
};

/// A guest with one page and, with SEV-ES, a VMSA after it; in state LSECRET.
auto measured(driver& d, std::uint32_t policy, std::uint32_t id) -> std::uint32_t {
  std::uint32_t handle = 0;
  const bool es = policy == es_policy;
  world::expect({d.init(es), d.flush(false), d.launch_start(policy, handle), d.activate(handle, id)});
  d.store(l1_pages, pattern(3));
  world::expect({d.update(handle, l1_pages, 4096)});
  if (es) {
    d.store(l1_pages + 0x1000, pattern(9));
    world::expect({d.update(handle, l1_pages + 0x1000, 4096, true)});
  }
  bytes told;
  world::expect({d.measure(handle, told)});
  return handle;
}
auto running(driver& d, std::uint32_t policy, std::uint32_t id) -> std::uint32_t {
  const std::uint32_t handle = measured(d, policy, id);
  world::expect({d.by_handle(command_id::launch_finish, handle)});
  return handle;
}

auto send_start(driver& d, std::uint32_t handle, std::span<const std::uint8_t> receiver) -> fw {
  d.store(l1_scratch, receiver);
  layout::cmd_send_start cmd;
  cmd.set_handle(handle);
  cmd.set_pdh_cert_paddr(l1_scratch);
  cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
  cmd.set_session_paddr(session_at);
  cmd.set_session_len(128);
  return d.post(command_id::send_start, cmd);
}
auto transport(driver& d, command_id id, std::uint32_t handle, std::uint64_t guest, std::uint32_t size = 4096) -> fw {
  layout::cmd_transport cmd;
  cmd.set_handle(handle);
  cmd.set_hdr_paddr(header_at);
  cmd.set_hdr_len(52);
  cmd.set_guest_paddr(guest);
  cmd.set_guest_len(size);
  cmd.set_trans_paddr(packet_at);
  cmd.set_trans_len(size);
  return d.post(id, cmd);
}

}  // namespace

TEST_CASE("a guest without SEV-SNP moves from one L1 to another", "[nested][NEST-VSP-33][NEST-VSP-16][NEST-VSP-09]") {
  two_l1s worlds;
  nested_driver& from = worlds.a;
  nested_driver& to = worlds.b;
  const std::uint32_t sent = running(from, es_policy, 2);
  world::expect({to.init(true), to.flush(false)});
  const auto& pdh = worlds.host.physical.m.sp.identity.pdh.certificate;  // both have the chip's (NEST-VSP-14)
  const auto before = worlds.forwarded();
  world::expect({send_start(from, sent, pdh.bytes())});
  CHECK(worlds.forwarded() == before + 1);
  world::expect({from.by_handle(command_id::send_cancel, sent)});
  CHECK(worlds.real_guest(from, sent).state == layout::sev_guest_state::running);
  world::expect({send_start(from, sent, pdh.bytes())});
  CHECK(worlds.real_guest(from, sent).state == layout::sev_guest_state::supdate);
  CHECK(from.v.sp.guests.at(sent).state == layout::sev_guest_state::supdate);

  to.store(l1_scratch, pdh.bytes());
  to.store(session_at, from.load(session_at, 128));
  layout::cmd_receive_start cmd;
  cmd.set_policy({es_policy});
  cmd.set_pdh_cert_paddr(l1_scratch);
  cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
  cmd.set_session_paddr(session_at);
  cmd.set_session_len(128);
  cmd.set_policy({es_policy | 1U});  // not what the sender says: its session's MAC covers the policy
  CHECK(to.post(command_id::receive_start, cmd) == fw::bad_measurement);
  CHECK(to.v.sp.guests.empty());
  cmd.set_policy({es_policy});
  REQUIRE(to.post(command_id::receive_start, cmd) == fw::success);
  const std::uint32_t handle = cmd.handle();
  CHECK(to.v.sp.guests.at(handle).state == layout::sev_guest_state::rupdate);
  world::expect({to.activate(handle, 3)});

  const auto carry = [&](std::uint64_t where, bool state, bool spoilt) {
    const auto send = state ? command_id::send_update_vmsa : command_id::send_update_data;
    world::expect({transport(from, send, sent, where)});
    to.store(header_at, from.load(header_at, 52));
    auto packet = from.load(packet_at, 4096);
    CHECK(packet != pattern(state ? 9 : 3));  // encrypted
    if (spoilt) packet[77] ^= 1;
    to.store(packet_at, packet);
    return transport(to, state ? command_id::receive_update_vmsa : command_id::receive_update_data, handle, where);
  };
  CHECK(carry(l1_pages, false, true) == fw::bad_measurement);
  CHECK(carry(l1_pages, false, false) == fw::success);
  CHECK(carry(l1_pages + 0x1000, true, false) == fw::success);
  CHECK(to.load_guest(3, l1_pages, 4096) == pattern(3));
  CHECK(from.load_guest(2, l1_pages, 4096) == pattern(3));
  const std::uint32_t real = worlds.host.l0.handles.real_of(to.v.who, {handle}).value().value;
  CHECK(firmware::is_vmsa_of(worlds.host.physical.m, real, to.load_guest(3, l1_pages + 0x1000, 4096)));
  CHECK(worlds.real_guest(from, sent).vek != worlds.real_guest(to, handle).vek);
  // Names are each L1's own: what a calls its guest, b does not know.
  CHECK(transport(to, command_id::receive_update_data, handle + 7, l1_pages) == fw::invalid_guest);
  // A range that is two on the machine cannot be passed on in pieces: a packet has one MAC.
  CHECK(transport(to, command_id::receive_update_data, handle, l1_pages + 0xff0, 0x20) == fw::invalid_address);
  world::expect({from.by_handle(command_id::send_finish, sent), to.by_handle(command_id::receive_finish, handle)});
  CHECK(worlds.real_guest(from, sent).state == layout::sev_guest_state::sent);
  CHECK(worlds.real_guest(to, handle).state == layout::sev_guest_state::running);
  CHECK(send_start(from, sent, pdh.bytes()) == fw::invalid_guest_state);
  CHECK(to.by_handle(command_id::receive_finish, handle) == fw::invalid_guest_state);
}

TEST_CASE("the owner's secret reaches the guest, and nobody else's does", "[nested][NEST-VSP-16][NES-SP-02]") {
  two_l1s worlds;
  const std::uint32_t handle = measured(worlds.a, plain_policy, 8);
  const auto& guest = worlds.real_guest(worlds.a, handle);
  const bytes secret = pattern(99, 0x20);
  auto carried = secret;
  const auto header =
      firmware::seal_packet(guest.keys, firmware::secret_packet(guest.measurement), crypto::block{4}, secret, carried);
  worlds.a.store(header_at, header.bytes());
  worlds.a.store(packet_at, carried);
  CHECK(transport(worlds.a, command_id::launch_secret, handle, l1_pages + 0x2000, 0x20) == fw::success);
  CHECK(worlds.a.load_guest(8, l1_pages + 0x2000, 0x20) == secret);
  CHECK(worlds.a.load(l1_pages + 0x2000, 0x20) != secret);
  carried[0] ^= 1;  // by L1 or by L0: the buffer lies in the open
  worlds.a.store(packet_at, carried);
  CHECK(transport(worlds.a, command_id::launch_secret, handle, l1_pages + 0x2000, 0x20) == fw::bad_measurement);
  CHECK(worlds.a.load_guest(8, l1_pages + 0x2000, 0x20) == secret);
  CHECK(transport(worlds.a, command_id::launch_secret, handle + 1, l1_pages + 0x2000, 0x20) == fw::invalid_guest);
  CHECK(transport(worlds.a, command_id::launch_secret, handle, l1_pages + 0xff0, 0x20) == fw::invalid_address);
  world::expect({worlds.a.by_handle(command_id::launch_finish, handle)});
  CHECK(transport(worlds.a, command_id::launch_secret, handle, l1_pages + 0x2000, 0x20) == fw::invalid_guest_state);
}

TEST_CASE("pages of guests without SEV-SNP are swapped", "[nested][NEST-VSP-16][NEST-VSP-10]") {
  two_l1s worlds;
  const std::uint32_t handle = running(worlds.a, plain_policy, 8);
  constexpr std::uint64_t swapped = l1_scratch + 0x4000, notes = l1_scratch + 0x6040, back = l1_pages + 0x5000;
  layout::cmd_swap_out out;
  out.set_handle(handle);
  out.set_src_paddr(l1_pages);
  out.set_dst_paddr(swapped);
  out.set_mdata_paddr(notes);
  const auto before = worlds.forwarded();
  CHECK(worlds.a.post(command_id::swap_out, out) == fw::success);
  CHECK(worlds.forwarded() == before + 1);
  CHECK(worlds.a.load(swapped, 4096) != pattern(3));
  layout::cmd_swap_in in;
  in.set_handle(handle);
  in.set_src_paddr(swapped);
  in.set_dst_paddr(back);
  in.set_mdata_paddr(notes);
  CHECK(worlds.a.post(command_id::swap_in, in) == fw::success);
  CHECK(worlds.a.load_guest(8, back, 4096) == pattern(3));
  auto spoilt = worlds.a.load(swapped, 4096);
  spoilt[5] ^= 1;
  worlds.a.store(swapped, spoilt);
  CHECK(worlds.a.post(command_id::swap_in, in) == fw::bad_measurement);
  in.set_handle(handle + 1);
  CHECK(worlds.a.post(command_id::swap_in, in) == fw::invalid_guest);
  std::uint32_t second = 0, of_b = 0;
  world::expect({worlds.b.init(), worlds.b.flush(false), worlds.b.launch_start(plain_policy, of_b),
                 worlds.a.launch_start(plain_policy, second)});
  REQUIRE(second != of_b);
  out.set_handle(second);  // a's guest is no guest of b's
  CHECK(worlds.b.post(command_id::swap_out, out) == fw::invalid_guest);
}

TEST_CASE("the report of a guest without SEV-SNP is the AMD-SP's", "[nested][NEST-VSP-11][NEST-VSP-16]") {
  two_l1s worlds;
  direct_driver machine{worlds.heard.ctx};
  const auto report_of = [&](driver& d, std::uint32_t handle, fw& told) {
    layout::cmd_attestation cmd;
    cmd.set_handle(handle);
    cmd.set_address(l1_scratch);
    cmd.set_len(layout::size_of<layout::sev_attestation_report>);
    told = d.post(command_id::attestation, cmd);
    layout::sev_attestation_report made;
    std::ranges::copy(d.load(l1_scratch, made.bytes().size()), made.bytes().begin());
    return made;
  };
  const std::uint32_t here = running(worlds.a, plain_policy, 8);
  fw told{};
  std::uint32_t early = 0;
  world::expect({worlds.a.launch_start(plain_policy, early)});
  const auto before = worlds.forwarded();
  (void)report_of(worlds.a, early, told);
  CHECK(told == fw::invalid_guest_state);  // not before it is measured
  CHECK(worlds.forwarded() == before);
  const std::uint32_t there = running(machine, plain_policy, 8);
  const auto ours = report_of(worlds.a, here, told);
  CHECK(told == fw::success);
  const auto theirs = report_of(machine, there, told);
  CHECK(told == fw::success);
  CHECK(std::ranges::equal(ours.launch_digest(), theirs.launch_digest()));
  CHECK(ours.policy().raw == theirs.policy().raw);
  const auto& pek = worlds.host.physical.m.sp.identity.pek.certificate;
  const auto verifier = crypto::p384_verifier::make(firmware::public_key_of(pek).value());
  REQUIRE(verifier.has_value());
  CHECK(firmware::verify_legacy_report(ours, *verifier).has_value());
  (void)report_of(worlds.a, early + 1, told);
  CHECK(told == fw::invalid_guest);
}

TEST_CASE("SNP_ACTIVATE_EX is for L1's core complexes, and holds on all of the machine's", "[nested][NEST-VSP-08]") {
  two_l1s worlds;
  world::expect({worlds.a.post(command_id::snp_init), worlds.a.flush(true), worlds.a.snp_start()});
  const auto activate = [&](std::vector<std::uint32_t> apic_ids, std::uint32_t id) {
    bytes list(apic_ids.size() * 4);
    for (std::size_t i = 0; i < apic_ids.size(); ++i) layout::write_le(list.data() + 4 * i, apic_ids[i]);
    worlds.a.store(l1_scratch, list);
    layout::cmd_snp_activate_ex cmd;
    cmd.set_ex_len(32);
    cmd.set_gctx_paddr(l1_context);
    cmd.set_asid(id);
    cmd.set_numids(static_cast<std::uint32_t>(apic_ids.size()));
    cmd.set_ids_paddr(l1_scratch);
    return worlds.a.post(command_id::snp_activate_ex, cmd);
  };
  const auto before = worlds.forwarded();
  CHECK(activate({77}, 3) != fw::success);  // no core of L1's
  CHECK(worlds.forwarded() == before);      // checks come first, and on what L1 sees (NEST-VSP-02)
  CHECK(worlds.host.l0.asids.size() == 0);
  CHECK(activate({0}, 3) == fw::success);
  CHECK(worlds.forwarded() == before + 1);
  const asid real = worlds.host.l0.asids.real_of(worlds.a.v.who, asid{3}).value();
  for (const std::uint32_t complex : {0U, 1U})
    CHECK(worlds.host.physical.m.asids.state_of(real, {complex}) == memory::asid_state::allocated);
  CHECK(worlds.a.v.asids.state_of(asid{3}, {1}) != memory::asid_state::allocated);  // as L1 asked
  world::expect({worlds.a.snp_update(l1_pages, 0x1000, 3), worlds.a.snp_finish()});
}

TEST_CASE("commands that are the virtual AMD-SP's own business reach no other", "[nested][NES-CNT-01][NEST-VSP-14]") {
  two_l1s worlds;
  world::expect({worlds.a.init(), worlds.a.flush(false)});
  layout::cmd_platform_status status;
  world::expect({worlds.a.post(command_id::platform_status, status)});
  CHECK(worlds.a.post(command_id::ring_buffer) != fw::success);
  CHECK(worlds.forwarded() == 0);
  std::uint32_t handle = 0;
  world::expect({worlds.a.launch_start(plain_policy, handle)});
  CHECK(worlds.forwarded() == 1);
  world::expect({worlds.a.activate(handle, 8)});
  CHECK(worlds.forwarded() == 2);
  worlds.a.store(l1_pages, pattern(3, 0x3000));
  world::expect({worlds.a.update(handle, l1_pages, 0x3000)});
  CHECK(worlds.forwarded() == 5);  // three pages that are no neighbours on the machine
  CHECK(worlds.a.by_handle(command_id::launch_finish, handle) != fw::success);  // not measured yet
  CHECK(worlds.forwarded() == 5);
}
