// SPDX-License-Identifier: MIT
// Several L1s with a virtual AMD-SP each on one machine: what each sees, and what the machine does.
#include <cstdint>
#include <string>
#include <vector>

#include <support/vsp_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto bytes_for(std::uint8_t seed, std::size_t size = 4096) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(seed + 7 * i);
  return made;
}

/// A guest without SEV-SNP, measured; its launch digest as its AMD-SP has it.
auto launch_legacy(driver& d, std::uint32_t policy, std::uint32_t id, std::vector<std::uint8_t>& told)
    -> std::uint32_t {
  std::uint32_t handle = 0;
  world::expect({d.init(policy == es_policy), d.flush(false), d.launch_start(policy, handle), d.activate(handle, id)});
  d.store(l1_pages, bytes_for(3, 0x5000));
  d.store(l1_large + 0x1000, bytes_for(5, 0x3000));
  world::expect({d.update(handle, l1_pages + 0x10, 0x4020), d.update(handle, l1_large + 0x1000, 0x3000)});
  if (policy == es_policy) {
    d.store(l1_pages + 0x8000, bytes_for(9));
    world::expect({d.update(handle, l1_pages + 0x8000, 4096, true)});
  }
  world::expect({d.measure(handle, told)});
  return handle;
}

struct two_l1s {
  listening heard;
  nested_host host{heard.ctx};
  nested_driver a{host, 0};
  nested_driver b{host, 1};

  [[nodiscard]] auto real_guest(const nested_driver& d, std::uint32_t handle) -> firmware::sev_guest& {
    return host.physical.m.sp.guests.at(host.l0.handles.real_of(d.v.who, {handle}).value().value);
  }
  [[nodiscard]] auto real_context(const nested_driver& d, std::uint64_t page) -> firmware::snp_guest& {
    return host.physical.m.sp.contexts.at(host.l0.contexts.real_of(d.v.who, gpa{page}).value().value);
  }
};

}  // namespace

TEST_CASE("guests without SEV-SNP are measured as they are without nesting",
          "[nested][NEST-VSP-11][NEST-VSP-16][NEST-VSP-09]") {
  for (const std::uint32_t policy : {plain_policy, es_policy}) {
    const std::uint32_t id = policy == es_policy ? 2 : 8;
    two_l1s worlds;
    direct_driver machine{worlds.heard.ctx};
    std::vector<std::uint8_t> there;
    std::vector<std::uint8_t> here;
    const std::uint32_t theirs = launch_legacy(machine, policy, id, there);
    const std::uint32_t ours = launch_legacy(worlds.a, policy, id, here);
    const auto& expected = machine.m.sp.guests.at(theirs);
    const auto& guest = worlds.real_guest(worlds.a, ours);
    CHECK(guest.launch_digest == expected.launch_digest);
    CHECK(worlds.a.v.sp.guests.at(ours).launch_digest == expected.launch_digest);
    // MEASURE is the AMD-SP's: with its nonce and its key.
    const firmware::firmware_version own{1, 55, 15};
    const auto nonce = firmware::array_of<16>(here, 32);
    CHECK(firmware::launch_measure(guest.keys.tik, own, guest.policy, guest.launch_digest, nonce) ==
          firmware::array_of<32>(here));
    CHECK(worlds.a.load_guest(id, l1_pages + 0x20, 0x3fd0) == machine.load_guest(id, l1_pages + 0x20, 0x3fd0));
    // The machine's page states are as before.
    for (std::uint64_t i = 0; i < 8; ++i)
      CHECK(rmp::state_of(worlds.a.real_entry(l1_pages + i * 0x1000)) == rmp::page_state::hypervisor);
  }
}

