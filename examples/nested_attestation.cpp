// SPDX-License-Identifier: MIT
// A guest inside a guest proves who it is: L1's report, a key of L1's, L2's report. Then somebody tries to cheat.
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>

#include <sevspec/sevspec.hpp>
using namespace sevspec;

using chips = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
using machine = firmware::machine<chips, rmp::lazy_table, memory::asid_states<15, 1>, crypto::repeatable_random>;

/// What the AMD-SP keeps of a guest, and the report that it makes of it.
auto guest_with(std::uint8_t measured, std::uint8_t id) -> firmware::snp_guest {
  firmware::snp_guest made{.state = firmware::context_state::running, .policy = {0x3'0000}};
  made.launch_digest.fill(measured);
  made.report_id.fill(id);
  return made;
}
auto report_of(const machine& m, const firmware::snp_guest& guest, const crypto::sha512_value& data) {
  return firmware::make_report(m, guest, data, 0, false);
}

auto main() -> int {
  machine m{.memory{crypto::aes128_xex{crypto::drawn_tweak_constants(1)}, memory::sparse_dram{1 << 20}, 16},
            .rmp = rmp::lazy_table{256}};
  m.hw.chip_secret.fill(1), m.hw.chip_id.fill(2);
  const nested::attestation_nonce nonce{3, 1, 4};  // drawn by the verifier

  // L1 makes a key, and has it in its report. It launches L2 with a hash of it in HOST_DATA, and signs for L2.
  const auto k1 = crypto::p384_private_key::generate(m.random);
  const std::array<std::uint8_t, 8> setup{'l', '1', ' ', 's', 'e', 't', 'u', 'p'};
  const firmware::snp_guest l1 = guest_with(0x11, 1);
  firmware::snp_guest l2 = guest_with(0x22, 2);
  l2.host_data = nested::l2_host_data(k1.public_key(), setup);
  const nested::chain_evidence honest{.r1 = report_of(m, l1, nested::l1_report_data(k1.public_key(), nonce)),
                                      .r2 = report_of(m, l2, nested::l2_report_data(nonce)),
                                      .k1 = k1.public_key(),
                                      .over_report_id = nested::vouch_for(k1, l2.report_id)};

  // The verifier knows the chip's key from AMD's certificate, both measurements, and how L1 is to be set up.
  const auto vcek = firmware::vcek_of(firmware::endorsement_seed_of(m.hw.chip_secret, firmware::reported_tcb(m)));
  const nested::chain_expectations expected{
      .chip = {.vcek = *crypto::p384_verifier::make(vcek.public_key()), .claims = {.hardware_id = m.hw.chip_id}},
      .l1 = {.measurement = l1.launch_digest, .policy = l1.policy.raw},
      .l2 = {.measurement = l2.launch_digest, .policy = l2.policy.raw},
      .l1_policy = {setup.begin(), setup.end()},
      .nonce = nonce};

  const auto show = [&](const char* what, const std::function<void(nested::chain_evidence&)>& change) {
    context ctx;
    nested::chain_evidence shown = honest;
    change(shown);
    const auto result = nested::verify_chain(ctx, shown, expected);
    std::printf("%-24s %s\n", what, result ? "believed" : nested::text_of(result.error().why));
  };
  show("the honest chain", [](auto&) {});
  show("another L1's key", [&](auto& one) { one.k1 = crypto::p384_private_key::generate(m.random).public_key(); });
  show("an L2 of another L1", [&](auto& one) {
    firmware::snp_guest other = l2;
    other.host_data = {};
    one.r2 = report_of(m, other, nested::l2_report_data(nonce));
  });
  show("L2, launched once more", [&](auto& one) {
    firmware::snp_guest again = l2;
    again.report_id.fill(9);
    one.r2 = report_of(m, again, nested::l2_report_data(nonce));
  });
  show("yesterday's report", [&](auto& one) { one.r2 = report_of(m, l2, nested::l2_report_data({})); });
  show("a bit of L2's report", [](auto& one) { one.r2.set_guest_svn(1); });
}