TEST_CASE("an L1 sees its own guests, ASIDs and states alone", "[nested][NEST-VSP-01][NES-SP-03][NEST-VSP-16]") {
  two_l1s worlds;
  std::vector<std::uint8_t> told;
  const auto other = worlds.b.v;
  const std::uint32_t of_a = launch_legacy(worlds.a, plain_policy, 9, told);
  CHECK(worlds.b.v == other);
  layout::cmd_platform_status status;
  CHECK(worlds.b.post(command_id::platform_status, status) == fw::success);
  CHECK(static_cast<unsigned>(status.state()) == 0U);
  CHECK(status.guest_count() == 0U);
  const std::uint32_t of_b = launch_legacy(worlds.b, plain_policy, 9, told);
  CHECK(of_a == of_b);  // each counts for itself
  CHECK(worlds.real_guest(worlds.a, of_a).vek != worlds.real_guest(worlds.b, of_b).vek);
  layout::cmd_guest_status one;
  CHECK(worlds.b.guest_status(of_b, one) == fw::success);
  CHECK(one.asid() == 9U);
  const asid real_a = worlds.host.l0.asids.real_of(worlds.a.v.who, asid{9}).value();
  const asid real_b = worlds.host.l0.asids.real_of(worlds.b.v.who, asid{9}).value();
  CHECK(real_a != real_b);
  // A handle that b has not: whoever else has it.
  CHECK(worlds.b.by_handle(command_id::decommission, of_b + 1) == fw::invalid_guest);
  std::uint32_t shared = of_b + 1;
  CHECK(worlds.b.launch_start(plain_policy, shared) == fw::invalid_guest);
  CHECK(worlds.b.post(command_id::shutdown) == fw::success);
  CHECK(worlds.host.physical.m.sp.guests.size() == 1);  // a's
  CHECK(worlds.a.guest_status(of_a, one) == fw::success);
  CHECK_FALSE(worlds.host.l0.asids.real_of(worlds.b.v.who, asid{9}).has_value());
}

TEST_CASE("vSNP_INIT builds L1's table, not the machine's", "[nested][NEST-VSP-01]") {
  two_l1s worlds;
  world::expect({worlds.a.post(command_id::snp_init), worlds.a.flush(true), worlds.a.snp_start(),
                 worlds.a.snp_activate(l1_context, 2), worlds.a.snp_update(l1_pages, 0x1000, 2)});
  const auto table = worlds.host.physical.m.rmp;
  world::expect({worlds.b.post(command_id::snp_init), worlds.b.flush(true)});
  CHECK(worlds.host.physical.m.rmp == table);
  CHECK(worlds.b.post(command_id::snp_shutdown) == fw::success);
  CHECK(worlds.host.physical.m.rmp == table);
  CHECK(worlds.host.physical.m.sp.snp_state == layout::snp_platform_state::init);
}

TEST_CASE("L1 flushes what it knows of, L0 what there is", "[nested][NEST-VSP-06][NEST-VSP-07]") {
  two_l1s worlds;
  world::expect({worlds.a.init(), worlds.a.flush(false)});
  std::uint32_t handle = 0;
  world::expect({worlds.a.launch_start(plain_policy, handle), worlds.a.activate(handle, 8)});
  std::vector<std::uint8_t> told;
  world::expect({worlds.a.measure(handle, told), worlds.a.by_handle(command_id::launch_finish, handle),
                 worlds.a.by_handle(command_id::deactivate, handle)});
  CHECK(worlds.a.activate(handle, 8) == fw::dfflush_required);
  CHECK(worlds.a.post(command_id::df_flush) == fw::wbinvd_required);
  CHECK(worlds.a.activate(handle, 9) == fw::success);  // another of L1's; the machine's is a clean one, too
  world::expect({worlds.a.by_handle(command_id::deactivate, handle), worlds.a.flush(false)});
  CHECK(worlds.a.activate(handle, 8) == fw::success);
}

TEST_CASE("an ASID of L1's stands for one of the machine's when it is in use, on all core complexes",
          "[nested][NEST-VSP-04][NEST-VSP-08]") {
  two_l1s worlds;
  world::expect({worlds.a.init(), worlds.a.flush(false)});
  std::uint32_t handle = 0;
  world::expect({worlds.a.launch_start(plain_policy, handle)});
  nested::vsp_host& l0 = worlds.host.l0;
  CHECK(l0.asids.size() == 0);
  layout::cmd_activate_ex cmd;
  cmd.set_ex_len(24);
  cmd.set_handle(handle);
  cmd.set_asid(7);
  cmd.set_numids(1);
  cmd.set_ids_paddr(l1_scratch);
  worlds.a.store(l1_scratch, std::vector<std::uint8_t>(4));  // core complex 0 alone
  REQUIRE(worlds.a.post(command_id::activate_ex, cmd) == fw::success);
  CHECK(l0.asids.size() == 1);
  const auto real = l0.asids.real_of(worlds.a.v.who, asid{7});
  REQUIRE(real.has_value());
  CHECK(real->value >= 6);  // as 7 is to L1: of a guest without SEV-ES
  for (const std::uint32_t complex : {0U, 1U})
    CHECK(worlds.host.physical.m.asids.state_of(*real, {complex}) == memory::asid_state::allocated);
}

TEST_CASE("two guests of different L1s never have one ASID of the machine", "[nested][NEST-VSP-07][NEST-VSP-05]") {
  two_l1s worlds;
  world::expect({worlds.a.init(), worlds.a.flush(false), worlds.b.init(), worlds.b.flush(false)});
  unsigned bound = 0;
  for (std::uint32_t i = 6; i <= 15; ++i) {
    for (nested_driver* const d : {&worlds.a, &worlds.b}) {
      std::uint32_t handle = 0;
      world::expect({d->launch_start(plain_policy, handle)});
      const fw done = d->activate(handle, i);
      CHECK(done == (bound < 10 ? fw::success : fw::resource_limit));  // 10 ASIDs without SEV-ES
      if (done == fw::success) ++bound;
      else CHECK(d->v.sp.guests.at(handle).slot.id == host_asid);
    }
  }
  CHECK(worlds.host.l0.asids.size() == 10);
}

TEST_CASE("the chip's identity is shown, and is not L1's to change", "[nested][NEST-VSP-14]") {
  two_l1s worlds;
  world::expect({worlds.a.init()});
  worlds.host.physical.m.sp.identity.pdh.certificate.bytes()[0x500] ^= 1;  // to be known again
  layout::cmd_get_id cmd;
  cmd.set_address(l1_scratch);
  cmd.set_len(64);
  world::expect({worlds.a.post(command_id::get_id, cmd)});
  CHECK(worlds.a.load(l1_scratch, 64) == std::vector<std::uint8_t>(worlds.host.physical.m.hw.legacy_ids[0].begin(),
                                                                   worlds.host.physical.m.hw.legacy_ids[0].end()));
  layout::cmd_pdh_cert_export pdh;
  pdh.set_pdh_cert_paddr(l1_scratch);
  pdh.set_pdh_cert_len(firmware::sev_cert_bytes);
  pdh.set_cert_chain_paddr(l1_scratch + 0x1800);
  pdh.set_cert_chain_len(firmware::sev_chain_bytes);
  world::expect({worlds.a.post(command_id::pdh_cert_export, pdh)});
  const auto& real = worlds.host.physical.m.sp.identity.pdh.certificate;
  CHECK(worlds.a.load(l1_scratch, firmware::sev_cert_bytes) ==
        std::vector<std::uint8_t>(real.bytes().begin(), real.bytes().end()));
  const auto identity = worlds.host.physical.m.sp.identity;
  CHECK(worlds.a.post(command_id::pek_gen) == fw::unsupported);
  CHECK(worlds.a.post(command_id::pdh_gen) == fw::unsupported);
  CHECK(worlds.host.physical.m.sp.identity == identity);
}

TEST_CASE("no keys leave the guest: NOSEND holds, and debugging needs the guest's policy",
          "[nested][NEST-VSP-33][NEST-VSP-16]") {
  two_l1s worlds;
  world::expect({worlds.a.init(), worlds.a.flush(false)});
  std::vector<std::uint8_t> told;
  for (const bool open : {true, false}) {
    const std::uint32_t policy = open ? plain_policy : plain_policy | 1U | 1U << 3;  // NODBG, NOSEND
    std::uint32_t handle = 0;
    world::expect({worlds.a.launch_start(policy, handle), worlds.a.activate(handle, open ? 8U : 9U)});
    worlds.a.store(l1_pages, bytes_for(1, 0x2000));
    world::expect({worlds.a.update(handle, l1_pages, 0x2000), worlds.a.measure(handle, told),
                   worlds.a.by_handle(command_id::launch_finish, handle)});
    const fw debugged = worlds.a.debug(command_id::dbg_decrypt, handle, l1_pages + 0xf00, l1_scratch, 0x200);
    CHECK(debugged == (open ? fw::success : fw::policy_failure));
    if (open) {
      const auto all = bytes_for(1, 0x2000);
      CHECK(worlds.a.load(l1_scratch, 0x200) == std::vector<std::uint8_t>(all.begin() + 0xf00, all.begin() + 0x1100));
    }
    static const session_peer peer = make_peer(5);
    worlds.a.store(l1_scratch, peer.certificate.bytes());
    layout::cmd_send_start send;
    send.set_handle(handle);
    send.set_pdh_cert_paddr(l1_scratch);
    send.set_pdh_cert_len(firmware::sev_cert_bytes);
    send.set_session_paddr(l1_scratch + 0x1000);
    send.set_session_len(128);
    CHECK(worlds.a.post(command_id::send_start, send) == (open ? fw::success : fw::policy_failure));
    if (!open) continue;
    layout::cmd_transport packet;
    packet.set_handle(handle);
    packet.set_hdr_paddr(l1_scratch + 0x2000);
    packet.set_hdr_len(52);
    packet.set_guest_paddr(l1_pages + 0x100);
    packet.set_guest_len(0x100);
    packet.set_trans_paddr(l1_scratch + 0x3000);
    packet.set_trans_len(0x100);
    CHECK(worlds.a.post(command_id::send_update_data, packet) == fw::success);
    CHECK(worlds.a.load(l1_scratch + 0x3000, 0x100) != std::vector<std::uint8_t>(0x100));
    packet.set_guest_paddr(l1_pages + 0xf80);  // across pages that are no neighbours on the machine
    CHECK(worlds.a.post(command_id::send_update_data, packet) == fw::invalid_address);
    CHECK(worlds.a.by_handle(command_id::send_finish, handle) == fw::success);
    CHECK(worlds.real_guest(worlds.a, handle).state == layout::sev_guest_state::sent);
  }
}

TEST_CASE("when an L1 is gone nothing of it is left on the machine", "[nested][NEST-VSP-29]") {
  two_l1s worlds;
  world::expect({worlds.a.post(command_id::snp_init), worlds.a.flush(true), worlds.a.snp_start(),
                 worlds.a.snp_activate(l1_context, 2), worlds.a.snp_update(l1_pages, 0x1000, 2),
                 worlds.a.snp_finish()});
  REQUIRE(nested::tear_down(worlds.heard.ctx, worlds.host.l0, worlds.host.physical.m, worlds.a.v));
  CHECK(worlds.host.physical.m.sp.contexts.empty());
  CHECK(worlds.host.l0.asids.size() == 0);
  CHECK(worlds.host.l0.contexts.size() == 0);
  CHECK(std::ranges::count(worlds.host.l0.pages.taken, true) == 0);
  CHECK(rmp::state_of(worlds.a.real_entry(l1_pages)) == rmp::page_state::hypervisor);
  for (std::uint32_t i = 1; i <= 15; ++i) CHECK(firmware::pages_with(worlds.host.physical.m, asid{i}) == 0);
}
